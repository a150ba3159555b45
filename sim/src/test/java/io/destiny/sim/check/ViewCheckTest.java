package io.destiny.sim.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The oracles of view changes fire on hand-made bad traces, and on no good ones. */
class ViewCheckTest {
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  private final ViewCheck check = new ViewCheck(Scope.three());
  private long effects;

  private void ask(int replica, TrustedCall call) {
    check.effect(replica, effects++, new Effect.Trusted(effects, call));
  }

  private void note(int replica, Effect.Event event) {
    check.effect(replica, effects++, new Effect.Note(event));
  }

  private static TrustedCall vote(long view, long slot) {
    return new TrustedCall.IndependentShare(1, Counters.ORDER, Counters.encode(view, slot), A);
  }

  private static TrustedCall leave(long from, long to) {
    return new TrustedCall.Continuing(1, Counters.ORDER, from, Counters.encode(to, 0), A);
  }

  private static void fires(String rule, ThrowingCallable act) {
    Violation v = catchThrowableOfType(Violation.class, act);
    assertThat(v).as("%s fires", rule).isNotNull();
    assertThat(v.rule()).isEqualTo(rule);
  }

  @Test
  void s14AVoteInAViewThatWasLeft() {
    ask(0, vote(0, 1));
    ask(0, leave(Counters.encode(0, 1), 1));
    ask(0, vote(0, 1)); // the same once more, after a crash
    ask(1, vote(0, 2)); // another replica has not left
    ask(0, vote(1, 1));
    fires("S14", () -> ask(0, vote(0, 2)));
  }

  @Test
  void s14AViewIsLeftOnceItsRecordIsOnTheDiskOrTheCounterHasMoved() {
    TrustedCall leave = leave(Counters.encode(0, 1), 1);
    check.effect(0, 5, new Effect.Persist(List.of(), false));
    ask(0, leave);
    check.crashed(0);
    ask(0, vote(0, 2)); // the power failed before anything of it was on the disk
    check.effect(0, 9, new Effect.Persist(List.of(), false));
    ask(0, leave);
    check.synced(0, 9);
    check.crashed(0);
    fires("S14", () -> ask(0, vote(0, 3)));

    check.effect(1, 12, new Effect.Persist(List.of(), false));
    ask(1, leave);
    check.trusted(
        1,
        leave,
        new Result.Continued(
            new ContinuingCertificate(1, 0, Counters.ORDER, 0, leave.value(), new byte[64])));
    check.crashed(1);
    fires("S14", () -> ask(1, vote(0, 2)));
  }

  @Test
  void s14AViewIsEnteredAfterALaterOne() {
    note(0, new Effect.Event.Entered(1, 2, 0, 0));
    note(1, new Effect.Event.Entered(1, 1, 0, 0));
    fires("S14", () -> note(0, new Effect.Event.Entered(1, 1, 0, 0)));
    check.wiped(0);
    note(0, new Effect.Event.Entered(1, 1, 0, 0));
  }

  @Test
  void s13ANewViewEndsBelowWhatWasCommitted() {
    note(0, new Effect.Event.Committed(1, 5, A));
    note(1, new Effect.Event.Entered(1, 1, 0, 5));
    note(1, new Effect.Event.Entered(Instances.ORDER, 1, 0, 0));
    note(0, new Effect.Event.Committed(1, 6, A));
    // It follows late; what came after the view was entered is not the NEW-VIEW's to know.
    note(0, new Effect.Event.Entered(1, 1, 0, 5));
    fires("S13", () -> note(2, new Effect.Event.Entered(1, 2, 0, 5)));
  }

  @Test
  void l2ViewsOfOChangeWithoutEnd() {
    note(0, new Effect.Event.Entered(Instances.ORDER, 7, 0, 0));
    check.gst();
    note(1, new Effect.Event.Entered(Instances.ORDER, 7, 0, 0));
    note(0, new Effect.Event.Entered(Instances.ORDER, 8, 0, 0));
    note(0, new Effect.Event.Entered(Instances.ORDER, 9, 0, 0));
    note(1, new Effect.Event.Entered(Instances.ORDER, 9, 0, 0));
    fires("L2", () -> note(0, new Effect.Event.Entered(Instances.ORDER, 10, 0, 0)));
  }

  @Test
  void l2AViewChangeUnderWayAtGstIsOfBefore() {
    note(0, new Effect.Event.Entered(Instances.ORDER, 7, 0, 0));
    ask(
        0,
        new TrustedCall.Continuing(
            Instances.ORDER, Counters.ORDER, Counters.encode(7, 1), Counters.encode(8, 0), A));
    check.gst();
    for (long view = 8; view <= 10; view++) {
      note(1, new Effect.Event.Entered(Instances.ORDER, view, 0, 0));
    }
    fires("L2", () -> note(0, new Effect.Event.Entered(Instances.ORDER, 11, 0, 0)));
  }

  @Test
  void s12AContinuingCertificateHidesWhereTheCounterStood() {
    CounterCheck counters = new CounterCheck(Scope.three());
    Result shared = new Result.Shared(new Share(0, new byte[48]), new byte[64]);
    Result continued =
        new Result.Continued(new ContinuingCertificate(0, 0, Counters.ORDER, 0, 0, new byte[64]));
    counters.trusted(0, vote(0, 3), shared);
    counters.trusted(0, leave(Counters.encode(0, 3), 1), continued);
    counters.trusted(0, leave(Counters.encode(0, 3), 1), continued); // the same bytes again
    counters.trusted(1, vote(0, 3), shared);
    fires("S12", () -> counters.trusted(1, leave(Counters.encode(0, 2), 1), continued));
    TrustedCall other =
        new TrustedCall.Continuing(
            1, Counters.ORDER, Counters.encode(0, 3), Counters.encode(1, 0), B);
    fires("S12", () -> counters.trusted(0, other, continued));
  }
}
