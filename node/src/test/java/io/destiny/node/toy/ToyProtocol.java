package io.destiny.node.toy;

import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Digest;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** Does what a test tells it to, and remembers what it was told by the world. */
public final class ToyProtocol implements Protocol {
  private final BiConsumer<Input, Step> behaviour;
  private final boolean remembers;
  private final List<Input> inputs = new CopyOnWriteArrayList<>();

  public ToyProtocol(BiConsumer<Input, Step> behaviour) {
    this(behaviour, true);
  }

  private ToyProtocol(BiConsumer<Input, Step> behaviour, boolean remembers) {
    this.behaviour = behaviour;
    this.remembers = remembers;
  }

  /** One that does not remember its inputs, to measure with. */
  public static ToyProtocol forgetful(BiConsumer<Input, Step> behaviour) {
    return new ToyProtocol(behaviour, false);
  }

  /** One that only listens. */
  public static ToyProtocol silent() {
    return new ToyProtocol((input, step) -> {});
  }

  @Override
  public void on(Input input, Step step) {
    if (remembers) {
      inputs.add(input);
    }
    behaviour.accept(input, step);
  }

  @Override
  public Status status() {
    TreeMap<String, Long> views = new TreeMap<>();
    views.put("O", 3L);
    return new Status(views, 7, 8, 9, Digest.of(new byte[0]), 0, 0, false);
  }

  /** All inputs of this kind so far. */
  public <T extends Input> List<T> inputs(Class<T> kind) {
    return inputs.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Messages received so far. */
  public List<Message> received() {
    return inputs(Input.Received.class).stream().map(Input.Received::message).toList();
  }

  public long received(String kind) {
    return received().stream().filter(message -> message.kind().equals(kind)).count();
  }

  /** Snapshot events of this kind so far. */
  public <T extends Input.SnapshotEvent> List<T> snapshots(Class<T> kind) {
    return inputs(Input.Snapshot.class).stream()
        .map(Input.Snapshot::event)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }
}
