package io.destiny.sim.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.destiny.core.machine.Effect;
import io.destiny.sim.world.Frame;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** L7 fires on hand-made bad traces, and on no good ones. */
class ProbationCheckTest {
  private final ProbationCheck check = new ProbationCheck(Scope.three());

  private void enters(int replica, long view, long max, int level, long end) {
    check.effect(replica, 1, new Effect.Note(new Effect.Event.Entered(1, view, 0, max)));
    check.effect(replica, 1, new Effect.Note(new Effect.Event.Probation(1, view, level, end)));
  }

  private void fires(int replica, long view, long max, int level, long end) {
    Violation v =
        catchThrowableOfType(Violation.class, () -> enters(replica, view, max, level, end));
    assertThat(v).isNotNull();
    assertThat(v.rule()).isEqualTo("L7");
  }

  @Test
  void l7AnInstanceThatFailsAgainAndAgainAndOneThatBehaves() {
    enters(0, 1, 10, 1, 74);
    enters(1, 1, 10, 1, 74);
    enters(2, 1, 10, 1, 74);
    enters(0, 2, 74, 2, 74 + 128);
    // 4 stretches of 256 clean slots: both levels are off, and it begins again.
    enters(0, 3, 202 + 1024, 1, 202 + 1024 + 64);
    enters(1, 3, 202 + 1024, 1, 202 + 1024 + 64);
  }

  @Test
  void l7OneReplicaHasItOnProbationForLonger() {
    enters(0, 1, 10, 1, 74);
    fires(1, 1, 10, 2, 138);
  }

  @Test
  void l7ProbationEndsLaterThanTheRuleHasIt() {
    fires(0, 1, 10, 1, 10 + 128);
    enters(1, 1, 10, 1, 74);
    fires(0, 2, 20, 3, 20 + 256);
  }

  @Test
  void l7ItDoesNotEnd() {
    fires(0, 5, 10, 11, Long.MAX_VALUE);
  }

  @Test
  void l7ALevelThatIsOffComesBack() {
    enters(0, 1, 10, 1, 74);
    enters(0, 2, 20, 2, 20 + 128);
    fires(0, 3, 148 + 1024, 3, 148 + 1024 + 256);
  }

  /** A view that no correct replica entered may say what nobody here knows. */
  @Test
  void aViewOfWhichOnlyANewViewWasSentIsGivenTheBenefitOfTheDoubt() {
    enters(0, 1, 10, 1, 74);
    check.sent(2, 0, Frame.forged("D1.NewView", newView(2)));
    enters(0, 3, 20, 3, 20 + 256);
    fires(0, 4, 20, 5, 20 + 1024);
  }

  /** A NEW-VIEW that was neither durable nor sent may be made again, of other VIEW-CHANGEs. */
  @Test
  void aViewThatItsPrimaryLostWithThePowerMayBeAnother() {
    enters(0, 1, 10, 1, 74);
    check.crashed(0);
    enters(0, 1, 12, 1, 76);
    check.synced(0, 1);
    check.crashed(0);
    fires(0, 1, 10, 1, 74);
  }

  @Test
  void l7AViewIsAnotherAfterThePowerFailed() {
    enters(0, 1, 10, 1, 74);
    enters(1, 1, 10, 1, 74);
    check.crashed(0);
    fires(0, 1, 12, 1, 76);
  }

  private static byte[] newView(int view) {
    return ByteBuffer.allocate(24)
        .putShort((short) 0)
        .putShort((short) 1)
        .putInt(0)
        .putInt(view)
        .putLong(0)
        .array();
  }
}
