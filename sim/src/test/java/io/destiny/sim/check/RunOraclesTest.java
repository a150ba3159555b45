package io.destiny.sim.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.toy.ToyCodec;
import io.destiny.sim.toy.ToyProtocol;
import io.destiny.sim.workload.SharedStore;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** V5 for what is judged over a whole run: what it cost, what was told, who was blind. */
class RunOraclesTest {
  private static final Domain DOMAIN =
      World.of(
              WorldOptions.of(
                  new QuorumRule(3, FaultModel.HYBRID), ToyProtocol::new, ToyCodec::new))
          .ledger()
          .domain();

  private static void fires(String rule, ThrowingCallable bad) {
    assertThatThrownBy(bad)
        .isInstanceOfSatisfying(Violation.class, v -> assertThat(v.rule()).isEqualTo(rule));
  }

  // --- S7: what those are told who ask again

  private static Effect.Execute execute(long position, long timestamp, String operation) {
    return new Effect.Execute(
        position, 0, List.of(new Command(7, timestamp, operation.getBytes(UTF_8))));
  }

  private static byte[] told(String result) {
    return Outcome.encode(List.of(result.getBytes(UTF_8)));
  }

  @Test
  void s7WhoAsksAgainIsToldSomethingElse() {
    ExecutionCheck execution = new ExecutionCheck(Scope.three(), new TinyStore());
    ReplyCheck check = new ReplyCheck(Scope.three(), execution);
    execution.released(0, 1, execute(1, 1, "put:a=1"));

    assertThatCode(() -> check.answered(1, 7, 1, told("new"))).doesNotThrowAnyException();
    fires("S7", () -> check.answered(1, 7, 1, told("was 1")));
    fires("S7", () -> check.answered(1, 7, 1, Outcome.notKept()));
    fires("S7", () -> check.answered(1, 7, 1, Outcome.stale()));
    // With a later request in the order the earlier one may be called stale.
    execution.released(0, 2, execute(2, 2, "get:a"));
    assertThatCode(() -> check.answered(1, 7, 1, Outcome.stale())).doesNotThrowAnyException();
  }

  @Test
  void s7OnlyLongResultsAreNotKept() {
    ExecutionCheck execution = new ExecutionCheck(Scope.three(), new TinyStore());
    ReplyCheck check = new ReplyCheck(Scope.three(), execution);
    execution.released(0, 1, execute(1, 1, "x".repeat(20_000)));
    assertThatCode(() -> check.answered(1, 7, 1, Outcome.notKept())).doesNotThrowAnyException();
    assertThatCode(() -> check.answered(1, 7, 1, told("x".repeat(20_000))))
        .doesNotThrowAnyException();
    fires("S7", () -> check.answered(1, 7, 1, told("x".repeat(19_999))));
  }

  // --- S9: searches

  private static Request request(int client, String... commands) {
    List<byte[]> group = new ArrayList<>();
    for (String c : commands) {
      group.add(c.getBytes(UTF_8));
    }
    return Request.of(DOMAIN, (long) client << 32, 1, group, new byte[64]);
  }

  @Test
  void s9ManyReadersAtOnceAreNoRiddle() {
    Scope scope = Scope.three();
    LinearizabilityCheck check = new LinearizabilityCheck(scope);
    check.issued(request(1, "put:k=a"), 1);
    for (int client = 2; client < 60; client++) {
      check.issued(request(client, "get:k"), 1);
    }
    check.answered(request(1, "put:k=a"), List.of("new".getBytes(UTF_8)), 9);
    for (int client = 2; client < 60; client++) {
      String seen = client % 2 == 0 ? "none" : "a";
      check.answered(request(client, "get:k"), List.of(seen.getBytes(UTF_8)), 9);
    }
    check.finish();
    assertThat(scope.checked()).containsEntry("S9", 1L).doesNotContainKey("S9 given up");
  }

  @Test
  void s9ASearchThatIsGivenUpIsCounted() {
    Scope scope = Scope.three();
    LinearizabilityCheck check = new LinearizabilityCheck(scope);
    // Thirty unanswered writes and one read of what nobody wrote: all orders are tried.
    for (int client = 1; client <= 30; client++) {
      check.issued(request(client, "put:k=" + client), 1);
    }
    check.issued(request(31, "get:k"), 2);
    check.answered(request(31, "get:k"), List.of("b".getBytes(UTF_8)), 9);
    check.finish();
    assertThat(scope.checked()).containsEntry("S9 given up", 1L).doesNotContainKey("S9");
  }

  // --- S18

  @Test
  void s18EffectsPileUpBehindTheDisk() {
    MemoryCheck check = new MemoryCheck(Scope.three());
    Settings.Tuning t = Settings.Tuning.defaults(1);
    fires("S18", () -> check.look(new MemoryCheck.Kept(0, 100, 100, 2, 100, 1_000_000), t));
  }

  @Test
  void s18AClientTableHasMoreClientsThanThereAre() {
    MemoryCheck check = new MemoryCheck(Scope.three());
    Writer w = new Writer(256);
    for (int client = 1; client <= 2; client++) {
      w.u64(client).u64(5).digest(Digest.of(new byte[1])).bytes(new byte[3]);
    }
    List<byte[]> table = List.of(w.toBytes());
    assertThatCode(() -> check.clients(0, table, 2)).doesNotThrowAnyException();
    fires("S18", () -> check.clients(0, table, 1));
    byte[] endless =
        new Writer(256)
            .u64(1)
            .u64(5)
            .digest(Digest.of(new byte[1]))
            .bytes(new byte[20_000])
            .toBytes();
    fires("S18", () -> check.clients(0, List.of(endless), 2));
  }

  // --- S22

  private static Effect committed(int instance, long slot) {
    return new Effect.Note(
        new Effect.Event.Committed(instance, slot, Digest.of(new byte[] {(byte) slot})));
  }

  @Test
  void s22MoreMessagesThanABatchNeeds() {
    CostCheck check = new CostCheck(Scope.three());
    for (int slot = 1; slot <= 100; slot++) {
      check.effect(0, 1, committed(1, slot));
      for (int m = 0; m < 10; m++) {
        check.sent(1, "CommitSig");
      }
    }
    assertThatCode(check::judge).doesNotThrowAnyException();
    for (int m = 0; m < 1000; m++) {
      check.sent(1, "StatusAnswer");
    }
    assertThatCode(check::judge).doesNotThrowAnyException();
    for (int m = 0; m < 1000; m++) {
      check.sent(1, "CommitSig");
    }
    fires("S22", check::judge);
  }

  @Test
  void s22VotesThatNobodyCombinesGoToAll() {
    CostCheck check = new CostCheck(Scope.three());
    check.trusted(
        0,
        new TrustedCall.IndependentSignature(1, 0, 1, Digest.of(new byte[0])),
        new Result.Attested(new byte[64]));
    // With three replicas that is two each of two, as many as through a collector and back.
    for (int slot = 1; slot <= 100; slot++) {
      check.effect(0, 1, committed(1, slot));
      for (int m = 0; m < 10; m++) {
        check.sent(1, "CommitSig");
      }
    }
    assertThatCode(check::judge).doesNotThrowAnyException();
    for (int m = 0; m < 1000; m++) {
      check.sent(1, "CommitSig");
    }
    fires("S22", check::judge);
  }

  @Test
  void s22MoreMessagesThanAListNeeds() {
    CostCheck check = new CostCheck(Scope.three());
    check.effect(0, 1, committed(Instances.ORDER, 1));
    for (int m = 0; m < 1000; m++) {
      check.sent(Instances.ORDER, "Prepare");
    }
    fires("S22", check::judge);
  }

  // --- V1: who had an occasion

  @Test
  void v1AStartThatNobodyJudgesIsNoticed() {
    Scope scope = Scope.three();
    scope.count("S19");
    new Occasions(scope, true).input(0, new Input.Snapshot(new Input.SnapshotEvent.Durable(4)));
    fires("V1", scope::finish);
  }

  @Test
  void onlyOraclesThatHadAnOccasionAreListed() {
    Scope scope = Scope.three();
    scope.count("S16");
    scope.count("S1").checked++;
    scope.count("S2").occasions++;
    assertThat(scope.checked()).containsOnlyKeys("S1", "S2");
  }

  // --- the reference of a run in which replicas share their store

  @Test
  void s5AReplicaThatWasToldSomethingElseDoesNotSpoilTheReference() {
    World world =
        World.of(
            WorldOptions.of(new QuorumRule(3, FaultModel.HYBRID), ToyProtocol::new, ToyCodec::new)
                .withApplication(SharedStore.world()));
    ExecutionCheck check =
        new ExecutionCheck(new Scope(3, true, Set.of(0, 1)), SharedStore.alone());
    // R2 lies and is the first.
    world.options().application().get().apply(1, 0, execute(1, 1, "forged").commands());
    check.released(0, 1, execute(1, 1, "a"));
    List<byte[]> honest =
        world.options().application().get().apply(1, 0, execute(1, 1, "a").commands());
    assertThatCode(() -> check.input(0, new Input.Executed(1, honest))).doesNotThrowAnyException();
    fires("S5", () -> check.input(1, new Input.Executed(1, List.of(new byte[] {'o', 'k'}))));
  }
}
