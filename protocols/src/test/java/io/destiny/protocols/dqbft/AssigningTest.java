package io.destiny.protocols.dqbft;

import static io.destiny.protocols.dqbft.Stage.order;
import static io.destiny.protocols.dqbft.Stage.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.composition.CheckpointParts;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Admission;
import io.destiny.core.engine.Validity;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** 00-system-model.md §6: clients that ask for another home. */
class AssigningTest {
  private static final int N = 5;

  private static Assignment assignment(long client, long version, int home) {
    Request request =
        Request.of(
            Stage.DOMAIN,
            Assignment.asking(client),
            version,
            List.of(Assignment.command(home)),
            new byte[64]);
    Assignment a = Assignment.of(request);
    assertThat(a).isNotNull();
    return a;
  }

  private static OrderList list(Stage stage, Assignment... assignments) {
    return OrderList.of(stage.settings, 1, List.of(), List.of(assignments));
  }

  private static List<Integer> relayedTo(Stage stage, Assignment a) {
    return stage.effects.stream()
        .filter(
            e ->
                e instanceof Effect.Send s
                    && s.message() instanceof KitMessage.Relay r
                    && r.request().equals(a.request()))
        .map(e -> ((Effect.Send) e).to())
        .toList();
  }

  private static void executes(Stage stage, long slot, Assignment... assignments) {
    stage.ordering.committed(slot, list(stage, assignments));
    stage.turn();
  }

  // ---- on the way to the O-primary

  @Test
  void anAssignReqIsSentOnUntilItIsOrderedAndTheOPrimaryIsBlamedIfItIsNot() {
    Stage stage = new Stage(N, 4);
    Assignment a = assignment(stage.client(1, 0), 1, 2);
    stage.on(new Input.Submitted(a.request()));
    assertThat(relayedTo(stage, a)).containsExactly(0);
    stage.ticks(3);
    assertThat(relayedTo(stage, a)).containsExactly(0);
    assertThat(stage.ordering.asked).isEmpty();
    stage.ticks(1);
    assertThat(stage.ordering.asked).containsExactly("suspect ORDERING 1");
    executes(stage, 1, a);
    stage.ticks(4);
    assertThat(relayedTo(stage, a)).isEmpty();
    assertThat(stage.ordering.asked).hasSize(1);
  }

  /** Execution may stand still for what the O-primary cannot help. */
  @Test
  void oneThatIsInAnAcceptedListIsWatchedNoMore() {
    Stage stage = new Stage(N, 4);
    Assignment a = assignment(stage.client(1, 0), 1, 2);
    stage.on(new Input.Submitted(a.request()));
    stage.ordering.committed(1, stage.list(order(3, 1)));
    stage.ordering.committed(2, list(stage, a));
    stage.turn();
    stage.ticks(20);
    assertThat(relayedTo(stage, a)).isEmpty();
    assertThat(stage.ordering.asked).isEmpty();
  }

  @Test
  void aNewViewOfOStartsTheClockAgainAndHearsOfItAtOnce() {
    Stage stage = new Stage(N, 4);
    Assignment a = assignment(stage.client(1, 0), 1, 2);
    stage.on(new Input.Submitted(a.request()));
    stage.ticks(3);
    stage.ordering.enter(1, 0, new byte[0]);
    stage.turn();
    stage.ticks(3);
    assertThat(relayedTo(stage, a)).containsExactly(1);
    assertThat(stage.ordering.asked).isEmpty();
    stage.ticks(1);
    assertThat(stage.ordering.asked).containsExactly("suspect ORDERING 2");
  }

  /** A flood of versions costs one place, and deposes nobody that orders the highest. */
  @Test
  void ofAClientTheHighestVersionIsHeld() {
    Stage stage = new Stage(N, 4);
    long client = stage.client(1, 0);
    Assignment low = assignment(client, 1, 2);
    Assignment high = assignment(client, 1000, 3);
    stage.on(new Input.Submitted(low.request()));
    stage.on(new Input.Submitted(high.request()));
    stage.on(new Input.Submitted(low.request()));
    assertThat(relayedTo(stage, low)).isEmpty();
    stage.ticks(1);
    assertThat(relayedTo(stage, low)).isEmpty();
    assertThat(relayedTo(stage, high)).containsExactly(0);
    // Two with one version: whichever is ordered settles the other.
    executes(stage, 1, assignment(client, 1000, 1));
    stage.ticks(20);
    assertThat(relayedTo(stage, high)).isEmpty();
    assertThat(stage.ordering.asked).isEmpty();
  }

  @Test
  void oneThatComesTooEarlyIsNotHeld() {
    Stage stage = new Stage(N, 4);
    long client = stage.client(1, 0);
    executes(stage, 1, assignment(client, 1, 2));
    Assignment next = assignment(client, 2, 3);
    stage.on(new Input.Submitted(next.request()));
    assertThat(relayedTo(stage, next)).isEmpty();
    stage.ticks(20);
    assertThat(stage.ordering.asked).isEmpty();
  }

  @Test
  void whoIsNotTheOPrimaryTakesNoRelay() {
    Stage stage = new Stage(N, 4);
    Assignment a = assignment(stage.client(1, 0), 1, 2);
    stage.on(new Input.Received(1, new KitMessage.Relay(a.request())));
    assertThat(stage.effects).noneMatch(e -> e instanceof Effect.Compute);
  }

  // ---- at the O-primary

  @Test
  void theOPrimaryOrdersItOnceWhenItsSignatureIsVerified() {
    Stage stage = new Stage(N, 0);
    Assignment a = assignment(stage.client(1, 0), 1, 2);
    stage.on(new Input.Received(3, new KitMessage.Relay(a.request())));
    Effect.Compute job =
        (Effect.Compute)
            stage.effects.stream().filter(e -> e instanceof Effect.Compute).findFirst().get();
    assertThat(job.work()).isEqualTo(new Work.VerifyRequests(List.of(a.request())));
    assertThat(stage.ordering.asked).isEmpty();
    stage.on(new Input.Computed(job.job(), new Result.Verdict(true)));
    assertThat(stage.ordering.asked).hasSize(1).first().asString().contains("->R2");
    stage.on(new Input.Received(4, new KitMessage.Relay(a.request())));
    stage.ticks(3);
    assertThat(stage.ordering.asked).hasSize(1);
  }

  @Test
  void oneWithABadSignatureIsDropped() {
    Stage stage = new Stage(N, 0);
    Assignment a = assignment(stage.client(1, 0), 1, 2);
    stage.on(new Input.Received(3, new KitMessage.Relay(a.request())));
    Effect.Compute job =
        (Effect.Compute)
            stage.effects.stream().filter(e -> e instanceof Effect.Compute).findFirst().get();
    stage.on(new Input.Computed(job.job(), new Result.Verdict(false)));
    stage.ticks(20);
    assertThat(stage.ordering.asked).isEmpty();
  }

  @Test
  void aHomeThatIsNoMemberIsNotOrdered() {
    Stage stage = new Stage(N, 0);
    stage.on(new Input.Submitted(assignment(stage.client(1, 0), 1, N).request()));
    stage.ticks(20);
    assertThat(stage.ordering.asked).isEmpty();
  }

  // ---- lists

  private static byte[] encoded(OrderList list) {
    Writer w = new Writer(64);
    list.encode(w);
    assertThat(w.size()).isEqualTo(list.encodedLength());
    return w.toBytes();
  }

  @Test
  void aListWithAssignmentsComesBack() throws MalformedException {
    Stage stage = new Stage(N, 4);
    OrderList list =
        OrderList.of(
            stage.settings,
            7,
            List.of(order(1, 3)),
            List.of(assignment(4, 1, 2), assignment(5, 9, 0)));
    OrderList back = OrderList.decode(stage.settings, new Reader(encoded(list)));
    assertThat(back.digest()).isEqualTo(list.digest());
    assertThat(back.assignments()).isEqualTo(list.assignments());
    assertThat(back.entries()).isEqualTo(list.entries());
    OrderList without = OrderList.of(stage.settings, 7, List.of(order(1, 3)));
    assertThat(without.digest()).isNotEqualTo(list.digest());
  }

  @Test
  void aListThatNamesAClientTwiceOrInAnotherOrderIsMalformed() {
    Stage stage = new Stage(N, 4);
    List<byte[]> bad = new ArrayList<>();
    bad.add(encoded(list(stage, assignment(4, 1, 2), assignment(4, 2, 3))));
    // ASSIGN before ORDER
    Writer w = new Writer(64).u64(1).u16(2);
    assignment(4, 1, 2).request().encode(w.u8(2));
    bad.add(w.u8(1).u16(0).u64(1).u8(0).toBytes());
    // a command in place of an ASSIGN_REQ
    Writer command = new Writer(64).u64(1).u16(1);
    request(4, 1).encode(command.u8(2));
    bad.add(command.toBytes());
    for (byte[] bytes : bad) {
      Assertions.assertThatThrownBy(() -> OrderList.decode(stage.settings, new Reader(bytes)))
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void aListIsAsValidAsTheSignaturesInIt() {
    Stage stage = new Stage(N, 4);
    Assignment a = assignment(4, 1, 2);
    assertThat(stage.ordering.port().validate(list(stage, a)))
        .isEqualTo(new Validity.Depends(new Work.VerifyRequests(List.of(a.request()))));
    assertThat(stage.ordering.port().validate(stage.list(order(1, 1))))
        .isEqualTo(new Validity.Valid());
  }

  @Test
  void anAssignReqIsNoCommandOfABatch() {
    Stage stage = new Stage(N, 4);
    Batch batch = Batch.of(List.of(request(4, 1), assignment(4, 1, 2).request()));
    assertThat(stage.d(1).port().validate(batch)).isInstanceOf(Validity.Invalid.class);
    assertThat(stage.d(1).port().validate(Batch.of(List.of(request(4, 1)))))
        .isInstanceOf(Validity.Depends.class);
  }

  /** A backup votes whatever the version: replicas stand at different slots (rule 4c). */
  @Test
  void theGateLetsAnyVersionPass() {
    Stage stage = new Stage(N, 4);
    executes(stage, 1, assignment(4, 5, 2));
    assertThat(stage.admit(2, list(stage, assignment(4, 3, 1)))).isEqualTo(Admission.ACCEPT);
  }

  // ---- what follows

  @Test
  void aCommandThatWaitsGoesToTheNewHome() {
    Stage stage = new Stage(N, 4);
    long client = stage.client(1, 0);
    Request r = request(client, 1);
    stage.on(new Input.Submitted(r));
    stage.ticks(3);
    executes(stage, 1, assignment(client, 1, 3));
    stage.ticks(3);
    assertThat(stage.d(1).asked).as("T_prop starts afresh").isEmpty();
    assertThat(stage.effects)
        .contains(new Effect.Send(3, new KitMessage.Relay(r)))
        .doesNotContain(new Effect.Send(1, new KitMessage.Relay(r)));
    stage.ticks(2);
    assertThat(stage.d(3).asked).isNotEmpty().allMatch(s -> s.startsWith("suspect PROPOSAL"));
    assertThat(stage.d(1).asked).isEmpty();
  }

  @Test
  void theNewHomeProposesWhatItHasWaitingAndTheOldOneNoMore() {
    Stage newHome = new Stage(N, 4);
    long client = newHome.client(1, 0);
    Request r = request(client, 1);
    newHome.on(new Input.Submitted(r));
    executes(newHome, 1, assignment(client, 1, 4));
    assertThat(newHome.d(4).asked).containsExactly("propose 1 batch(1)");

    Stage oldHome = new Stage(N, 1);
    executes(oldHome, 1, assignment(client, 1, 4));
    oldHome.on(new Input.Submitted(r));
    assertThat(oldHome.d(1).asked).isEmpty();
    assertThat(oldHome.effects).contains(new Effect.Send(4, new KitMessage.Relay(r)));
    oldHome.on(new Input.Received(2, new KitMessage.Relay(r)));
    assertThat(oldHome.d(1).asked).isEmpty();
  }

  /** What is proposed and what is committed elsewhere meet in the client table. */
  @Test
  void whatTheOldHomeHasProposedIsProposedByTheNewOneToo() {
    Stage stage = new Stage(N, 4);
    long client = stage.client(1, 0);
    Request r = request(client, 1);
    stage.d(1).proposed(1, Batch.of(List.of(r)));
    stage.on(new Input.Submitted(r));
    executes(stage, 1, assignment(client, 1, 4));
    assertThat(stage.d(4).asked).containsExactly("propose 1 batch(1)");
  }

  @Test
  void anAssignThatIsRepeatedOrIsLowerHasNoEffect() {
    Stage stage = new Stage(N, 4, 256);
    long client = stage.client(1, 0);
    executes(stage, 1, assignment(client, 5, 2));
    long slot = 2;
    for (; slot < 70; slot++) {
      executes(stage, slot, assignment(client, 4, 3));
      if (slot % stage.settings.tuning().checkpointInterval() == 0) {
        stage.dqbft.order().checkpointTaken();
      }
    }
    assertThat(stage.dqbft.order().next()).isEqualTo(70);
    assertThat(stage.dqbft.order().assignments().home(client, N)).isEqualTo(2);
    executes(stage, slot, assignment(client, 6, 3));
    assertThat(stage.dqbft.order().assignments().home(client, N)).isEqualTo(3);
  }

  @Test
  void aCheckpointHoldsTheTable() {
    Stage stage = new Stage(N, 4);
    long client = stage.client(1, 0);
    executes(stage, 1, assignment(client, 5, 3));
    CheckpointParts parts = CheckpointParts.of(stage.dqbft.order().parts());
    assertThat(parts.assignments().home(client, N)).isEqualTo(3);
    Stage other = new Stage(N, 4);
    other.turn(() -> other.dqbft.order().adopt(parts));
    assertThat(other.dqbft.order().assignments().home(client, N)).isEqualTo(3);
    assertThat(Homes.of(client, N)).isEqualTo(1);
  }
}
