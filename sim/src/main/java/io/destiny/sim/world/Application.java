package io.destiny.sim.world;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.SnapshotSource;
import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The thread of a replica's application: one thing after the other. */
final class Application {
  /** A snapshot on its way in. */
  private static final class Installation {
    final long slot;
    final SnapshotSink sink;
    final List<byte[]> application = new ArrayList<>();
    final List<List<byte[]>> parts = new ArrayList<>();
    boolean refused;

    Installation(long slot, SnapshotSink sink) {
      this.slot = slot;
      this.sink = sink;
    }

    void add(int part, byte[] chunk) {
      if (part == 0) {
        application.add(chunk);
        try {
          sink.accept(chunk);
        } catch (IllegalArgumentException refusal) {
          refused = true;
        }
        return;
      }
      while (parts.size() < part) {
        parts.add(new ArrayList<>());
      }
      parts.get(part - 1).add(chunk);
    }
  }

  private final Life life;
  private final StateMachine machine;
  private final Processor processor;
  private @Nullable Installation installation;

  Application(Life life, StateMachine machine, Processor processor) {
    this.life = life;
    this.machine = machine;
    this.processor = processor;
  }

  StateMachine machine() {
    return machine;
  }

  /** After all that was asked for before. */
  private void enqueue(Runnable action) {
    processor.execute(List.of(), action);
  }

  void load(Disk.Saved snapshot) {
    SnapshotSink sink = machine.restore();
    snapshot.application().forEach(sink::accept);
    sink.finish();
  }

  void execute(Effect.Execute e) {
    processor.execute(
        e.commands(),
        () -> {
          List<byte[]> results = machine.apply(e.position(), e.timeMillis(), e.commands());
          life.turn(new Input.Executed(e.position(), results));
        });
  }

  void take(Effect.TakeSnapshot e) {
    enqueue(
        () -> {
          SnapshotSource source = machine.snapshot();
          Disk.Saved saved = Disk.Saved.of(e.slot(), source, e.parts());
          life.turn(new Input.Snapshot(new Input.SnapshotEvent.Taken(e.slot(), source.digests())));
          life.host().disk.begin(saved);
          processor.snapshot(
              () -> {
                life.host().disk.save(saved);
                life.turn(new Input.Snapshot(new Input.SnapshotEvent.Durable(e.slot())));
              });
        });
  }

  void read(Effect.ReadChunks e) {
    enqueue(
        () -> {
          Disk.Saved saved = life.host().disk.snapshot(e.slot());
          List<byte[]> chunks = new ArrayList<>();
          if (saved != null) {
            List<byte[]> part = saved.part(e.part());
            long bytes = 0;
            for (int i = e.first(); i >= 0 && i < part.size(); i++) {
              bytes += part.get(i).length;
              if (bytes > e.maxBytes() && !chunks.isEmpty()) {
                break;
              }
              chunks.add(part.get(i));
            }
          }
          life.turn(new Input.Snapshot(new Input.SnapshotEvent.ChunksRead(e.job(), chunks)));
        });
  }

  void begin(long slot) {
    enqueue(() -> installation = new Installation(slot, machine.restore()));
  }

  void install(Effect.InstallChunk e) {
    enqueue(
        () -> {
          Installation i = installation;
          if (i != null && i.slot == e.slot()) {
            i.add(e.part(), e.chunk());
          }
        });
  }

  void finish(long slot) {
    enqueue(() -> processor.snapshot(() -> install(slot)));
  }

  private void install(long slot) {
    Installation i = installation;
    installation = null;
    if (i == null || i.slot != slot || i.refused || !inForce(i)) {
      life.turn(new Input.Snapshot(new Input.SnapshotEvent.InstallFailed(slot)));
      return;
    }
    life.host().disk.save(new Disk.Saved(slot, i.application, i.parts));
    life.turn(new Input.Snapshot(new Input.SnapshotEvent.Installed(slot)));
  }

  private static boolean inForce(Installation i) {
    try {
      i.sink.finish();
      return true;
    } catch (IllegalArgumentException refusal) {
      return false;
    }
  }
}
