package io.destiny.node.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QuotaTest {
  private final AtomicInteger resumed = new AtomicInteger();

  @Test
  void aFullSourceWaitsUntilHalfIsFree() {
    Quota quota = new Quota(4, 1000);
    for (int i = 0; i < 4; i++) {
      quota.take(1);
    }
    quota.whenRoom(resumed::incrementAndGet);
    assertThat(resumed).hasValue(0);

    quota.give(1);
    assertThat(resumed).hasValue(0);
    quota.give(1);
    assertThat(resumed).hasValue(1);
    quota.give(1);
    assertThat(resumed).hasValue(1);
  }

  @Test
  void bytesCountLikeMessages() {
    Quota quota = new Quota(100, 10);
    quota.take(10);
    quota.whenRoom(resumed::incrementAndGet);
    assertThat(resumed).hasValue(0);
    quota.give(10);
    assertThat(resumed).hasValue(1);
  }

  @Test
  void withRoomNobodyWaits() {
    new Quota(1, 1).whenRoom(resumed::incrementAndGet);
    assertThat(resumed).hasValue(1);
  }

  @Test
  void takesOnlyWhatFits() {
    Quota quota = new Quota(2, 10);
    assertThat(quota.tryTake(8)).isTrue();
    assertThat(quota.tryTake(3)).isFalse();
    assertThat(quota.tryTake(2)).isTrue();
    assertThat(quota.tryTake(0)).isFalse();
    assertThat(quota.waiting()).isEqualTo(2);
    quota.give(8);
    assertThat(quota.tryTake(8)).isTrue();
  }
}
