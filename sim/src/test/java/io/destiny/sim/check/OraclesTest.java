package io.destiny.sim.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.toy.ToyCodec;
import io.destiny.sim.toy.ToyProtocol;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** V5: every oracle fires on a hand-made bad trace, and only then. */
class OraclesTest {
  private static final Scope SCOPE = Scope.three();
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  private static void fires(String rule, ThrowingCallable bad) {
    assertThatThrownBy(bad)
        .isInstanceOfSatisfying(Violation.class, v -> assertThat(v.rule()).isEqualTo(rule));
  }

  private static Effect ordered(int instance, long slot, long position, int commands) {
    return new Effect.Note(new Effect.Event.Ordered(instance, slot, position, commands));
  }

  private static Effect committed(int instance, long slot, Digest value) {
    return new Effect.Note(new Effect.Event.Committed(instance, slot, value));
  }

  /** Slots 1 to 4 of D1 and D2 are committed. */
  private static AgreementCheck agreement() {
    AgreementCheck check = new AgreementCheck(SCOPE);
    for (int slot = 1; slot <= 4; slot++) {
      check.effect(0, 1, committed(1, slot, A));
      check.effect(0, 1, committed(2, slot, A));
    }
    return check;
  }

  @Test
  void s1TwoReplicasCommitOtherBatchesInOneSlot() {
    AgreementCheck check = agreement();
    check.effect(1, 1, committed(1, 1, A));
    fires("S1", () -> check.effect(2, 1, committed(1, 1, B)));
  }

  @Test
  void s1AlsoOverARestart() {
    AgreementCheck check = agreement();
    check.started(0);
    fires("S1", () -> check.effect(0, 1, committed(1, 1, B)));
  }

  @Test
  void s2TwoReplicasCommitOtherListsInOneSlot() {
    AgreementCheck check = agreement();
    check.effect(0, 1, committed(Instances.ORDER, 1, A));
    check.effect(1, 1, committed(Instances.ORDER, 1, A));
    fires("S2", () -> check.effect(2, 1, committed(Instances.ORDER, 1, B)));
  }

  @Test
  void whatAByzantineReplicaSaysProvesNothing() {
    AgreementCheck check = new AgreementCheck(new Scope(3, true, Set.of(0, 1)));
    check.effect(0, 1, committed(1, 1, A));
    assertThatCode(() -> check.effect(2, 1, committed(1, 1, B))).doesNotThrowAnyException();
  }

  @Test
  void s5TwoReplicasWithOtherSlotsAtOnePlace() {
    AgreementCheck check = agreement();
    check.effect(0, 1, ordered(1, 1, 1, 5));
    assertThatCode(() -> check.effect(1, 1, ordered(1, 1, 1, 5))).doesNotThrowAnyException();
    fires("S5", () -> check.effect(2, 1, ordered(2, 1, 1, 5)));
  }

  @Test
  void s5TwoReplicasWithOtherBatchesInOneSlot() {
    AgreementCheck check = agreement();
    check.effect(0, 1, ordered(1, 1, 1, 5));
    fires("S5", () -> check.effect(1, 1, ordered(1, 1, 1, 6)));
  }

  @Test
  void s4OneSlotAtTwoPlaces() {
    AgreementCheck check = agreement();
    check.effect(0, 1, ordered(1, 1, 1, 5));
    fires("S4", () -> check.effect(1, 1, ordered(1, 1, 2, 5)));
  }

  @Test
  void s4SlotsOfAnInstanceOutOfOrder() {
    AgreementCheck check = agreement();
    check.effect(0, 1, ordered(1, 2, 1, 5));
    fires("S4", () -> check.effect(0, 2, ordered(1, 1, 2, 5)));
  }

  @Test
  void s4ASlotIsSkipped() {
    AgreementCheck check = agreement();
    check.effect(0, 1, ordered(1, 1, 1, 5));
    fires("S4", () -> check.effect(0, 2, ordered(1, 3, 2, 5)));
  }

  @Test
  void s4ASlotIsExecutedThatNobodyCommitted() {
    fires("S4", () -> agreement().effect(0, 1, ordered(1, 5, 1, 5)));
  }

  // ---- S3

  private static final byte[] STATEMENT = {1, 2, 3};

  private static void accept(CertificateCheck check, int... signers) {
    byte[] bitmap = new byte[1];
    for (int signer : signers) {
      bitmap[0] |= (byte) (1 << signer);
    }
    Certificate certificate = new Certificate(new byte[48], bitmap);
    Work work = new Work.VerifyCertificate(KeyPurpose.ORDERING, STATEMENT, certificate);
    check.effect(0, 1, new Effect.Compute(9, work));
    check.input(0, new Input.Computed(9, new Result.Verdict(true)));
  }

  @Test
  void s3ACertificateWithASignerWhoDidNotSign() {
    CertificateCheck check =
        new CertificateCheck(SCOPE, (purpose, signer, statement) -> signer != 2);
    assertThatCode(() -> accept(check, 0, 1)).doesNotThrowAnyException();
    fires("S3", () -> accept(check, 0, 2));
  }

  @Test
  void s3ACertificateWithTooFewSigners() {
    CertificateCheck check = new CertificateCheck(SCOPE, (purpose, signer, statement) -> true);
    fires("S3", () -> accept(check, 1));
  }

  // ---- S5 to S10

  private static ExecutionCheck execution() {
    return new ExecutionCheck(SCOPE, new TinyStore());
  }

  private static Effect.Execute execute(long position, long timestamp, String operation) {
    return new Effect.Execute(
        position, 0, List.of(new Command(7, timestamp, operation.getBytes(UTF_8))));
  }

  @Test
  void twoReplicasApplyOtherCommands() {
    ExecutionCheck check = execution();
    check.released(0, 1, execute(1, 1, "a"));
    assertThatCode(() -> check.released(1, 1, execute(1, 1, "a"))).doesNotThrowAnyException();
    fires("S5", () -> check.released(2, 1, execute(1, 1, "b")));
  }

  @Test
  void aReplicaAppliesAPlaceTwice() {
    ExecutionCheck check = execution();
    check.released(0, 1, execute(1, 1, "a"));
    fires("S5", () -> check.released(0, 2, execute(1, 1, "a")));
    check.started(0);
    assertThatCode(() -> check.released(0, 3, execute(1, 1, "a"))).doesNotThrowAnyException();
  }

  @Test
  void aRequestTakesEffectTwice() {
    ExecutionCheck check = execution();
    check.released(0, 1, execute(1, 1, "a"));
    fires("S7", () -> check.released(0, 2, execute(2, 1, "a")));
  }

  @Test
  void twoReplicasHaveOtherResults() {
    ExecutionCheck check = execution();
    check.released(0, 1, execute(1, 1, "x"));
    check.input(0, new Input.Executed(1, List.of("x".getBytes(UTF_8))));
    fires("S5", () -> check.input(1, new Input.Executed(1, List.of("y".getBytes(UTF_8)))));
  }

  @Test
  void twoReplicasHaveOtherStatesAtACheckpoint() {
    CheckpointCheck check = new CheckpointCheck(SCOPE);
    check.input(0, new Input.Snapshot(new Input.SnapshotEvent.Taken(4, List.of(A))));
    fires(
        "S20",
        () -> check.input(1, new Input.Snapshot(new Input.SnapshotEvent.Taken(4, List.of(B)))));
  }

  @Test
  void twoReplicasHaveOtherPartsInACheckpoint() {
    CheckpointCheck check = new CheckpointCheck(SCOPE);
    check.released(0, 1, new Effect.TakeSnapshot(4, List.of(List.of(new byte[] {1}))));
    check.released(1, 1, new Effect.TakeSnapshot(4, List.of(List.of(new byte[] {1}))));
    fires(
        "S15",
        () -> check.released(2, 1, new Effect.TakeSnapshot(4, List.of(List.of(new byte[] {2})))));
  }

  private static final Result SHARED = new Result.Shared(new Share(0, new byte[48]), new byte[64]);

  @Test
  void aCounterSignsTwoMessagesAtOneValue() {
    CounterCheck check = new CounterCheck(SCOPE);
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 5, A), SHARED);
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 5, A), SHARED);
    check.trusted(1, new TrustedCall.IndependentShare(0, 0, 5, B), SHARED);
    check.trusted(
        0,
        new TrustedCall.IndependentShare(0, 0, 5, B),
        new Result.Refused(Result.Refusal.COUNTER, 5));
    fires("S12", () -> check.trusted(0, new TrustedCall.IndependentShare(0, 0, 5, B), SHARED));
  }

  @Test
  void aCounterFalls() {
    CounterCheck check = new CounterCheck(SCOPE);
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 5, A), SHARED);
    fires("S12", () -> check.trusted(0, new TrustedCall.IndependentShare(0, 0, 4, B), SHARED));
  }

  @Test
  void aCounterIsNotWhereACorrectReplicaHoldsItToBe() {
    CounterCheck check = new CounterCheck(SCOPE);
    TrustedCall leave = new TrustedCall.Continuing(0, Counters.ORDER, 3, 1L << 40, A);
    check.trusted(0, leave, new Result.Refused(Result.Refusal.NOT_PROVISIONED, 0));
    fires("S12", () -> check.trusted(0, leave, new Result.Refused(Result.Refusal.COUNTER, 4)));
  }

  private static Effect asks(TrustedCall call) {
    return new Effect.Trusted(1, call);
  }

  @Test
  void s14SomethingIsSignedInAViewThatWasLeft() {
    ViewCheck check = new ViewCheck(SCOPE);
    check.effect(0, 1, asks(vote(2, 5, A)));
    long left = Counters.encode(1, 0);
    check.effect(0, 2, asks(new TrustedCall.Continuing(2, Counters.ORDER, 5, left, B)));
    check.effect(0, 3, asks(vote(2, 5, A)));
    check.effect(0, 4, asks(vote(3, 6, A)));
    check.effect(1, 1, asks(vote(2, 6, A)));
    fires("S14", () -> check.effect(0, 5, asks(vote(2, 6, A))));
    fires("S14", () -> check.effect(0, 6, asks(vote(2, 4, A))));
    fires("S14", () -> check.effect(0, 7, asks(vote(2, 5, B))));
  }

  @Test
  void s14AViewIsEnteredAfterALaterOne() {
    ViewCheck check = new ViewCheck(SCOPE);
    check.effect(0, 1, new Effect.Note(new Effect.Event.Entered(2, 3, 0, 0)));
    check.effect(0, 2, new Effect.Note(new Effect.Event.Entered(1, 2, 0, 0)));
    fires("S14", () -> check.effect(0, 3, new Effect.Note(new Effect.Event.Entered(2, 2, 0, 0))));
  }

  private static TrustedCall vote(int instance, long slot, Digest statement) {
    return new TrustedCall.IndependentShare(
        instance, Counters.ORDER, Counters.encode(0, slot), statement);
  }

  @Test
  void s3AVoteForWhatTheLeaderDidNotPropose() {
    ProposalCheck check = new ProposalCheck(SCOPE, 0);
    check.trusted(1, vote(1, 5, A), SHARED);
    check.trusted(0, vote(1, 5, A), SHARED);
    fires("S3", () -> check.trusted(2, vote(1, 5, B), SHARED));
    fires("S3", () -> check.trusted(2, vote(1, 6, A), SHARED));
    fires("S3", () -> check.trusted(1, vote(Instances.ORDER, 5, A), SHARED));
  }

  private static Effect entered(long view) {
    return new Effect.Note(new Effect.Event.Entered(1, view, 0, 0));
  }

  /** hybster.md K4: what was left is left for good, also after a crash. */
  @Test
  void s14ASignatureInAViewThatWasLeft() {
    ViewCheck check = new ViewCheck(SCOPE);
    check.effect(0, 1, asks(vote(1, 4, A)));
    TrustedCall leave =
        new TrustedCall.Continuing(
            1, Counters.ORDER, Counters.encode(0, 4), Counters.encode(1, 0), B);
    check.effect(0, 2, asks(leave));
    check.crashed(0);
    assertThatCode(() -> check.effect(0, 3, asks(vote(1, 4, A))))
        .as("again")
        .doesNotThrowAnyException();
    fires("S14", () -> check.effect(0, 4, asks(vote(1, 5, A))));
  }

  @Test
  void s14AViewBelowOneThatWasEntered() {
    ViewCheck check = new ViewCheck(SCOPE);
    check.effect(0, 1, new Effect.Persist(List.of(), false));
    check.effect(0, 2, entered(2));
    fires("S14", () -> check.effect(0, 3, entered(1)));
    check.synced(0, 2);
    check.crashed(0);
    fires("S14", () -> check.effect(0, 4, entered(1)));
  }

  /** Nothing has left the replica that says so. */
  @Test
  void s14AnEntryThatWasLostInACrashBindsNobody() {
    ViewCheck check = new ViewCheck(SCOPE);
    check.effect(0, 1, new Effect.Persist(List.of(), false));
    check.effect(0, 2, entered(1));
    check.synced(0, 2);
    check.effect(0, 3, new Effect.Persist(List.of(), false));
    check.effect(0, 4, entered(2));
    check.crashed(0);
    assertThatCode(() -> check.effect(0, 5, entered(1))).doesNotThrowAnyException();
    fires("S14", () -> check.effect(0, 6, entered(0)));
  }

  private static byte[] entry(int instance, long upTo) {
    return new Writer(32).u64(1).u16(1).u8(1).u16(instance).u64(upTo).u8(0).toBytes();
  }

  private static Digest digest(int instance, long upTo) {
    Writer w = new Domain(new byte[16], 0).begin(StatementKind.ORDER_LIST, Instances.ORDER, 0, 0);
    return Digest.of(w.raw(entry(instance, upTo)).toBytes());
  }

  /** An encoded proposal with a list of one entry. */
  private static Frame list(long slot, int instance, long upTo) {
    Writer w = new Writer(256).u16(1).u16(Instances.ORDER).u32(0).u32(0).u64(slot).u32(0);
    w.digest(digest(instance, upTo)).raw(new byte[48]).raw(new byte[64]);
    return Frame.forged("O.Prepare", w.raw(entry(instance, upTo)).toBytes());
  }

  private static Frame batch(int instance, long slot) {
    Writer w = new Writer(64).u16(1).u16(instance).u32(0).u32(0).u64(slot).u32(0);
    return Frame.forged("D" + instance + ".Prepare", w.toBytes());
  }

  @Test
  void s4AVoteForAListWithASlotThatTheVoterWasNotShown() {
    Domain domain = new Domain(new byte[16], 0);
    GateCheck check = new GateCheck(SCOPE, domain);
    check.delivered(0, 1, list(1, 2, 2));
    check.delivered(2, 1, batch(2, 1));
    TrustedCall vote =
        vote(Instances.ORDER, 1, domain.proposal(Instances.ORDER, 0, 1, digest(2, 2)));
    fires("S4", () -> check.trusted(1, vote, SHARED));
    check.delivered(2, 1, batch(2, 2));
    assertThatCode(() -> check.trusted(1, vote, SHARED)).doesNotThrowAnyException();

    check.delivered(0, 1, list(2, 2, 4));
    check.delivered(2, 1, batch(2, 4));
    TrustedCall gap =
        vote(Instances.ORDER, 2, domain.proposal(Instances.ORDER, 0, 2, digest(2, 4)));
    fires("S4", () -> check.trusted(1, gap, SHARED));
  }

  private static Request request(long timestamp, String command) {
    return Request.of(
        new Domain(new byte[16], 0), 7, timestamp, List.of(command.getBytes(UTF_8)), new byte[64]);
  }

  private static List<byte[]> told(String result) {
    return List.of(result.getBytes(UTF_8));
  }

  @Test
  void s9ClientsAreToldWhatNoOrderExplains() {
    LinearizabilityCheck fine = new LinearizabilityCheck(SCOPE);
    fine.issued(request(1, "put:k=a"), 1);
    fine.issued(request(2, "put:k=b"), 2);
    fine.issued(request(3, "get:k"), 3);
    fine.answered(request(1, "put:k=a"), told("was b"), 9);
    fine.answered(request(3, "get:k"), told("a"), 9);
    // The second put has no answer, but took effect before the first.
    assertThatCode(fine::finish).doesNotThrowAnyException();

    LinearizabilityCheck stale = new LinearizabilityCheck(SCOPE);
    stale.issued(request(1, "put:k=a"), 1);
    stale.answered(request(1, "put:k=a"), told("new"), 2);
    stale.issued(request(2, "get:k"), 3);
    stale.answered(request(2, "get:k"), told("none"), 4);
    fires("S9", stale::finish);

    LinearizabilityCheck twice = new LinearizabilityCheck(SCOPE);
    twice.issued(request(1, "put:k=a"), 1);
    twice.issued(request(2, "put:k=b"), 1);
    twice.answered(request(1, "put:k=a"), told("new"), 9);
    twice.answered(request(2, "put:k=b"), told("new"), 9);
    fires("S9", twice::finish);
  }

  @Test
  void somethingLeavesBeforeWhatWasPersistedIsDurable() {
    DurabilityCheck check = new DurabilityCheck(SCOPE, (replica, instance, slot, view) -> true);
    Effect send = new Effect.DropSnapshots(0);
    check.effect(0, 1, new Effect.Persist(List.of(), false));
    check.effect(0, 2, send);
    check.effect(1, 1, new Effect.Persist(List.of(), true));
    check.released(1, 2, send);
    fires("S11", () -> check.released(0, 2, send));
    check.synced(0, 1);
    assertThatCode(() -> check.released(0, 2, send)).doesNotThrowAnyException();
    check.effect(0, 3, new Effect.Persist(List.of(), false));
    check.synced(0, 2);
    fires("S11", () -> check.released(0, 4, send));
  }

  @Test
  void whatWasEmittedBeforeARecordNeedNotWaitForIt() {
    DurabilityCheck check = new DurabilityCheck(SCOPE, (replica, instance, slot, view) -> true);
    check.effect(0, 100, new Effect.Persist(List.of(), false));
    check.effect(0, 165, new Effect.Persist(List.of(), false));
    check.synced(0, 120);
    assertThatCode(() -> check.released(0, 130, new Effect.DropSnapshots(0)))
        .doesNotThrowAnyException();
    fires("S11", () -> check.released(0, 166, new Effect.DropSnapshots(0)));
  }

  @Test
  void aShareWithoutADurableIntent() {
    DurabilityCheck check =
        new DurabilityCheck(SCOPE, (replica, instance, slot, view) -> slot == 1);
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 1, A), SHARED);
    fires("S11", () -> check.trusted(0, new TrustedCall.IndependentShare(0, 0, 2, A), SHARED));
    check.effect(0, 1, new Effect.Forget(0, 2)); // a checkpoint holds what slot 2 needs
    check.trusted(0, new TrustedCall.IndependentShare(0, 0, 2, A), SHARED);
    fires("S11", () -> check.trusted(0, new TrustedCall.IndependentShare(0, 0, 3, A), SHARED));
  }

  @Test
  void aViewIsLeftBeforeThatIsDurable() {
    DurabilityCheck check = new DurabilityCheck(SCOPE, (replica, instance, slot, view) -> true);
    Effect leave = new Effect.Trusted(1, new TrustedCall.Continuing(3, 0, 0, 9, A));
    check.started(0);
    check.effect(0, 1, new Effect.Persist(List.of(record(3, 0)), true));
    check.effect(0, 3, new Effect.Persist(List.of(record(3, 0)), true));
    fires("S11", () -> check.released(0, 2, leave));
    check.synced(0, 1);
    assertThatCode(() -> check.released(0, 2, leave)).doesNotThrowAnyException();
    fires("S11", () -> check.released(0, 4, leave));
    check.started(0);
    check.effect(0, 1, new Effect.Persist(List.of(record(4, 0), record(3, 7)), true));
    assertThatCode(() -> check.released(0, 2, leave)).doesNotThrowAnyException();
  }

  private static LogRecord record(int instance, long slot) {
    return new LogRecord(instance, slot, 90, 0, new byte[0]);
  }

  @Test
  void aReplicaStopsItself() {
    fires("S19", () -> new ConductCheck(SCOPE).halted(1, "why"));
  }

  @Test
  void aClientBelievesWhatWasNotExecuted() {
    World world =
        World.of(
            WorldOptions.of(new QuorumRule(3, FaultModel.HYBRID), ToyProtocol::new, ToyCodec::new));
    ClientStub client = world.client(7L);
    ExecutionCheck execution = execution();
    ReplyCheck check = new ReplyCheck(SCOPE, execution);
    execution.released(0, 1, execute(1, 1, "x"));

    assertThatCode(() -> check.accepted(client, answer(client, 1, "x"))).doesNotThrowAnyException();
    fires("S10", () -> check.accepted(client, answer(client, 1, "y")));
    fires("S10", () -> check.accepted(client, answer(client, 2, "x")));
  }

  @Test
  void s8ARequestIsCalledStaleThatNeverTookEffect() {
    World world =
        World.of(
            WorldOptions.of(new QuorumRule(3, FaultModel.HYBRID), ToyProtocol::new, ToyCodec::new));
    ClientStub client = world.client(7L);
    ExecutionCheck execution = execution();
    ReplyCheck check = new ReplyCheck(SCOPE, execution);
    ClientStub.Accepted stale =
        new ClientStub.Accepted(
            client.request(1, List.of(new byte[1])),
            Outcome.stale(),
            List.of(),
            ClientStub.Form.PROOF,
            0);
    fires("S8", () -> check.accepted(client, stale));
    execution.released(0, 1, execute(1, 1, "x"));
    assertThatCode(() -> check.accepted(client, stale)).doesNotThrowAnyException();
  }

  @Test
  void s6ACommandThatNobodySigned() {
    ValidityCheck check = new ValidityCheck(SCOPE);
    Domain domain = new Domain(new byte[16], 0);
    check.issued(Request.of(domain, 7, 1, List.of("a".getBytes(UTF_8)), new byte[64]));
    assertThatCode(() -> check.released(0, 1, execute(1, 1, "a"))).doesNotThrowAnyException();
    fires("S6", () -> check.released(0, 1, execute(2, 2, "a")));
    fires("S6", () -> check.released(0, 1, execute(3, 1, "b")));
  }

  @Test
  void s9ARequestTakesEffectBeforeOneThatWasAnsweredBeforeItWasSigned() {
    ExecutionCheck execution = execution();
    RealTimeCheck check = new RealTimeCheck(SCOPE, execution);
    check.issued(7, 1);
    check.issued(7, 3);
    execution.released(0, 1, execute(1, 2, "early"));
    execution.released(0, 1, execute(2, 1, "answered"));
    execution.released(0, 1, execute(3, 3, "meanwhile"));
    check.answered(7, 1);
    check.issued(7, 2);
    assertThatCode(() -> check.answered(7, 3)).doesNotThrowAnyException();
    fires("S9", () -> check.answered(7, 2));
  }

  @Test
  void s16ACheckpointIsInstalledThatNobodyTook() {
    CheckpointCheck check = new CheckpointCheck(SCOPE);
    check.released(0, 1, new Effect.TakeSnapshot(4, List.of()));
    check.input(1, new Input.Snapshot(new Input.SnapshotEvent.Installed(4)));
    fires("S16", () -> check.input(1, new Input.Snapshot(new Input.SnapshotEvent.Installed(8))));
  }

  @Test
  void s16AnOlderCheckpointThanTheStableOneIsInstalled() {
    CheckpointCheck check = new CheckpointCheck(SCOPE);
    check.released(0, 1, new Effect.TakeSnapshot(4, List.of()));
    check.effect(1, 1, new Effect.Note(new Effect.Event.Gauge("checkpoint_stable", 8)));
    fires("S16", () -> check.input(1, new Input.Snapshot(new Input.SnapshotEvent.Installed(4))));
  }

  @Test
  void s11AVoteForACheckpointThatAPowerFailureWouldTake() {
    CheckpointCheck check = new CheckpointCheck(SCOPE);
    Writer w = new Writer(64).u16(66).u16(Instances.ORDER).u32(0).u32(0).u64(4).u32(0);
    Frame vote = Frame.forged("O.CheckpointSig", w.toBytes());
    fires("S11", () -> check.sent(0, 1, vote));
    check.input(0, new Input.Snapshot(new Input.SnapshotEvent.Durable(4)));
    assertThatCode(() -> check.sent(0, 1, vote)).doesNotThrowAnyException();
    check.wiped(0);
    fires("S11", () -> check.sent(0, 1, vote));
  }

  private static void installs(CheckpointCheck check, String chunk) {
    check.effect(1, 1, new Effect.BeginInstall(4));
    check.effect(1, 2, new Effect.InstallChunk(4, 0, chunk.getBytes(UTF_8)));
    check.effect(1, 3, new Effect.InstallChunk(4, 1, new byte[1]));
    check.effect(1, 4, new Effect.FinishInstall(4));
  }

  @Test
  void s16SomethingElseIsInstalledThanWasTaken() {
    CheckpointCheck check = new CheckpointCheck(SCOPE);
    check.released(0, 1, new Effect.TakeSnapshot(4, List.of(List.of(new byte[1]))));
    List<Digest> chunks = List.of(Digest.of("state".getBytes(UTF_8)));
    check.input(0, new Input.Snapshot(new Input.SnapshotEvent.Taken(4, chunks)));
    assertThatCode(() -> installs(check, "state")).doesNotThrowAnyException();
    fires("S16", () -> installs(check, "stole"));
  }

  @Test
  void s16WhatWasStableIsGoneWithAWipedDisk() {
    CheckpointCheck check = new CheckpointCheck(SCOPE);
    check.released(0, 1, new Effect.TakeSnapshot(4, List.of()));
    check.effect(1, 1, new Effect.Note(new Effect.Event.Gauge("checkpoint_stable", 8)));
    check.wiped(1);
    assertThatCode(() -> check.input(1, new Input.Snapshot(new Input.SnapshotEvent.Installed(4))))
        .doesNotThrowAnyException();
  }

  @Test
  void s17ALogIsCutWhereTooFewHaveACheckpoint() {
    CheckpointCheck check = new CheckpointCheck(SCOPE);
    byte[] executed = new Writer(16).u16(0).u64(9).toBytes();
    List<List<byte[]>> parts = List.of(List.of(), List.of(executed));
    check.released(0, 1, new Effect.TakeSnapshot(4, parts));
    fires("S17", () -> check.effect(0, 1, new Effect.Forget(Instances.ORDER, 4)));
    check.released(1, 1, new Effect.TakeSnapshot(4, parts));
    assertThatCode(() -> check.effect(0, 1, new Effect.Forget(Instances.ORDER, 4)))
        .doesNotThrowAnyException();
    assertThatCode(() -> check.effect(0, 1, new Effect.Forget(0, 9))).doesNotThrowAnyException();
    fires("S17", () -> check.effect(0, 1, new Effect.Forget(0, 10)));
  }

  @Test
  void s18AReplicaKeepsMoreThanItsWindowsAllow() {
    MemoryCheck check = new MemoryCheck(SCOPE);
    Settings.Tuning t = Settings.Tuning.defaults(1);
    check.look(new MemoryCheck.Kept(0, 100, 100, 2, 100, 0), t);
    fires("S18", () -> check.look(new MemoryCheck.Kept(0, 1_000_000, 100, 2, 100, 0), t));
    fires("S18", () -> check.look(new MemoryCheck.Kept(0, 100, 1_000_000, 2, 100, 0), t));
    fires("S18", () -> check.look(new MemoryCheck.Kept(0, 100, 100, 19, 100, 0), t));
    fires("S18", () -> check.look(new MemoryCheck.Kept(0, 100, 100, 2, 1_000_000, 0), t));
  }

  @Test
  void s18AReplicaKeepsMoreBytesThanItsWindowsCanHold() {
    MemoryCheck check = new MemoryCheck(SCOPE);
    Settings.Tuning t = Settings.Tuning.defaults(1).change().batch(5).window(8).done();
    assertThatCode(() -> check.bytes(0, 2 << 20, t)).doesNotThrowAnyException();
    fires("S18", () -> check.bytes(0, 20 << 20, t));
  }

  @Test
  void s21ACorrectReplicaIsAccused() {
    ConductCheck check = new ConductCheck(new Scope(3, true, Set.of(0, 1)));
    Effect faulty = new Effect.Note(new Effect.Event.Evidence(2, "lies"));
    assertThatCode(() -> check.effect(0, 1, faulty)).doesNotThrowAnyException();
    Effect correct = new Effect.Note(new Effect.Event.Evidence(1, "lies"));
    assertThatCode(() -> check.effect(2, 1, correct)).doesNotThrowAnyException();
    fires("S21", () -> check.effect(0, 1, correct));
  }

  @Test
  void s22MorePairingsThanSlotsNeed() {
    CostCheck check = new CostCheck(SCOPE);
    check.effect(0, 1, committed(1, 1, A));
    assertThatCode(check::judge).doesNotThrowAnyException();
    Work work =
        new Work.VerifyCertificate(
            KeyPurpose.ORDERING, STATEMENT, new Certificate(new byte[48], new byte[1]));
    for (int i = 0; i < 1000; i++) {
      check.effect(0, 1, new Effect.Compute(i, work));
    }
    fires("S22", check::judge);
  }

  @Test
  void v1AnOracleThatHadItsOccasionAndCheckedNothing() {
    Scope scope = Scope.three();
    scope.count("S16").occasions++;
    fires("V1", scope::finish);
    scope.count("S16").checked++;
    assertThatCode(scope::finish).doesNotThrowAnyException();
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
