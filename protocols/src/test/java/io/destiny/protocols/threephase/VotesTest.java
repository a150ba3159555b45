package io.destiny.protocols.threephase;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Digest;
import java.util.List;
import org.junit.jupiter.api.Test;

class VotesTest {
  private static final Digest A = new Digest(1, 0, 0, 0);
  private static final Digest B = new Digest(2, 0, 0, 0);

  @Test
  void aSenderVotesOnceInAView() {
    Votes votes = new Votes();
    assertThat(votes.add(1, 0, A)).isTrue();
    assertThat(votes.add(1, 0, A)).isFalse();
    assertThat(votes.add(1, 0, B)).isFalse();
    assertThat(votes.count(0, A)).isEqualTo(1);
    assertThat(votes.count(0, B)).isZero();
  }

  @Test
  void aLaterViewTakesThePlaceOfAnEarlierOne() {
    Votes votes = new Votes();
    votes.add(1, 0, A);
    votes.add(2, 0, A);
    assertThat(votes.add(1, 3, A)).isTrue();
    assertThat(votes.add(1, 2, A)).isFalse();
    assertThat(votes.count(0, A)).isEqualTo(1);
    assertThat(votes.count(3, A)).isEqualTo(1);
    assertThat(votes.agreed(2)).isNull();
    votes.forgetBelow(3);
    assertThat(votes.count(0, A)).isZero();
    assertThat(votes.senders(A)).isEqualTo(List.of(1));
  }

  @Test
  void agreedIsWhatSoManyDistinctSendersSay() {
    Votes votes = new Votes();
    votes.add(1, 0, A);
    votes.add(2, 0, B);
    votes.add(3, 0, B);
    assertThat(votes.agreed(2)).isEqualTo(B);
    assertThat(votes.agreed(3)).isNull();
  }
}
