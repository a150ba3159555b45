package io.destiny.sim.fault;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.trusted.ThreshSign;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Two replicas on one host that share its keys and its trusted subsystem, if the model has one
 * (reliability.md §4.2, T-A and T-C): the first talks to replicas with even numbers, the second to
 * the others. Both hold that they are the only one. The second has an application of its own and no
 * disk.
 */
final class Twin implements Protocol {
  private static final long SECOND_TIMER = 1L << 62;
  private static final long SECOND_JOB = 1L << 46;

  private final Settings settings;
  private final Protocol first;
  private final Protocol second;
  private final StateMachine application;
  private final @Nullable ThreshSign clone;
  private final @Nullable TwinLinks links;
  private final Injected injected;

  /** What the second is told about its own application, after its turn. */
  private final ArrayDeque<Input> own = new ArrayDeque<>();

  /**
   * @param clone the second's own trusted subsystem with the same keys, which is outside the model;
   *     null: they share the host's
   * @param links to the twins on other hosts, where they know of each other; null: they do not
   */
  Twin(
      Settings settings,
      Function<Settings, Protocol> protocol,
      StateMachine application,
      @Nullable ThreshSign clone,
      @Nullable TwinLinks links,
      Injected injected) {
    this.settings = settings;
    this.first = protocol.apply(settings);
    this.second = protocol.apply(settings);
    this.application = application;
    this.clone = clone;
    this.links = links;
    this.injected = injected;
  }

  private static boolean ofFirst(int peer) {
    return peer % 2 == 0;
  }

  @Override
  public Status status() {
    return first.status();
  }

  @Override
  public void on(Input input, Step step) {
    injected.count(Behaviour.TWIN.word());
    switch (input) {
      case Input.Started s -> both(input, step);
      case Input.Submitted s -> both(input, step);
      case Input.Received r -> {
        if (links != null && links.has(r.from())) {
          ofTwin(links.next(r.from(), settings.self()), r.from(), step);
        } else if (ofFirst(r.from())) {
          first(input, step);
        } else {
          second(input, step);
        }
      }
      case Input.Fired f -> {
        if ((f.timer().subject() & SECOND_TIMER) == 0) {
          first(input, step);
        } else {
          second(new Input.Fired(timer(f.timer(), -SECOND_TIMER)), step);
        }
      }
      case Input.Computed c -> {
        if ((c.job() & SECOND_JOB) == 0) {
          first(input, step);
        } else {
          second(new Input.Computed(c.job() - SECOND_JOB, c.result()), step);
        }
      }
      case Input.Executed e -> first(input, step);
      case Input.Snapshot s -> first(input, step);
    }
  }

  private void ofTwin(TwinLinks.@Nullable Said said, int from, Step step) {
    if (said != null && said.byFirst()) {
      first(new Input.Received(from, said.message()), step);
    } else if (said != null) {
      second(new Input.Received(from, said.message()), step);
    }
  }

  private void both(Input input, Step step) {
    first(input, step);
    second(input, step);
  }

  private void first(Input input, Step step) {
    first.on(input, new Half(step, true));
  }

  private void second(Input input, Step step) {
    second.on(input, new Half(step, false));
    while (!own.isEmpty()) {
      second.on(own.remove(), new Half(step, false));
    }
  }

  private static TimerKey timer(TimerKey key, long shift) {
    return new TimerKey(key.instance(), key.kind(), key.subject() + shift);
  }

  /** The second's effects that the host does not carry out for it. */
  private void emulate(Effect effect) {
    switch (effect) {
      case Effect.Execute e ->
          own.add(
              new Input.Executed(
                  e.position(), application.apply(e.position(), e.timeMillis(), e.commands())));
      case Effect.TakeSnapshot t -> {
        SnapshotSource source = application.snapshot();
        own.add(snapshot(new Input.SnapshotEvent.Taken(t.slot(), source.digests())));
        own.add(snapshot(new Input.SnapshotEvent.Durable(t.slot())));
      }
      case Effect.ReadChunks r ->
          own.add(snapshot(new Input.SnapshotEvent.ChunksRead(r.job(), List.of())));
      case Effect.FinishInstall f ->
          own.add(snapshot(new Input.SnapshotEvent.InstallFailed(f.slot())));
      default -> {}
    }
  }

  private static Input snapshot(Input.SnapshotEvent event) {
    return new Input.Snapshot(event);
  }

  /** The step of one of the two. */
  private final class Half implements Step {
    private final Step step;
    private final boolean isFirst;

    Half(Step step, boolean isFirst) {
      this.step = step;
      this.isFirst = isFirst;
    }

    @Override
    public long now() {
      return step.now();
    }

    @Override
    public long wallMillis() {
      return step.wallMillis();
    }

    @Override
    public RandomGenerator random() {
      return step.random();
    }

    @Override
    public void emit(Effect effect) {
      switch (effect) {
        case Effect.Send s -> send(s);
        case Effect.Broadcast b -> {
          for (int to = 0; to < settings.n(); to++) {
            if (to != settings.self()) {
              send(new Effect.Send(to, b.message()));
            }
          }
        }
        default -> {
          if (isFirst) {
            step.emit(effect);
          } else {
            ofSecond(effect);
          }
        }
      }
    }

    private void send(Effect.Send s) {
      if (links != null && links.has(s.to())) {
        links.sent(settings.self(), s.to(), new TwinLinks.Said(isFirst, s.message()));
        step.emit(s);
      } else if (ofFirst(s.to()) == isFirst) {
        step.emit(s);
      }
    }

    private void ofSecond(Effect effect) {
      switch (effect) {
        case Effect.StartTimer t ->
            step.emit(new Effect.StartTimer(timer(t.timer(), SECOND_TIMER), t.delayNanos()));
        case Effect.StopTimer t -> step.emit(new Effect.StopTimer(timer(t.timer(), SECOND_TIMER)));
        case Effect.Compute c -> step.emit(new Effect.Compute(c.job() + SECOND_JOB, c.work()));
        case Effect.Cancel c -> step.emit(new Effect.Cancel(c.job() + SECOND_JOB));
        case Effect.Trusted t -> {
          if (clone == null) {
            step.emit(new Effect.Trusted(t.job() + SECOND_JOB, t.call()));
          } else {
            own.add(new Input.Computed(t.job(), clone.call(List.of(t.call())).getFirst()));
          }
        }
        case Effect.Answer a -> step.emit(a);
        default -> emulate(effect);
      }
    }
  }
}
