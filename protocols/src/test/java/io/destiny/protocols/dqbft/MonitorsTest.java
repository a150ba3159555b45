package io.destiny.protocols.dqbft;

import static io.destiny.protocols.dqbft.Stage.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Batch;
import org.junit.jupiter.api.Test;

/** dqbft.md §6 rules 12 and 13: who is suspected of what, and who is not. */
class MonitorsTest {
  private final Stage stage = new Stage(5, 4);

  private String last(PuppetEngine engine) {
    return engine.asked.isEmpty() ? "" : engine.asked.getLast();
  }

  @Test
  void anIdleClusterSuspectsNobodyAndAsksNothing() {
    stage.ticks(40);
    for (PuppetEngine e : stage.instances) {
      assertThat(e.asked).isEmpty();
    }
    assertThat(stage.ordering.asked).isEmpty();
  }

  /** T_dis: a valid proposal that does not commit, its view or nobody else's. */
  @Test
  void aProposalThatDoesNotCommit() {
    stage.d(1).proposed(1, stage.batch(1));
    stage.turn();
    stage.ticks(4);
    assertThat(stage.d(1).asked).isEmpty();
    stage.ticks(2);
    assertThat(stage.d(1).asked)
        .containsExactly("suspect DISSEMINATION 1", "suspect DISSEMINATION 1");
    stage.d(1).committed(1, stage.batch(1));
    stage.ordering.committed(1, stage.list(order(1, 1)));
    stage.turn();
    stage.ticks(8);
    assertThat(stage.d(1).asked).hasSize(2);
    assertThat(stage.ordering.asked).isEmpty();
  }

  /** T_dis: a slot that a committed list demands, proposed or not. */
  @Test
  void anOrderedSlotThatNobodyProposes() {
    stage.ordering.committed(1, stage.list(order(1, 1)));
    stage.turn();
    stage.ticks(6);
    assertThat(last(stage.d(1))).isEqualTo("suspect DISSEMINATION 1");
    assertThat(stage.ordering.asked).isEmpty();
  }

  /** A new leader gets all the time there is. */
  @Test
  void aNewViewStartsTheClockAgain() {
    stage.d(1).proposed(1, Batch.NOOP);
    stage.turn();
    stage.ticks(6);
    int before = stage.d(1).asked.size();
    stage.d(1).enter(1, 1, new byte[0]);
    stage.turn();
    stage.ticks(3);
    assertThat(stage.d(1).asked).hasSize(before);
    stage.ticks(3);
    assertThat(last(stage.d(1))).isEqualTo("suspect DISSEMINATION 2");
  }

  /** T_order: ORDER-REQ at half of it and then every T_resend, and a complaint at its end. */
  @Test
  void aCommittedSlotThatIsNotOrdered() {
    stage.d(1).committed(1, stage.batch(1));
    stage.turn();
    stage.ticks(2);
    assertThat(stage.d(1).asked).isEmpty();
    stage.ticks(2);
    assertThat(stage.d(1).asked).containsExactly("show 1 to 0", "show 1 to 0");
    assertThat(stage.ordering.asked).isEmpty();
    stage.ticks(1);
    assertThat(stage.ordering.asked).containsExactly("suspect ORDERING 1");
    stage.ordering.proposed(1, stage.list(order(1, 1)));
    stage.turn();
    stage.ticks(2);
    assertThat(stage.ordering.asked).hasSize(1);
  }

  /** 00-system-model §8: an O-primary whose window is full cannot order. */
  @Test
  void aFullOrderWindowStopsTheClock() {
    for (long k = 1; k <= 16; k++) {
      stage.ordering.committed(k, stage.list(order(0, k)));
    }
    stage.d(0).proposed(1, stage.batch(0));
    stage.d(1).committed(1, stage.batch(1));
    stage.turn();
    stage.ticks(20);
    assertThat(stage.ordering.asked).isEmpty();
    assertThat(stage.d(1).asked).isEmpty();
    assertThat(last(stage.d(0))).isEqualTo("suspect DISSEMINATION 1");
  }

  /** T_ocommit. */
  @Test
  void aListThatDoesNotCommit() {
    stage.d(1).committed(1, stage.batch(1));
    stage.ordering.proposed(1, stage.list(order(1, 1)));
    stage.turn();
    stage.ticks(5);
    assertThat(last(stage.ordering)).isEqualTo("suspect ORDERING 1");
  }

  /** §7 case 2: what the new view does not cover is told to its primary until it is covered. */
  @Test
  void afterAViewChangeOfOTheNewPrimaryIsTold() {
    stage.d(4).proposed(1, stage.batch(4));
    stage.ordering.proposed(1, stage.list(order(4, 1)));
    stage.turn();
    stage.d(4).asked.clear();
    stage.ordering.enter(1, 0, new byte[0]);
    stage.turn();
    stage.ticks(2);
    assertThat(stage.d(4).asked).containsExactly("show 1 to 1", "show 1 to 1");
    stage.ordering.proposed(1, stage.list(order(4, 1)));
    stage.turn();
    stage.ticks(2);
    assertThat(stage.d(4).asked).hasSize(2);
  }

  /** Nobody complains about himself, nor about a view that is already left. */
  @Test
  void theOwnInstanceAndALeftView() {
    stage.d(4).proposed(1, stage.batch(4));
    stage.d(1).proposed(1, stage.batch(1));
    stage.d(1).entered = false;
    stage.turn();
    stage.ticks(20);
    assertThat(stage.d(4).asked).isEmpty();
    assertThat(stage.d(1).asked).isEmpty();
  }
}
