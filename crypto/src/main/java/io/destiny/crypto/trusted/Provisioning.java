package io.destiny.crypto.trusted;

import io.destiny.core.trusted.ThreshSign;
import io.destiny.crypto.InProcessThreshSign;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Takes the keys out of a replica's folder, once for each epoch. */
final class Provisioning {
  static final String ONCE = "provision.once";
  static final String TAKEN = "provision.taken";

  private static final int MAX_PROVISION = 4096;
  private static final int MAX_TAKEN = 16;
  private static final byte[] NO_NONCE = {};

  private final DurableFile once;
  private final DurableFile taken;

  Provisioning(Path folder) {
    once = new DurableFile(folder.resolve(ONCE));
    taken = new DurableFile(folder.resolve(TAKEN));
  }

  /**
   * The subsystem with the keys found, or one without keys. When this returns, the folder no longer
   * holds the keys, and durably says that they were taken: whatever happens from here on, nobody
   * gets a second subsystem with zero counters out of them. A crash in between loses the keys,
   * which is the harmless side.
   *
   * @throws IOException if that cannot be made sure; then nothing may be signed
   */
  ThreshSign take() throws IOException {
    Optional<byte[]> provision = once.read(MAX_PROVISION);
    if (provision.isEmpty()) {
      return new UnprovisionedThreshSign();
    }
    try {
      InProcessThreshSign fresh = new InProcessThreshSign(provision.get());
      long epoch = fresh.attest(NO_NONCE).epoch();
      if (epoch <= epochTaken()) {
        once.destroy();
        return new UnprovisionedThreshSign();
      }
      taken.replace(Long.toString(epoch).getBytes(StandardCharsets.US_ASCII));
      once.destroy();
      return fresh;
    } catch (IllegalArgumentException e) {
      throw new IOException(ONCE + " is damaged", e);
    } finally {
      Arrays.fill(provision.get(), (byte) 0);
    }
  }

  /** The highest epoch whose keys were taken here, or -1. */
  private long epochTaken() throws IOException {
    Optional<byte[]> content = taken.read(MAX_TAKEN);
    try {
      return content.isEmpty()
          ? -1
          : Long.parseLong(new String(content.get(), StandardCharsets.US_ASCII));
    } catch (NumberFormatException e) {
      throw new IOException(TAKEN + " is damaged", e);
    }
  }
}
