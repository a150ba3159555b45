package io.destiny.sim.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.toy.ToyCodec;
import io.destiny.sim.toy.ToyProtocol;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Every check fires on a hand-made bad trace, and only then. */
class ChecksTest {
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  private static void fires(String rule, ThrowingCallable bad) {
    assertThatThrownBy(bad)
        .isInstanceOfSatisfying(Violation.class, v -> assertThat(v.rule()).isEqualTo(rule));
  }

  private static Effect ordered(int instance, long slot, long position, int commands) {
    return new Effect.Note(new Effect.Event.Ordered(instance, slot, position, commands));
  }

  @Test
  void twoReplicasWithOtherSlotsAtOnePlace() {
    AgreementCheck check = new AgreementCheck();
    check.effect(0, 1, ordered(1, 1, 1, 5));
    assertThatCode(() -> check.effect(1, 1, ordered(1, 1, 1, 5))).doesNotThrowAnyException();
    fires("agreement", () -> check.effect(2, 1, ordered(2, 1, 1, 5)));
  }

  @Test
  void twoReplicasWithOtherBatchesInOneSlot() {
    AgreementCheck check = new AgreementCheck();
    check.effect(0, 1, ordered(1, 1, 1, 5));
    fires("agreement", () -> check.effect(1, 1, ordered(1, 1, 1, 6)));
  }

  @Test
  void oneSlotAtTwoPlaces() {
    AgreementCheck check = new AgreementCheck();
    check.effect(0, 1, ordered(1, 1, 1, 5));
    fires("agreement", () -> check.effect(1, 1, ordered(1, 1, 2, 5)));
  }

  @Test
  void slotsOfAnInstanceOutOfOrder() {
    AgreementCheck check = new AgreementCheck();
    check.effect(0, 1, ordered(1, 2, 1, 5));
    fires("order", () -> check.effect(0, 2, ordered(1, 1, 2, 5)));
  }

  private static Effect.Execute execute(long position, long timestamp, String operation) {
    return new Effect.Execute(
        position, 0, List.of(new Command(7, timestamp, operation.getBytes(UTF_8))));
  }

  @Test
  void twoReplicasApplyOtherCommands() {
    ExecutionCheck check = new ExecutionCheck();
    check.released(0, 1, execute(1, 1, "a"));
    assertThatCode(() -> check.released(1, 1, execute(1, 1, "a"))).doesNotThrowAnyException();
    fires("order", () -> check.released(2, 1, execute(1, 1, "b")));
  }

  @Test
  void aReplicaAppliesAPlaceTwice() {
    ExecutionCheck check = new ExecutionCheck();
    check.released(0, 1, execute(1, 1, "a"));
    fires("order", () -> check.released(0, 2, execute(1, 1, "a")));
    check.started(0);
    assertThatCode(() -> check.released(0, 3, execute(1, 1, "a"))).doesNotThrowAnyException();
  }

  @Test
  void aRequestTakesEffectTwice() {
    ExecutionCheck check = new ExecutionCheck();
    check.released(0, 1, execute(1, 1, "a"));
    fires("once", () -> check.released(0, 2, execute(2, 1, "a")));
  }

  @Test
  void twoReplicasHaveOtherResults() {
    ExecutionCheck check = new ExecutionCheck();
    check.input(0, new Input.Executed(1, List.of("x".getBytes(UTF_8))));
    fires("results", () -> check.input(1, new Input.Executed(1, List.of("y".getBytes(UTF_8)))));
  }

  @Test
  void twoReplicasHaveOtherStatesAtACheckpoint() {
    ExecutionCheck check = new ExecutionCheck();
    check.input(0, new Input.Snapshot(new Input.SnapshotEvent.Taken(4, List.of(A))));
    fires(
        "state",
        () -> check.input(1, new Input.Snapshot(new Input.SnapshotEvent.Taken(4, List.of(B)))));
  }

  @Test
  void twoReplicasHaveOtherPartsInACheckpoint() {
    ExecutionCheck check = new ExecutionCheck();
    check.released(0, 1, new Effect.TakeSnapshot(4, List.of(List.of(new byte[] {1}))));
    check.released(1, 1, new Effect.TakeSnapshot(4, List.of(List.of(new byte[] {1}))));
    fires(
        "state",
        () -> check.released(2, 1, new Effect.TakeSnapshot(4, List.of(List.of(new byte[] {2})))));
  }

  private static final Result SHARED = new Result.Shared(new Share(0, new byte[48]), new byte[64]);

  @Test
  void aCounterSignsTwoMessagesAtOneValue() {
    CounterCheck check = new CounterCheck();
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 5, A), SHARED);
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 5, A), SHARED);
    check.trusted(1, new TrustedCall.IndependentShare(0, 0, 5, B), SHARED);
    check.trusted(
        0,
        new TrustedCall.IndependentShare(0, 0, 5, B),
        new Result.Refused(Result.Refusal.COUNTER, 5));
    fires("counter", () -> check.trusted(0, new TrustedCall.IndependentShare(0, 0, 5, B), SHARED));
  }

  @Test
  void aCounterFalls() {
    CounterCheck check = new CounterCheck();
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 5, A), SHARED);
    fires("counter", () -> check.trusted(0, new TrustedCall.IndependentShare(0, 0, 4, B), SHARED));
  }

  @Test
  void somethingLeavesBeforeWhatWasPersistedIsDurable() {
    DurabilityCheck check = new DurabilityCheck((replica, instance, slot, view) -> true);
    Effect send = new Effect.DropSnapshots(0);
    check.effect(0, 1, new Effect.Persist(List.of(), false));
    check.effect(0, 2, send);
    check.effect(1, 1, new Effect.Persist(List.of(), true));
    check.released(1, 2, send);
    fires("durability", () -> check.released(0, 2, send));
    check.synced(0, 1);
    assertThatCode(() -> check.released(0, 2, send)).doesNotThrowAnyException();
    check.effect(0, 3, new Effect.Persist(List.of(), false));
    check.synced(0, 2);
    fires("durability", () -> check.released(0, 4, send));
  }

  @Test
  void whatWasEmittedBeforeARecordNeedNotWaitForIt() {
    DurabilityCheck check = new DurabilityCheck((replica, instance, slot, view) -> true);
    check.effect(0, 100, new Effect.Persist(List.of(), false));
    check.effect(0, 165, new Effect.Persist(List.of(), false));
    check.synced(0, 120);
    assertThatCode(() -> check.released(0, 130, new Effect.DropSnapshots(0)))
        .doesNotThrowAnyException();
    fires("durability", () -> check.released(0, 166, new Effect.DropSnapshots(0)));
  }

  @Test
  void aShareWithoutADurableIntent() {
    DurabilityCheck check = new DurabilityCheck((replica, instance, slot, view) -> slot == 1);
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 1, A), SHARED);
    fires(
        "durability", () -> check.trusted(0, new TrustedCall.IndependentShare(0, 0, 2, A), SHARED));
  }

  @Test
  void aReplicaStopsItself() {
    fires("halt", () -> new HaltCheck().halted(1, "why"));
  }

  @Test
  void aClientBelievesWhatWasNotExecuted() {
    World world =
        World.of(
            WorldOptions.of(new QuorumRule(3, FaultModel.HYBRID), ToyProtocol::new, ToyCodec::new));
    ClientStub client = world.client(7L);
    ExecutionCheck execution = new ExecutionCheck();
    ReplyCheck check = new ReplyCheck(execution);
    execution.released(0, 1, execute(1, 1, "a"));
    execution.input(0, new Input.Executed(1, List.of("x".getBytes(UTF_8))));

    assertThatCode(() -> check.accepted(client, answer(client, 1, "x"))).doesNotThrowAnyException();
    fires("reply", () -> check.accepted(client, answer(client, 1, "y")));
    fires("reply", () -> check.accepted(client, answer(client, 2, "x")));
  }

  private static ClientStub.Accepted answer(ClientStub client, long timestamp, String result) {
    List<byte[]> results = List.of(result.getBytes(UTF_8));
    return new ClientStub.Accepted(
        client.request(timestamp, List.of(new byte[1])),
        Outcome.encode(results),
        results,
        ClientStub.Form.PROOF,
        0);
  }
}
