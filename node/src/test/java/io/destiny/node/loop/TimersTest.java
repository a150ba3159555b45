package io.destiny.node.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import org.junit.jupiter.api.Test;

class TimersTest {
  private static final TimerKey A = new TimerKey(0, TimerKind.BATCH, 0);
  private static final TimerKey B = new TimerKey(0, TimerKind.FETCH, 0);
  private static final TimerKey C = new TimerKey(1, TimerKind.BATCH, 0);

  // near the point where nanoTime may wrap: only differences mean anything
  private static final long START = Long.MAX_VALUE - 50;

  private final Timers timers = new Timers();

  private static long at(long nanos) {
    return START + nanos;
  }

  @Test
  void fireByDeadlineAndThenInTheOrderTheyWereStarted() {
    timers.start(A, at(100));
    timers.start(B, at(10));
    timers.start(C, at(100));

    assertThat(timers.takeDue(at(9))).isNull();
    assertThat(timers.takeDue(at(100))).isEqualTo(B);
    assertThat(timers.takeDue(at(100))).isEqualTo(A);
    assertThat(timers.takeDue(at(100))).isEqualTo(C);
    assertThat(timers.takeDue(at(1000))).isNull();
  }

  @Test
  void startingARunningOneStartsItAnew() {
    timers.start(A, at(10));
    timers.start(A, at(200));

    assertThat(timers.takeDue(at(100))).isNull();
    assertThat(timers.takeDue(at(200))).isEqualTo(A);
    assertThat(timers.takeDue(at(300))).isNull();
  }

  @Test
  void aStoppedOneDoesNotFire() {
    timers.start(A, at(10));
    timers.stop(A);
    timers.stop(B);

    assertThat(timers.takeDue(at(100))).isNull();
    assertThat(timers.untilNext(at(0), 77)).isEqualTo(77);
  }

  @Test
  void tellHowLongTheLoopMaySleep() {
    timers.start(A, at(40));

    assertThat(timers.untilNext(at(0), 1000)).isEqualTo(40);
    assertThat(timers.untilNext(at(0), 30)).isEqualTo(30);
    assertThat(timers.untilNext(at(90), 1000)).isZero();
  }
}
