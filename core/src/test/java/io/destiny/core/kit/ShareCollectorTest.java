package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import org.junit.jupiter.api.Test;

class ShareCollectorTest {
  private static final Digest A = KitFixture.digest("a");
  private static final Digest B = KitFixture.digest("b");

  private final Blacklist blacklist = new Blacklist(4);
  private final ShareCollector shares = new ShareCollector();

  @Test
  void countsSignersNotMessages() {
    assertThat(shares.add(A, KitFixture.share(1))).isTrue();
    assertThat(shares.add(A, KitFixture.share(1))).isFalse();
    assertThat(shares.add(B, KitFixture.share(1))).as("a second statement").isFalse();
    assertThat(shares.on(A, blacklist, 1)).hasSize(1);
    assertThat(shares.on(B, blacklist, 1)).isEmpty();
  }

  @Test
  void aRejectedSignerStaysOutOfTheSlot() {
    shares.add(A, KitFixture.share(1));
    shares.reject(1);
    shares.reject(3);
    assertThat(shares.on(A, blacklist, 1)).isEmpty();
    assertThat(shares.add(A, KitFixture.share(1))).isFalse();
    assertThat(shares.add(A, KitFixture.share(3))).as("it had no share").isTrue();
  }

  @Test
  void sharesOfBlacklistedSignersComeLast() {
    for (int i = 0; i < 4; i++) {
      shares.add(A, KitFixture.share(i));
    }
    blacklist.strike(0, 10);
    assertThat(shares.on(A, blacklist, 2009)).extracting(Share::signer).containsExactly(1, 2, 3, 0);
    assertThat(shares.on(A, blacklist, 2010)).extracting(Share::signer).containsExactly(0, 1, 2, 3);
    blacklist.strike(0, 2010);
    assertThat(blacklist.contains(0, 6009)).as("the second time is twice as long").isTrue();
    assertThat(blacklist.contains(0, 6010)).isFalse();
  }
}
