package io.destiny.protocols.hybster;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.kit.Blacklist;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybster.HybsterMessage.Vote;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which votes for a slot count, and which are checked first. */
class BallotTest {
  private static final int N = 5;
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  private final Ballot ballot = new Ballot(N);
  private final Blacklist blacklist = new Blacklist(N);

  private static Vote of(int replica) {
    return new Vote(replica, new byte[64]);
  }

  private List<Integer> unchecked(Digest value) {
    return ballot.unchecked(value, blacklist, 1).stream().map(c -> c.vote.replica()).toList();
  }

  @Test
  void aReplicaHasOneVoteHoweverOftenItComes() {
    assertThat(ballot.add(of(1), 0, A)).isTrue();
    assertThat(ballot.add(of(1), 0, A)).isFalse();
    assertThat(ballot.add(of(1), 0, B)).isFalse();
    assertThat(ballot.count(A)).isEqualTo(1);
    assertThat(ballot.count(B)).isZero();
  }

  @Test
  void votesForDifferentValuesDoNotAddUp() {
    ballot.add(of(1), 0, A);
    ballot.add(of(2), 0, B);
    ballot.add(of(3), 0, A);
    assertThat(ballot.voters(A)).containsExactly(1, 3);
    assertThat(ballot.voters(B)).containsExactly(2);
  }

  @Test
  void onlyCheckedVotesAreValidAndRejectedOnesCountNoMore() {
    ballot.add(of(3), 0, A);
    ballot.add(of(1), 0, A);
    assertThat(ballot.valid(A)).isEmpty();
    List<Ballot.Cast> casts = ballot.unchecked(A, blacklist, 1);
    ballot.accept(casts.getFirst());
    ballot.reject(casts.getLast());
    assertThat(ballot.valid(A)).containsExactly(of(1));
    assertThat(ballot.count(A)).isEqualTo(1);
    assertThat(unchecked(A)).isEmpty();
    // Who sent a bad one has no second try.
    assertThat(ballot.add(of(3), 0, A)).isFalse();
  }

  @Test
  void theCertifiedProposalTakesThePlaceOfWhatItsLeaderSent() {
    ballot.add(of(0), 0, B);
    ballot.addValid(of(0), 0, A);
    assertThat(ballot.count(B)).isZero();
    assertThat(ballot.valid(A)).containsExactly(of(0));
  }

  @Test
  void votesOfSuspectsAreCheckedLast() {
    ballot.add(of(0), 0, A);
    ballot.add(of(1), 0, A);
    ballot.add(of(2), 0, A);
    blacklist.strike(0, 1);
    assertThat(unchecked(A)).containsExactly(1, 2, 0);
  }

  @Test
  void votesOfAViewToComeCountWhenItIsEntered() {
    ballot.add(of(1), 0, A);
    ballot.keepEarly(of(2), 1, A);
    ballot.keepEarly(of(3), 2, B);
    assertThat(ballot.count(A)).isEqualTo(1);
    ballot.enter(1);
    assertThat(ballot.voters(A)).containsExactly(2);
    ballot.enter(2);
    assertThat(ballot.voters(A)).isEmpty();
    assertThat(ballot.voters(B)).containsExactly(3);
  }

  @Test
  void ofTheViewsToComeTheHighestIsKept() {
    ballot.keepEarly(of(2), 2, A);
    ballot.keepEarly(of(2), 1, B);
    ballot.enter(1);
    assertThat(ballot.count(B)).isZero();
    ballot.enter(2);
    assertThat(ballot.count(A)).isEqualTo(1);
  }
}
