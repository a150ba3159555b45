package io.destiny.protocols.dqbft;

import static io.destiny.protocols.dqbft.Stage.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.engine.Admission;
import io.destiny.core.engine.Proposal;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Instances;
import org.junit.jupiter.api.Test;

/** What a view change of one instance means to the composition (dqbft.md §6, §7). */
class ViewsTest {
  private static final byte[] NO_NOTE = {};

  /** §3: lists of a left O-view count only if committed or kept by NEW-VIEW(O). */
  @Test
  void listsOfALeftViewCountOnlyIfTheyAreTakenOver() {
    Stage stage = new Stage(3, 2);
    for (int n = 0; n < 3; n++) {
      stage.d(n).proposed(1, stage.batch(n));
    }
    stage.ordering.committed(1, stage.list(order(0, 1)));
    stage.ordering.proposed(2, stage.list(order(1, 1)));
    stage.ordering.proposed(3, stage.list(order(2, 1)));
    stage.turn();
    assertThat(covered(stage)).containsExactly(1, 1, 1);
    stage.ordering.enter(1, 2, NO_NOTE);
    stage.turn();
    assertThat(covered(stage)).containsExactly(1, 1, 0);
  }

  private static long[] covered(Stage stage) {
    return new long[] {
      stage.dqbft.order().covered(0), stage.dqbft.order().covered(1), stage.dqbft.order().covered(2)
    };
  }

  /** destiny.md §6: the new O-primary rebuilds its list from covered_n+1 on. */
  @Test
  void theNewPrimaryOrdersWhatTheNewViewDoesNotCover() {
    Stage stage = new Stage(3, 1);
    stage.d(0).proposed(1, stage.batch(0));
    stage.d(2).proposed(1, stage.batch(2));
    stage.ordering.proposed(1, stage.list(order(0, 1)));
    stage.ordering.proposed(2, stage.list(order(2, 1)));
    stage.turn();
    assertThat(stage.ordering.asked).isEmpty();
    stage.ordering.enter(1, 1, NO_NOTE);
    stage.turn();
    assertThat(stage.ordering.asked).containsExactly("propose 2 list(D2/1)");
  }

  /** Rules 3 and 4b: on probation a slot is ordered, and its order voted for, once it committed. */
  @Test
  void onProbationAnOrderWaitsForDissemination() {
    Stage primary = new Stage(3, 0);
    byte[] note = Probation.NONE.next(0).note();
    primary.d(1).enter(1, 0, note);
    primary.turn();
    primary.d(1).proposed(1, Batch.NOOP);
    primary.turn();
    assertThat(primary.ordering.asked).isEmpty();
    primary.d(1).committed(1, Batch.NOOP);
    primary.turn();
    assertThat(primary.ordering.asked).containsExactly("propose 1 list(D1/1)");

    Stage backup = new Stage(3, 2);
    backup.d(1).enter(1, 0, note);
    backup.d(1).proposed(1, Batch.NOOP);
    backup.turn();
    assertThat(backup.admit(1, backup.list(order(1, 1)))).isEqualTo(Admission.DEFER);
    backup.d(1).committed(1, Batch.NOOP);
    assertThat(backup.admit(1, backup.list(order(1, 1)))).isEqualTo(Admission.ACCEPT);
  }

  /**
   * Rule 4b: a list names a slot that was proposed in a view of D_n left here. Nobody re-proposes
   * it, and it is filled only when the list has committed.
   */
  @Test
  void anOrderOfWhatALeftViewProposedDoesNotWait() {
    Stage stage = new Stage(3, 2);
    stage.d(1).proposed(1, stage.batch(1));
    stage.turn();
    stage.d(1).entered = false;
    assertThat(stage.admit(1, stage.list(order(1, 1)))).isEqualTo(Admission.ACCEPT);
    stage.d(1).enter(1, 0, Probation.NONE.next(0).note());
    stage.turn();
    assertThat(stage.admit(1, stage.list(order(1, 1)))).isEqualTo(Admission.ACCEPT);
    assertThat(stage.admit(1, stage.list(order(1, 2)))).isEqualTo(Admission.DEFER);
    assertThat(stage.d(1).fetched).containsExactly(2L);
  }

  /** Case 1: the caretaker fills what committed lists demand beyond NEW-VIEW(D_n), and no more. */
  @Test
  void theCaretakerFillsOrderedSlotsWithNoops() {
    Stage stage = new Stage(3, 2);
    stage.d(1).proposed(1, stage.batch(1));
    stage.ordering.committed(1, stage.list(order(1, 3)));
    stage.turn();
    stage.d(1).enter(1, 1, NO_NOTE);
    stage.turn();
    assertThat(stage.d(1).asked).containsExactly("propose 2 noop", "propose 3 noop");
    stage.ordering.proposed(2, stage.list(order(1, 4)));
    stage.turn();
    assertThat(stage.d(1).asked).hasSize(2);
    stage.ordering.committed(2, stage.list(order(1, 4)));
    stage.turn();
    assertThat(stage.d(1).asked).hasSize(3).last().isEqualTo("propose 4 noop");
  }

  /** T_ppwait, then every T_resend while the list waits; a new view of O ends it. */
  @Test
  void aListThatWaitsForTooLongIsComplainedAboutAgainAndAgain() {
    Stage stage = new Stage(3, 2);
    OrderList list = stage.list(order(1, 1));
    stage.ordering.onReconsider =
        () -> stage.ordering.port().admit(new Proposal(stage.ordering.view, 1, list, 0));
    assertThat(stage.admit(1, list)).isEqualTo(Admission.DEFER);
    for (int i = 1; i <= 3; i++) {
      stage.on(new Input.Fired(new TimerKey(Instances.ORDER, TimerKind.GATE, 0)));
      assertThat(stage.ordering.asked).hasSize(i).last().isEqualTo("suspect GATE 1");
    }
    stage.d(1).proposed(1, stage.batch(1));
    stage.turn();
    stage.on(new Input.Fired(new TimerKey(Instances.ORDER, TimerKind.GATE, 0)));
    assertThat(stage.ordering.asked).hasSize(3);
  }

  /** Rule 3: "must when earlier orders stay undisseminated"; one late slot may be an accident. */
  @Test
  void ordersThatStayUndisseminatedMakeThePrimaryPessimistic() {
    Stage stage = new Stage(3, 0);
    for (long s = 1; s <= 2; s++) {
      stage.d(1).proposed(s, Batch.NOOP);
      stage.turn();
      assertThat(stage.ordering.asked).last().isEqualTo("propose " + s + " list(D1/" + s + ")");
      stage.passes(stage.settings.tuning().fetchDelay());
      stage.d(1).committed(s, Batch.NOOP);
      stage.turn();
    }
    stage.d(1).proposed(3, Batch.NOOP);
    stage.d(2).proposed(1, Batch.NOOP);
    stage.turn();
    assertThat(stage.ordering.asked).hasSize(3).last().isEqualTo("propose 3 list(D2/1)");
    stage.d(1).committed(3, Batch.NOOP);
    stage.turn();
    assertThat(stage.ordering.asked).hasSize(4).last().isEqualTo("propose 4 list(D1/3)");
  }
}
