package io.destiny.protocols.dqbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.composition.CheckpointParts;
import io.destiny.core.composition.Farewell;
import io.destiny.core.composition.Recovery;
import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.LogSurvey;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MerkleTree;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.sim.ghost.GhostCrypto;
import io.destiny.sim.ghost.GhostLedger;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** How far an order leads whose instances decided what is said here, and what it may start from. */
class SalvageTest {
  private static final QuorumRule RULE = new QuorumRule(3, FaultModel.HYBRID);

  private final Settings settings = settings(0);
  private final Map<Integer, TreeMap<Long, LogSurvey.Found>> decided = new TreeMap<>();
  private final TreeSet<Integer> rejected = new TreeSet<>();

  private static Settings settings(long epoch) {
    var destiny = Catalog.find("destiny").orElseThrow();
    Settings first = WorldOptions.of(RULE, destiny::create, destiny::codec).settings(0);
    Domain domain = new Domain(first.domain().cluster(), epoch);
    return new Settings(domain, first.rule(), 0, first.limits(), first.tuning());
  }

  private void decided(int instance, long slot, Value value, boolean committed, Integer... has) {
    decided
        .computeIfAbsent(instance, i -> new TreeMap<>())
        .put(slot, new LogSurvey.Found(value, committed, new TreeSet<>(List.of(has))));
  }

  private void batch(int instance, long slot) {
    byte[] command = {(byte) instance, (byte) slot};
    Request request =
        Request.of(settings.domain(), 7 + instance, slot, List.of(command), new byte[64]);
    decided(instance, slot, Batch.of(List.of(request)), false, 0, 1);
  }

  private void list(long slot, long time, boolean committed, OrderList.Entry... entries) {
    Value list = OrderList.of(settings, time, List.of(entries));
    decided(Instances.ORDER, slot, list, committed, 2);
  }

  private LogSurvey.Judge judge(Predicate<Work> verdict) {
    return new LogSurvey.Judge() {
      @Override
      public boolean holds(Work work) {
        return verdict.test(work);
      }

      @Override
      public void rejected(int replica, String why) {
        rejected.add(replica);
      }
    };
  }

  private Salvage salvage() {
    return new Salvage(
        settings,
        (subject, logs, port, judge) ->
            new TreeMap<>(decided.getOrDefault(subject.instance(), new TreeMap<>())),
        judge(work -> true));
  }

  private Salvage.Reach reach() {
    return salvage().reach(null, List.of(), 1000);
  }

  // ---- how far

  @Test
  void aMissingBatchStopsTheOrder() {
    for (long slot : new long[] {1, 2, 4}) {
      batch(0, slot);
    }
    batch(1, 1);
    list(1, 5, true, new OrderList.Entry(0, 1));
    list(2, 6, true, new OrderList.Entry(0, 4), new OrderList.Entry(1, 1));
    list(3, 7, true, new OrderList.Entry(1, 1));
    Salvage.Reach reach = reach();
    assertThat(reach.executed()).as("as a replica that waits for it").containsExactly(2, 0, 0);
    assertThat(reach.decided().get(0)).containsOnlyKeys(1L, 2L);
    assertThat(reach.lists()).as("the second one in part").isEqualTo(2);
    assertThat(reach.nextList()).isEqualTo(3);
    assertThat(reach.beyond()).isEqualTo(2);
    assertThat(reach.ended()).isNull();
    assertThat(rejected).isEmpty();
  }

  @Test
  void aMissingListStopsTheOrder() {
    batch(0, 1);
    batch(1, 1);
    list(1, 5, true, new OrderList.Entry(0, 1));
    list(3, 7, true, new OrderList.Entry(1, 1));
    Salvage.Reach reach = reach();
    assertThat(reach.executed()).containsExactly(1, 0, 0);
    assertThat(reach.nextList()).isEqualTo(2);
    assertThat(reach.beyond()).isOne();
  }

  /** What follows it has another number than the epoch that was ordered. */
  @Test
  void anEpochThatTheOrderEndedIsOver() {
    Reconfiguration next = new Reconfiguration(1, 3, new byte[] {1});
    Request request =
        Request.of(
            settings.domain(),
            Reconfiguration.CLIENT,
            1,
            List.of(next.encode()),
            new byte[Share.SIGNATURE_BYTES]);
    decided(0, 1, Batch.of(List.of(request)), true, 0);
    batch(0, 2);
    list(1, 5, true, new OrderList.Entry(0, 1));
    list(2, 5, true, new OrderList.Entry(0, 2));
    Salvage.Reach reach = reach();
    assertThat(reach.ended()).isNotNull();
    assertThat(reach.ended().epoch()).isOne();
    assertThat(reach.lists()).isOne();
    assertThat(reach.beyond()).as("nothing is ordered there").isZero();
  }

  /** It may have been acknowledged, if this machine's clock is behind. */
  @Test
  void aListFromTheFutureDoesNotCountWithoutACertificateAndIsReported() {
    batch(0, 1);
    list(1, 1001, false, new OrderList.Entry(0, 1));
    assertThat(reach().lists()).isZero();
    assertThat(rejected).containsExactly(2);
    list(1, 1001, true, new OrderList.Entry(0, 1));
    assertThat(reach().lists()).isOne();
  }

  // ---- where from

  /** The state that epoch 0 ends with, its last command the one that ends it. */
  private Input.SavedCheckpoint last(int names) {
    batch(0, 1);
    list(1, 5, true, new OrderList.Entry(0, 1));
    TinyStore store = new TinyStore();
    Salvage.Boundary boundary =
        salvage()
            .replay(
                null,
                reach(),
                store,
                new Reconfiguration(names, 3, new byte[] {1}),
                statement -> new byte[64]);
    return new Input.SavedCheckpoint(boundary.slot(), store.snapshot().digests(), boundary.parts());
  }

  /** The same, and the epoch goes on. */
  private static Input.SavedCheckpoint ordinary(Input.SavedCheckpoint last) {
    List<List<byte[]>> parts = new ArrayList<>(last.parts());
    Reconfiguration ending = CheckpointParts.of(parts).ending();
    assertThat(ending).isNotNull();
    byte[] control = parts.get(2).getFirst();
    int length = control.length - ending.encode().length;
    byte[] shorter = Arrays.copyOf(control, length);
    Arrays.fill(shorter, length - 4, length, (byte) 0);
    parts.set(2, List.of(shorter));
    assertThat(CheckpointParts.of(parts).ending()).isNull();
    return new Input.SavedCheckpoint(last.slot(), last.application(), parts);
  }

  /** What epoch 1 begins with, by the certificate of so many of epoch 0. */
  private static LogRecord farewell(GhostLedger keys, Input.SavedCheckpoint state, int signers) {
    List<Digest> roots =
        Recovery.digests(state.application(), state.parts()).stream()
            .map(MerkleTree::root)
            .toList();
    Digest digest = keys.domain().checkpointState(state.slot(), roots);
    byte[] statement = keys.domain().checkpoint(state.slot(), digest);
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < signers; i++) {
      Result r = new GhostCrypto(keys, i).run(new Work.SignExecution(statement));
      shares.add(((Result.Signed) r).share());
    }
    Work combine = new Work.Combine(KeyPurpose.EXECUTION, statement, shares);
    Certificate certificate =
        signers < RULE.weak()
            ? new Certificate(shares.getFirst().signature(), new byte[] {0b11})
            : ((Result.Combined) new GhostCrypto(keys, -1).run(combine)).certificate();
    return Farewell.record(new KitMessage.CheckpointProof(state.slot(), digest, certificate));
  }

  private static Predicate<Work> keys(GhostLedger ledger) {
    CryptoProvider crypto = new GhostCrypto(ledger, -1);
    return work -> crypto.run(work) instanceof Result.Verdict v && v.valid();
  }

  private SalvageBase bases(GhostLedger present, Predicate<Work> former) {
    return new SalvageBase(
        settings(1), judge(keys(present)), former, (statement, signature) -> false);
  }

  private static List<Salvage.Holding> holding(LogRecord record, Input.SavedCheckpoint state) {
    return List.of(new Salvage.Holding(1, List.of(record), List.of(state)));
  }

  @Test
  void theEpochBeforeProvesTheStateThatOneBeginsWith() {
    GhostLedger before = new GhostLedger(settings.domain(), RULE);
    GhostLedger present = new GhostLedger(settings(1).domain(), RULE);
    Predicate<Work> former = keys(before);
    Input.SavedCheckpoint last = last(1);
    List<Salvage.Holding> real = holding(farewell(before, last, RULE.weak()), last);
    assertThat(bases(present, former).find(real)).containsExactly(new SalvageBase.Proven(1, last));
    assertThat(bases(present, former).newest(real)).isEqualTo(last.slot());
    assertThat(rejected).isEmpty();

    nothing(bases(present, work -> false), real);
    nothing(bases(present, former), holding(farewell(before, last, RULE.f()), last));
    nothing(bases(present, former), holding(farewell(present, last, RULE.weak()), last));
  }

  private void nothing(SalvageBase bases, List<Salvage.Holding> holdings) {
    rejected.clear();
    assertThat(bases.find(holdings)).isEmpty();
    assertThat(bases.newest(holdings)).isZero();
    assertThat(rejected).containsExactly(1);
  }

  /** A liar that claims to be in the next epoch would have the rest of this one forgotten. */
  @Test
  void aCheckpointThatDidNotEndTheEpochBeforeIsNoBeginning() {
    GhostLedger before = new GhostLedger(settings.domain(), RULE);
    GhostLedger present = new GhostLedger(settings(1).domain(), RULE);
    Predicate<Work> former = keys(before);
    Input.SavedCheckpoint ordinary = ordinary(last(1));
    nothing(bases(present, former), holding(farewell(before, ordinary, RULE.weak()), ordinary));
  }
}
