package io.destiny.protocols.dqbft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which list of an O-slot counts (dqbft.md §3). */
class AcceptedListsTest {
  private final Stage stage = new Stage(3, 0);
  private final AcceptedLists lists = new AcceptedLists(3);

  private OrderList list(int instance, long slot) {
    return OrderList.of(stage.settings, 1, List.of(Stage.order(instance, slot)));
  }

  @Test
  void whatIsCommittedTakesThePlaceOfWhatWasProposed() {
    lists.accept(1, list(1, 5), false);
    assertThat(lists.committed(1)).isNull();
    assertThat(lists.claimed(1)).isEqualTo(5);
    OrderList committed = list(2, 3);
    lists.accept(1, committed, true);
    assertThat(lists.committed(1)).isSameAs(committed);
    assertThat(lists.claimed(1)).isZero();
    assertThat(lists.demanded(2)).isEqualTo(3);
  }

  /** An O-primary that equivocates shows one replica another list than all committed. */
  @Test
  void whatIsToldLateDoesNotTakeThePlaceOfWhatIsCommitted() {
    OrderList committed = list(2, 3);
    lists.accept(1, committed, true);
    lists.accept(1, list(1, 5), false);
    lists.accept(1, committed, false);
    lists.forgetUncommitted();
    assertThat(lists.committed(1)).isSameAs(committed);
    assertThat(lists.claimed(1)).isZero();
    assertThat(lists.demanded(2)).isEqualTo(3);
  }
}
