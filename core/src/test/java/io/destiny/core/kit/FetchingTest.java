package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.engine.Port;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKind;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FetchingTest {
  private static final class Slot {
    boolean decided;
  }

  private final Settings settings = KitFixture.settings(5, 1);
  private final SlotWindow<Slot> window = new SlotWindow<>(100, slot -> new Slot());
  private final Reach<Slot> reach = new Reach<>(window, s -> true, s -> s.decided);
  private final List<Long> asked = new ArrayList<>();
  private final Fetching fetching = new Fetching(settings, window, reach, new Undecided());
  private final SplittableRandom random = new SplittableRandom(5);
  private int timers;
  private long now;

  /** What the world answers to the few calls that are made here. */
  private final Port port =
      (Port)
          Proxy.newProxyInstance(
              Port.class.getClassLoader(),
              new Class<?>[] {Port.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "now" -> now;
                    case "random" -> random;
                    case "startTimer" -> started((TimerKind) arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                  });

  private Object started(TimerKind kind) {
    assertThat(kind).isEqualTo(TimerKind.FETCH);
    timers++;
    return port;
  }

  /** Two slots at a time. */
  private final class Undecided implements Fetching.Holes {
    @Override
    public boolean any(long last) {
      return reach.frontier() < last;
    }

    @Override
    public long ask(long last, Port turn) {
      long to = Math.min(last, reach.frontier() + 2);
      if (to <= reach.frontier()) {
        return 0;
      }
      asked.add(to);
      return to;
    }
  }

  private void decide(long slot) {
    window.get(slot).decided = true;
    reach.touch(slot);
    reach.extend();
    fetching.arrived(slot, port);
  }

  @Test
  void nothingIsAskedForBeforeItIsLate() {
    fetching.look(port);
    assertThat(timers).isZero();
    fetching.want(2, port);
    fetching.want(1, port);
    assertThat(timers).as("one T_fetch at a time").isEqualTo(1);
    assertThat(asked).isEmpty();
    decide(1);
    decide(2);
    fetching.onTimer(port);
    assertThat(asked).isEmpty();
    assertThat(timers).isEqualTo(1);
  }

  @Test
  void whoCatchesUpGoesOnAtOnce() {
    reach.touch(5);
    fetching.look(port);
    fetching.onTimer(port);
    assertThat(asked).containsExactly(2L);
    assertThat(timers).as("again while there are holes").isEqualTo(2);
    decide(2);
    assertThat(asked).as("not before all of them are here").containsExactly(2L);
    decide(1);
    assertThat(asked).containsExactly(2L, 4L);
  }

  @Test
  void thatSomebodyNamesASlotIsGoodForOneRound() {
    fetching.want(3, port);
    fetching.onTimer(port);
    assertThat(asked).containsExactly(2L);
    assertThat(timers).isEqualTo(1);
    assertThat(fetching.last()).isZero();
    fetching.want(1000, port);
    assertThat(fetching.last()).as("no further than the window").isEqualTo(100);
  }

  @Test
  void randomPeersAreOthers() {
    for (int i = 0; i < 50; i++) {
      assertThat(fetching.some(2, 4, port)).hasSize(2).doesNotHaveDuplicates().isSubsetOf(0, 2, 3);
      assertThat(fetching.some(9, 1, port)).containsExactlyInAnyOrder(0, 2, 3, 4);
    }
  }

  @Test
  void aPeerHasABudgetWithinTFetch() {
    FetchBudget budget = new FetchBudget(settings);
    assertThat(budget.affords(2, port)).isTrue();
    budget.spend(2, 33 << 20);
    assertThat(budget.affords(2, port)).isFalse();
    assertThat(budget.affords(3, port)).isTrue();
    now = settings.tuning().fetchDelay() + 1;
    assertThat(budget.affords(2, port)).isTrue();
  }
}
