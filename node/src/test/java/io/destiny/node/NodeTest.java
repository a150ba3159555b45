package io.destiny.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.InvariantViolation;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.node.loop.HaltException;
import io.destiny.node.storage.StorageException;
import io.destiny.node.toy.Certificates;
import io.destiny.node.toy.Eventually;
import io.destiny.node.toy.ToyCluster;
import io.destiny.node.toy.ToyMessage;
import io.destiny.node.toy.ToyProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes on loopback: real gRPC, TLS and RocksDB. */
class NodeTest {
  private static final TimerKey TIMER = new TimerKey(0, TimerKind.BATCH, 0);

  @TempDir private Path folder;

  private static Effect send(int to, String kind, long number) {
    return new Effect.Send(to, ToyMessage.small(kind, number));
  }

  private static Effect persist(long slot) {
    return new Effect.Persist(
        List.of(new LogRecord(0, slot, 1, 0, new byte[] {(byte) slot})), false);
  }

  private static Effect execute(long position, String line) {
    byte[] operation = line.getBytes(StandardCharsets.UTF_8);
    return new Effect.Execute(position, 0, List.of(new Command(1, position, operation)));
  }

  private static BiConsumer<Input, Step> atStart(Effect... effects) {
    return (input, step) -> {
      if (input instanceof Input.Started) {
        List.of(effects).forEach(step::emit);
      }
    };
  }

  @Test
  void messagesArriveInOrderOnBothLanesWhicheverNodeStartsFirst() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 2);
    byte[] batch = new byte[300_000];
    ToyProtocol talker =
        new ToyProtocol(
            (input, step) -> {
              if (input instanceof Input.Received) {
                for (int i = 0; i < 500; i++) {
                  step.emit(new Effect.Broadcast(ToyMessage.small("small", i)));
                }
                for (int i = 0; i < 10; i++) {
                  step.emit(new Effect.Send(1, ToyMessage.large("large", i, batch)));
                }
              }
            });
    ToyProtocol listener = new ToyProtocol(atStart(send(0, "begin", 0)));
    try (ToyReplica b = ToyReplica.start(cluster, 1, listener);
        ToyReplica a = ToyReplica.start(cluster, 0, talker)) {
      Eventually.until("all messages", () -> listener.received().size() == 510);
      assertThat(listener.received().stream().filter(m -> m.kind().equals("small")))
          .extracting(m -> m.sequence())
          .isEqualTo(LongStream.range(0, 500).boxed().toList());
      assertThat(listener.received().stream().filter(m -> m.kind().equals("large")))
          .extracting(m -> m.sequence())
          .isEqualTo(LongStream.range(0, 10).boxed().toList());
      assertThat(a.node.status().executed()).isEqualTo(7);
      Eventually.until("both lanes back", () -> b.node.connectedPeers() == 1);
    }
  }

  @Test
  void nothingLeavesBeforeTheDiskHasIt() throws Exception {
    ToyCluster cluster = new ToyCluster(folder, 2);
    ToyProtocol listener = ToyProtocol.silent();
    TrustedCall call = new TrustedCall.IndependentShare(0, 0, 5, Digest.of(new byte[0]));
    ToyProtocol writer =
        new ToyProtocol(
            (input, step) -> {
              if (input instanceof Input.Received(int from, var message)) {
                step.emit(persist(message.sequence()));
                step.emit(new Effect.StartTimer(TIMER, 0));
                step.emit(send(from, "promise", message.sequence()));
                step.emit(new Effect.Trusted(7, call));
                step.emit(execute(1, "a line"));
              }
            });
    try (ToyReplica a = startHeld(cluster, writer);
        ToyReplica b = ToyReplica.start(cluster, 1, new ToyProtocol(talkThenListen(listener)))) {
      Eventually.until("the write", () -> a.store.writes.get() == 1);
      // timers do not wait for the disk, all else does
      Eventually.until("the timer", () -> !writer.inputs(Input.Fired.class).isEmpty());
      assertThat(a.trusted.read(0, 0)).isZero();
      assertThat(a.machine.lines()).isEmpty();
      assertThat(listener.received()).isEmpty();

      a.store.release();
      Eventually.until("the promise", () -> listener.received("promise") == 1);
      Eventually.until("the share", () -> !writer.inputs(Input.Computed.class).isEmpty());
      assertThat(writer.inputs(Input.Computed.class).getFirst().result())
          .isInstanceOf(Result.Shared.class);
      Eventually.until("the execution", () -> !writer.inputs(Input.Executed.class).isEmpty());
      assertThat(a.machine.lines()).containsExactly("a line");
      assertThat(b.node.stopped()).isNotDone();
    }
  }

  private static ToyReplica startHeld(ToyCluster cluster, ToyProtocol protocol) throws IOException {
    ToyReplica replica = ToyReplica.start(cluster, 0, protocol);
    replica.store.hold();
    return replica;
  }

  private static BiConsumer<Input, Step> talkThenListen(ToyProtocol listener) {
    return (input, step) -> {
      listener.on(input, step);
      if (input instanceof Input.Started) {
        step.emit(send(0, "ask", 1));
      }
    };
  }

  @Test
  void afterAFailedWriteTheReplicaStopsAndHasPromisedNothing() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 2);
    ToyProtocol listener = ToyProtocol.silent();
    ToyProtocol writer =
        new ToyProtocol(
            (input, step) -> {
              if (input instanceof Input.Received) {
                step.emit(persist(1));
                step.emit(send(1, "promise", 1));
              }
            });
    try (ToyReplica a = ToyReplica.start(cluster, 0, writer)) {
      a.store.breakDown();
      try (ToyReplica b = ToyReplica.start(cluster, 1, new ToyProtocol(talkThenListen(listener)))) {
        assertThatThrownBy(() -> a.node.stopped().get(20, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .cause()
            .isInstanceOf(StorageException.class)
            .hasMessage("the disk is gone");
        assertThat(listener.received()).isEmpty();
        assertThat(b.node.stopped()).isNotDone();
      }
    }
  }

  @Test
  void aBrokenRuleOrAHaltStopsTheReplica() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 1);
    ToyProtocol broken =
        new ToyProtocol(
            (input, step) -> {
              throw new InvariantViolation("two and two are four");
            });
    try (ToyReplica a = ToyReplica.start(cluster, 0, broken)) {
      assertThatThrownBy(() -> a.node.stopped().get(20, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(InvariantViolation.class);
    }
    ToyProtocol halted = new ToyProtocol(atStart(new Effect.Halt("doubt")));
    try (ToyReplica a = ToyReplica.start(cluster, 0, halted)) {
      assertThatThrownBy(() -> a.node.stopped().get(20, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(HaltException.class)
          .hasRootCauseMessage("doubt");
    }
  }

  @Test
  void aRestartBringsBackTheLogAndTheNewestCheckpoint() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 1);
    List<List<byte[]>> parts = List.of(List.of(new byte[] {1}, new byte[] {2}), List.of());
    ToyProtocol first =
        new ToyProtocol(
            atStart(
                persist(1),
                persist(2),
                persist(3),
                execute(1, "one"),
                execute(2, "two"),
                execute(3, "three"),
                new Effect.TakeSnapshot(64, parts),
                execute(4, "after the cut")));
    List<Digest> application;
    try (ToyReplica a = ToyReplica.start(cluster, 0, first)) {
      Eventually.until(
          "the snapshot", () -> !first.snapshots(Input.SnapshotEvent.Durable.class).isEmpty());
      application = first.snapshots(Input.SnapshotEvent.Taken.class).getFirst().application();
      assertThat(a.node.stopped()).isNotDone();
    }
    ToyProtocol second = new ToyProtocol(atStart(new Effect.Forget(0, 2)));
    try (ToyReplica a = ToyReplica.start(cluster, 0, second)) {
      Eventually.until("the start", () -> !second.inputs(Input.Started.class).isEmpty());
      Input.Started started = second.inputs(Input.Started.class).getFirst();
      assertThat(started.records()).extracting(LogRecord::slot).containsExactly(1L, 2L, 3L);
      assertThat(started.checkpoint().slot()).isEqualTo(64);
      assertThat(started.checkpoint().application()).isEqualTo(application);
      assertThat(started.checkpoint().parts()).hasSize(2);
      assertThat(started.checkpoint().parts().getFirst().get(1)).containsExactly(2);
      assertThat(started.counters().read(0, 0)).isZero();
      assertThat(a.machine.lines()).containsExactly("one", "two", "three");
    }
    ToyProtocol third = ToyProtocol.silent();
    try (ToyReplica a = ToyReplica.start(cluster, 0, third)) {
      Eventually.until("the start", () -> !third.inputs(Input.Started.class).isEmpty());
      assertThat(third.inputs(Input.Started.class).getFirst().records())
          .extracting(LogRecord::slot)
          .containsExactly(3L);
      assertThat(a.node.stopped()).isNotDone();
    }
  }

  @Test
  void aFolderOrAPortThatIsTakenIsOneClearSentence() throws IOException {
    ToyCluster cluster = new ToyCluster(folder, 2);
    try (ToyReplica a = ToyReplica.start(cluster, 0, ToyProtocol.silent())) {
      assertThatThrownBy(() -> ToyReplica.start(cluster, 0, ToyProtocol.silent()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("the data folder ")
          .hasMessageContaining("cannot be opened");
      assertThat(a.node.stopped()).isNotDone();
    }
    try (ServerSocket taken =
        new ServerSocket(cluster.port(1), 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> ToyReplica.start(cluster, 1, ToyProtocol.silent()))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(
              "cannot listen for replicas on 127.0.0.1:" + taken.getLocalPort());
    }
    // and what failed to start left nothing behind
    try (ToyReplica b = ToyReplica.start(cluster, 1, ToyProtocol.silent())) {
      assertThat(b.node.stopped()).isNotDone();
    }
  }

  @Test
  void anUnreadableCertificateIsRefusedAtTheStart() {
    ToyCluster cluster = new ToyCluster(folder, 1);
    cluster.replace(0, new Certificates(new byte[10], new byte[10], new byte[32]));
    assertThatThrownBy(() -> ToyReplica.start(cluster, 0, ToyProtocol.silent()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("TLS certificate or key cannot be used");
  }

  @Test
  void timersFireOnceInOrderAndARestartedOneLater() throws IOException {
    TimerKey other = new TimerKey(1, TimerKind.FETCH, 3);
    ToyProtocol protocol =
        new ToyProtocol(
            atStart(
                new Effect.StartTimer(TIMER, 1_000_000),
                new Effect.StartTimer(other, 1_000_000),
                new Effect.StartTimer(TIMER, 1_000_000),
                new Effect.StartTimer(new TimerKey(2, TimerKind.FETCH, 0), 1_000_000),
                new Effect.StopTimer(new TimerKey(2, TimerKind.FETCH, 0))));
    try (ToyReplica a = ToyReplica.start(new ToyCluster(folder, 1), 0, protocol)) {
      Eventually.until("both timers", () -> protocol.inputs(Input.Fired.class).size() == 2);
      assertThat(protocol.inputs(Input.Fired.class))
          .containsExactly(new Input.Fired(other), new Input.Fired(TIMER));
      assertThat(a.node.stopped()).isNotDone();
    }
  }
}
