package io.destiny.sim.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.destiny.core.machine.Effect;
import io.destiny.core.statement.Writer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** S15 fires on assignment tables that no order of ASSIGN entries gives, and on no others. */
class AssignmentCheckTest {
  private static final List<byte[]> EMPTY = List.of(new byte[] {1});

  private final AssignmentCheck check = new AssignmentCheck(Scope.three());

  /** client, version, home, slot. */
  private void takes(int replica, long slot, long[]... entries) {
    Writer w = new Writer(64).u32(entries.length);
    for (long[] e : entries) {
      w.u64(e[0]).u64(e[1]).u16((int) e[2]).u64(e[3]);
    }
    List<List<byte[]>> parts = List.of(EMPTY, EMPTY, EMPTY, List.of(w.toBytes()));
    check.released(replica, 1, new Effect.TakeSnapshot(slot, parts));
  }

  private void fires(String what, int replica, long slot, long[]... entries) {
    Violation v = catchThrowableOfType(Violation.class, () -> takes(replica, slot, entries));
    assertThat(v).isNotNull().hasMessageContaining(what);
    assertThat(v.rule()).isEqualTo("S15");
  }

  private static long[] entry(long client, long version, long home, long slot) {
    return new long[] {client, version, home, slot};
  }

  @Test
  void clientsThatMoveAsTheyAsked() {
    check.asked(1, 5, 2);
    check.asked(1, 9, 0);
    check.asked(2, 1, 1);
    takes(0, 8);
    takes(0, 16, entry(1, 5, 2, 10));
    takes(0, 80, entry(1, 9, 0, 74), entry(2, 1, 1, 80));
    takes(1, 16, entry(1, 5, 2, 10));
  }

  @Test
  void whatNobodyAskedFor() {
    check.asked(1, 5, 2);
    fires("was not asked for", 0, 16, entry(1, 5, 1, 10));
    fires("was not asked for", 1, 16, entry(2, 5, 2, 10));
  }

  @Test
  void aVersionThatFallsOrTakesEffectTwice() {
    check.asked(1, 5, 2);
    check.asked(1, 9, 0);
    takes(0, 16, entry(1, 9, 0, 10));
    fires("went back", 0, 160, entry(1, 5, 2, 150));
    takes(1, 16, entry(1, 9, 0, 10));
    fires("went back", 1, 160, entry(1, 9, 0, 150));
  }

  @Test
  void aClientThatMovesTooOften() {
    check.asked(1, 5, 2);
    check.asked(1, 9, 0);
    takes(0, 16, entry(1, 5, 2, 10));
    fires("after 63 slots", 0, 80, entry(1, 9, 0, 73));
  }

  @Test
  void aTableThatForgets() {
    check.asked(1, 5, 2);
    takes(0, 16, entry(1, 5, 2, 10));
    fires("is forgotten", 0, 24);
  }

  @Test
  void aMoveOfALaterSlot() {
    check.asked(1, 5, 2);
    fires("later slot", 0, 16, entry(1, 5, 2, 17));
  }
}
