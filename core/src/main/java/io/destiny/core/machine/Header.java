package io.destiny.core.machine;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;

/**
 * HDR of 00-system-model §5: 24 bytes at the start of every message.
 *
 * @param type which message of which family
 * @param instance the instance
 * @param view the view, 0 where there is none
 * @param sequence the slot, 0 where there is none
 * @param flags which optional parts follow
 */
public record Header(int type, int instance, long view, long sequence, int flags) {
  /** Version of the header. */
  public static final int VERSION = 1;

  /** Appends the 24 bytes. */
  public void encode(long epoch, int sender, Writer w) {
    w.u8(VERSION).u8(type).u16(instance).u32(epoch).u32(view).u64(sequence).u16(sender).u16(flags);
  }

  /** The epoch in a header; -1 if the bytes are too few. */
  public static long epoch(byte[] bytes) {
    // Asked of every message before it is decoded.
    return bytes.length < 8
        ? -1
        : (bytes[4] & 0xFFL) << 24
            | (bytes[5] & 0xFFL) << 16
            | (bytes[6] & 0xFFL) << 8
            | (bytes[7] & 0xFFL);
  }

  /**
   * Reads a header; refuses another version, epoch or sender than expected, and sequences of 2^63
   * or more.
   */
  public static Header decode(Reader r, long epoch, int sender) throws MalformedException {
    if (r.u8() != VERSION) {
      throw new MalformedException("unknown version");
    }
    int type = r.u8();
    int instance = r.u16();
    if (r.u32() != epoch) {
      throw new MalformedException("another epoch");
    }
    long view = r.u32();
    long sequence = r.u64();
    if (r.u16() != sender) {
      throw new MalformedException("sender is not the channel's");
    }
    if (sequence < 0) {
      throw new MalformedException("sequence out of range");
    }
    return new Header(type, instance, view, sequence, r.u16());
  }
}
