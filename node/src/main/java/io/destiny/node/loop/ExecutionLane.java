package io.destiny.node.loop;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.SnapshotSource;
import io.destiny.core.app.StateMachine;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Digest;
import io.destiny.node.storage.CheckpointStore;
import io.destiny.node.storage.Manifest;
import io.destiny.node.storage.StorageException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;

/**
 * The one thread that drives the application, in the order of the effects: batches, cuts,
 * installations.
 */
final class ExecutionLane {
  private final StateMachine application;
  private final Inbox inbox;
  private final Failure failure;
  private final ExecutorService executor;
  private final CheckpointLane checkpoints;

  ExecutionLane(
      StateMachine application, CheckpointStore store, Inbox inbox, ThreadStarter threads) {
    this.application = application;
    this.inbox = inbox;
    this.failure = threads.failure();
    this.executor = threads.lane("execution");
    this.checkpoints = new CheckpointLane(store, inbox, threads);
  }

  /** Queues one of the effects that concern the application or its checkpoints. */
  void submit(Effect effect) {
    executor.execute(failure.guard(() -> carryOut(effect)));
  }

  private void carryOut(Effect effect) throws Exception {
    switch (effect) {
      case Effect.Execute execute -> apply(execute);
      case Effect.TakeSnapshot take -> {
        SnapshotSource source = application.snapshot();
        tell(new Input.SnapshotEvent.Taken(take.slot(), List.copyOf(source.digests())));
        checkpoints.run(() -> checkpoints.save(take, source));
      }
      case Effect.DropSnapshots drop -> checkpoints.run(() -> checkpoints.dropBelow(drop.below()));
      case Effect.ReadChunks read -> checkpoints.run(() -> checkpoints.read(read));
      case Effect.BeginInstall begin -> checkpoints.run(() -> checkpoints.begin(begin.slot()));
      case Effect.InstallChunk chunk -> checkpoints.run(() -> checkpoints.stage(chunk));
      case Effect.FinishInstall finish -> install(finish.slot());
      default -> throw new IllegalArgumentException("not for the application: " + effect);
    }
  }

  private void tell(Input.SnapshotEvent event) {
    inbox.own(new Input.Snapshot(event));
  }

  private void apply(Effect.Execute execute) {
    List<byte[]> results =
        application.apply(execute.position(), execute.timeMillis(), execute.commands());
    if (results.size() != execute.commands().size()) {
      throw new IllegalStateException(
          "the application gave %d results for %d commands"
              .formatted(results.size(), execute.commands().size()));
    }
    inbox.own(new Input.Executed(execute.position(), results));
  }

  /** Waits for the checkpoint thread, which never waits for this one. */
  private <T> T ask(Callable<T> task) throws Exception {
    try {
      return checkpoints.ask(task).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /**
   * First durable, then in force: a crash leaves the old state or the new one. An application that
   * refuses the chunks keeps what it had.
   */
  private void install(long slot) throws Exception {
    Manifest manifest = ask(() -> checkpoints.staged(slot));
    if (manifest == null) {
      tell(new Input.SnapshotEvent.InstallFailed(slot));
      return;
    }
    SnapshotSink sink = application.restore();
    try {
      for (Digest digest : manifest.parts().getFirst()) {
        sink.accept(ask(() -> checkpoints.chunk(digest)));
      }
    } catch (IllegalArgumentException e) {
      refuse(slot, checkpoints::abandon);
      return;
    }
    ask(done(() -> checkpoints.commitStaged(manifest)));
    try {
      sink.finish();
    } catch (IllegalArgumentException e) {
      refuse(slot, () -> checkpoints.drop(slot));
      return;
    }
    tell(new Input.SnapshotEvent.Installed(slot));
  }

  private void refuse(long slot, Undo undo) throws Exception {
    ask(done(undo));
    tell(new Input.SnapshotEvent.InstallFailed(slot));
  }

  private interface Undo {
    void run() throws StorageException;
  }

  private static Callable<Boolean> done(Undo task) {
    return () -> {
      task.run();
      return true;
    };
  }

  void close() {
    ThreadStarter.close(executor);
    checkpoints.close();
  }
}
