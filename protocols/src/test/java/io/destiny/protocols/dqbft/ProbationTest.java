package io.destiny.protocols.dqbft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** dqbft.md §6 rule 11. */
class ProbationTest {
  @Test
  void theFirstViewChangeStartsProbationOf64Slots() {
    assertThat(Probation.NONE.next(0)).isEqualTo(new Probation(1, 64));
    assertThat(Probation.NONE.next(10)).isEqualTo(new Probation(1, 74));
  }

  /** "Ping-pong": a coordinator that fails right after each probation doubles the next. */
  @Test
  void eachFailureDoublesThePeriod() {
    Probation p = Probation.NONE;
    for (int level = 1; level <= Probation.HIGHEST; level++) {
      long max = p.end();
      p = p.next(max);
      assertThat(p).isEqualTo(new Probation(level, max + (64L << (level - 1))));
    }
    long max = p.end() + 1;
    assertThat(p.next(max)).isEqualTo(new Probation(10, max + (64L << 9)));
  }

  /** One level off per completed 64·2^level' clean slots. */
  @Test
  void cleanSlotsTakeLevelsOff() {
    Probation p = new Probation(3, 1000);
    assertThat(p.next(1000 + 511).level()).isEqualTo(4);
    assertThat(p.next(1000 + 512).level()).isEqualTo(3);
    assertThat(p.next(1000 + 1024).level()).isEqualTo(2);
    assertThat(p.next(1000 + 10 * 512).level()).isEqualTo(1);
    assertThat(p.next(900).level()).as("within probation").isEqualTo(4);
  }

  @Test
  void aNoteIsReadBack() {
    Probation p = new Probation(7, 1L << 39);
    assertThat(Probation.of(p.note())).isEqualTo(p);
    assertThat(Probation.of(new byte[0])).isEqualTo(Probation.NONE);
    assertThat(p.note()).hasSize(9);
  }

  @Test
  void aNoteThatNobodyAgreesToCountsAsNone() {
    assertThat(Probation.of(new Probation(11, 5).note())).isEqualTo(Probation.NONE);
    assertThat(Probation.of(new Probation(1, -1).note())).isEqualTo(Probation.NONE);
    assertThat(Probation.of(new byte[3])).isEqualTo(Probation.NONE);
    assertThat(Probation.of(new byte[10])).isEqualTo(Probation.NONE);
  }
}
