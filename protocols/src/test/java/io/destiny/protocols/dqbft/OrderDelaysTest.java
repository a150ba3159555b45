package io.destiny.protocols.dqbft;

import static io.destiny.protocols.dqbft.Stage.MILLISECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Batch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The adaptive T_order: an O-primary that stays below every time-out (dqbft.md §6 rule 12). */
class OrderDelaysTest {
  private static final int N = 5;
  private final Stage stage = new Stage(N, 4, 256);
  private long slot;

  /**
   * Every instance proposes a slot, which is disseminated after so many milliseconds (ascending),
   * and then the order comes.
   */
  private void round(int order, int... dissemination) {
    slot++;
    List<OrderList.Entry> entries = new ArrayList<>();
    for (int n = 0; n < dissemination.length; n++) {
      stage.d(n).proposed(slot, Batch.NOOP);
    }
    stage.turn();
    int passed = 0;
    for (int n = 0; n < dissemination.length; n++) {
      stage.passes((dissemination[n] - passed) * MILLISECOND);
      passed = dissemination[n];
      stage.d(n).committed(slot, Batch.NOOP);
      stage.turn();
      entries.add(Stage.order(n, slot));
    }
    stage.passes(order * MILLISECOND);
    stage.ordering.committed(slot, stage.list(entries.toArray(OrderList.Entry[]::new)));
    stage.turn();
  }

  private void rounds(int times, int order, int... dissemination) {
    for (int i = 0; i < times; i++) {
      round(order, dissemination);
    }
    stage.ticks(1);
  }

  private long complaints() {
    return stage.ordering.asked.stream().filter(a -> a.startsWith("suspect ORDERING")).count();
  }

  @Test
  void ordersThatKeepPaceWithDisseminationAreNotLate() {
    rounds(40, 30, 10, 10, 10, 10, 10);
    assertThat(complaints()).isZero();
  }

  @Test
  void oneOrTwoLateOrdersAreAnAccident() {
    rounds(8, 0, 10, 10, 10, 10, 10);
    rounds(4, 200, 10, 10, 10, 10, 10);
    rounds(16, 0, 10, 10, 10, 10, 10);
    rounds(4, 200, 10, 10, 10, 10, 10);
    assertThat(complaints()).isZero();
  }

  @Test
  void aPrimaryThatIsAlwaysLateIsSuspectedLongBeforeAnyTimeout() {
    rounds(8, 0, 10, 10, 10, 10, 10);
    rounds(5, 200, 10, 10, 10, 10, 10);
    assertThat(stage.ordering.asked).contains("suspect ORDERING 1");
  }

  /** It delays what one instance disseminates, and no other. */
  @Test
  void aVictimAmongOthersIsEnough() {
    rounds(8, 0, 10, 10, 10, 10, 10);
    for (int i = 0; i < 5; i++) {
      slot++;
      for (int n = 0; n < N; n++) {
        stage.d(n).proposed(slot, Batch.NOOP);
      }
      stage.turn();
      for (int n = 0; n < N; n++) {
        stage.d(n).committed(slot, Batch.NOOP);
      }
      stage.turn();
      OrderList.Entry[] others = new OrderList.Entry[N - 1];
      for (int n = 0; n < N - 1; n++) {
        others[n] = Stage.order(n, slot);
      }
      stage.ordering.committed(2 * slot, stage.list(others));
      stage.turn();
      stage.passes(200 * MILLISECOND);
      stage.ordering.committed(2 * slot + 1, stage.list(Stage.order(N - 1, slot)));
      stage.turn();
    }
    stage.ticks(1);
    assertThat(complaints()).isOne();
  }

  /** What is known of f instances alone may be what f liars want others to believe. */
  @Test
  void coordinatorsThatLieCannotMakeAPrimaryLookSlow() {
    rounds(40, 100, 0, 0);
    assertThat(complaints()).isZero();
    rounds(40, 100, 0, 0, 40, 40, 40);
    assertThat(complaints()).isZero();
  }

  @Test
  void whereEverythingIsSlowOrdersMayBeToo() {
    rounds(40, 500, 200, 200, 200, 200, 200);
    assertThat(complaints()).isZero();
  }

  /** The next primary gets twice the time: where all are slow, one of them can stay. */
  @Test
  void whoFollowsASlowOneGetsMoreTime() {
    rounds(8, 0, 10, 10, 10, 10, 10);
    rounds(5, 60, 10, 10, 10, 10, 10);
    assertThat(complaints()).isOne();
    stage.ordering.enter(1, slot, new byte[0]);
    stage.turn();
    rounds(20, 60, 10, 10, 10, 10, 10);
    assertThat(complaints()).isOne();
    rounds(20, 120, 10, 10, 10, 10, 10);
    assertThat(stage.ordering.asked).contains("suspect ORDERING 2");
  }

  /** While the O-window is full behind a stopped execution, nobody can order anything. */
  @Test
  void aFullOrderWindowIsNotItsFault() {
    rounds(8, 0, 10, 10, 10, 10, 10);
    for (int i = 0; i < 8; i++) {
      slot++;
      stage.d(1).proposed(slot, Batch.NOOP);
      stage.d(1).committed(slot, Batch.NOOP);
      stage.ordering.proposed(256, stage.list(Stage.order(0, 1)));
      stage.turn();
      stage.ticks(1);
      stage.ordering.committed(slot, stage.list(Stage.order(1, slot)));
      stage.turn();
    }
    assertThat(complaints()).isZero();
  }
}
