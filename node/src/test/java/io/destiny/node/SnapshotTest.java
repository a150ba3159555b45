package io.destiny.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Input.SnapshotEvent;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Command;
import io.destiny.node.toy.Eventually;
import io.destiny.node.toy.ToyCluster;
import io.destiny.node.toy.ToyMessage;
import io.destiny.node.toy.ToyProtocol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state goes from one replica to another, chunk by chunk. */
class SnapshotTest {
  private static final byte[] PART = "the protocol's own".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private static Effect execute(long position, String line) {
    byte[] operation = line.getBytes(StandardCharsets.UTF_8);
    return new Effect.Execute(position, 0, List.of(new Command(1, position, operation)));
  }

  /** Has five lines and a snapshot of them at slot 10; sends its chunks to whoever asks. */
  private static void give(Input input, Step step, String lastLine) {
    switch (input) {
      case Input.Started s -> {
        for (int i = 1; i <= 4; i++) {
          step.emit(execute(i, "line " + i));
        }
        step.emit(execute(5, lastLine));
        step.emit(new Effect.TakeSnapshot(10, List.of(List.of(PART))));
        step.emit(execute(6, "too late"));
      }
      case Input.Received r -> {
        step.emit(new Effect.ReadChunks(0, 10, 0, 0, 1 << 20));
        step.emit(new Effect.ReadChunks(1, 10, 1, 0, 1));
      }
      case Input.Snapshot(SnapshotEvent.ChunksRead read) -> {
        for (byte[] chunk : read.chunks()) {
          step.emit(new Effect.Send(1, ToyMessage.large("chunk", read.job(), chunk)));
        }
        if (read.job() == 1) {
          step.emit(new Effect.Send(1, ToyMessage.large("end", 0, new byte[0])));
        }
      }
      default -> {}
    }
  }

  /** Has a line of its own, asks for the snapshot, installs it, and goes on. */
  private static void take(Input input, Step step) {
    switch (input) {
      case Input.Started s -> {
        step.emit(execute(1, "mine"));
        step.emit(new Effect.BeginInstall(10));
      }
      case Input.Executed e -> step.emit(new Effect.Send(0, ToyMessage.small("ask", 0)));
      case Input.Received(int from, ToyMessage m) when m.kind().equals("chunk") ->
          step.emit(new Effect.InstallChunk(10, (int) m.sequence(), m.body()));
      case Input.Received r -> step.emit(new Effect.FinishInstall(10));
      default -> {}
    }
  }

  private static ToyProtocol giver(String lastLine) {
    return new ToyProtocol((input, step) -> give(input, step, lastLine));
  }

  @Test
  void anInstalledSnapshotIsInForceAndSurvivesARestart() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 2);
    ToyProtocol taker = new ToyProtocol(SnapshotTest::take);
    List<String> cut = List.of("line 1", "line 2", "line 3", "line 4", "line 5");
    try (ToyReplica a = ToyReplica.start(cluster, 0, giver("line 5"))) {
      Eventually.until("the line after the cut", () -> a.machine.lines().size() == 6);
      try (ToyReplica b = ToyReplica.start(cluster, 1, taker)) {
        Eventually.until(
            "the installation", () -> !taker.snapshots(SnapshotEvent.Installed.class).isEmpty());
        assertThat(b.machine.lines()).isEqualTo(cut);
      }
    }
    ToyProtocol again = ToyProtocol.silent();
    try (ToyReplica b = ToyReplica.start(cluster, 1, again)) {
      Eventually.until("the start", () -> !again.inputs(Input.Started.class).isEmpty());
      assertThat(b.machine.lines()).isEqualTo(cut);
      Input.SavedCheckpoint saved = again.inputs(Input.Started.class).getFirst().checkpoint();
      assertThat(saved.slot()).isEqualTo(10);
      assertThat(saved.parts().getFirst().getFirst()).isEqualTo(PART);
    }
  }

  @Test
  void aSnapshotThatTheApplicationRefusesChangesNothing() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 2);
    ToyProtocol taker = new ToyProtocol(SnapshotTest::take);
    try (ToyReplica a = ToyReplica.start(cluster, 0, giver("poison"));
        ToyReplica b = ToyReplica.start(cluster, 1, taker)) {
      Eventually.until(
          "the refusal", () -> !taker.snapshots(SnapshotEvent.InstallFailed.class).isEmpty());
      assertThat(b.machine.lines()).containsExactly("mine");
      assertThat(b.store.checkpoints().slots()).isEmpty();
      assertThat(a.node.stopped()).isNotDone();
    }
  }

  @Test
  void anInstallationThatACrashCutsShortLeavesTheOldState() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 1);
    ToyProtocol half =
        new ToyProtocol(
            (input, step) -> {
              if (input instanceof Input.Started) {
                step.emit(execute(1, "old"));
                step.emit(new Effect.TakeSnapshot(5, List.of()));
                step.emit(new Effect.BeginInstall(10));
                step.emit(new Effect.InstallChunk(10, 0, new byte[] {0}));
                step.emit(new Effect.ReadChunks(1, 5, 0, 0, 1));
              }
            });
    try (ToyReplica a = ToyReplica.start(cluster, 0, half)) {
      // reads come after the chunk was staged
      Eventually.until("the read", () -> !half.snapshots(SnapshotEvent.ChunksRead.class).isEmpty());
      assertThat(a.node.stopped()).isNotDone();
    }
    ToyProtocol again = new ToyProtocol((input, step) -> {});
    try (ToyReplica a = ToyReplica.start(cluster, 0, again)) {
      assertThat(a.machine.lines()).containsExactly("old");
      assertThat(a.store.checkpoints().slots()).containsExactly(5L);
    }
  }

  @Test
  void readsAreBoundedAndOfWhatIsGoneEmpty() throws IOException {
    ToyProtocol reader =
        new ToyProtocol(
            (input, step) -> {
              if (input instanceof Input.Started) {
                for (int i = 1; i <= 6; i++) {
                  step.emit(execute(i, "line " + i));
                }
                step.emit(new Effect.TakeSnapshot(10, List.of(List.of(PART))));
                step.emit(new Effect.ReadChunks(1, 10, 0, 0, 1 << 20));
                step.emit(new Effect.ReadChunks(2, 10, 0, 1, 1));
                step.emit(new Effect.ReadChunks(3, 10, 0, 3, 1 << 20));
                step.emit(new Effect.ReadChunks(4, 10, 2, 0, 1 << 20));
                step.emit(new Effect.ReadChunks(5, 11, 0, 0, 1 << 20));
                step.emit(new Effect.TakeSnapshot(20, List.of()));
                step.emit(new Effect.DropSnapshots(20));
                step.emit(new Effect.ReadChunks(6, 10, 0, 0, 1 << 20));
                step.emit(new Effect.ReadChunks(7, 20, 0, 0, 1 << 20));
              }
            });
    try (ToyReplica a = ToyReplica.start(new ToyCluster(folder, 1), 0, reader)) {
      Eventually.until(
          "all reads", () -> reader.snapshots(SnapshotEvent.ChunksRead.class).size() == 7);
      assertThat(reader.snapshots(SnapshotEvent.ChunksRead.class))
          .extracting(read -> read.job() + ":" + read.chunks().size())
          .containsExactly("1:3", "2:1", "3:0", "4:0", "5:0", "6:0", "7:3");
      assertThat(a.store.checkpoints().slots()).containsExactly(20L);
    }
  }
}
