package io.destiny.sim.check;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import org.junit.jupiter.api.Test;

/** S3 of commits: a quorum of trusted subsystems is behind each, in one view. */
class QuorumCheckTest {
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  private final Domain domain = new Domain(new byte[16], 0);
  private final QuorumCheck check = new QuorumCheck(Scope.three(), domain);

  private void signs(int replica, long view, long slot, Digest value) {
    check.trusted(
        replica,
        new TrustedCall.IndependentSignature(
            1, Counters.ORDER, Counters.encode(view, slot), domain.proposal(1, view, slot, value)),
        new Result.Attested(new byte[64]));
  }

  private void commits(long slot, Digest value) {
    check.effect(0, 1, new Effect.Note(new Effect.Event.Committed(1, slot, value)));
  }

  private void fires(long slot, Digest value) {
    assertThatThrownBy(() -> commits(slot, value)).hasMessageContaining("S3");
  }

  @Test
  void twoOfThreeAreAQuorumForWhatTheySigned() {
    signs(0, 0, 1, A);
    signs(1, 0, 1, A);
    assertThatCode(() -> commits(1, A)).doesNotThrowAnyException();
    fires(1, B);
    fires(2, A);
  }

  @Test
  void oneIsNoneHoweverOftenItSigns() {
    signs(0, 0, 1, A);
    signs(0, 0, 1, A);
    signs(1, 0, 1, B);
    fires(1, A);
  }

  @Test
  void votesOfTwoViewsDoNotAddUp() {
    signs(0, 0, 1, A);
    signs(1, 1, 1, A);
    fires(1, A);
    signs(2, 1, 1, A);
    assertThatCode(() -> commits(1, A)).doesNotThrowAnyException();
  }
}
