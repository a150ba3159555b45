package io.destiny.sim.script;

import io.destiny.core.statement.Writer;
import java.util.Arrays;
import java.util.HexFormat;

/** Changes fields of an encoded message where the header of 00-system-model §5 has them. */
final class Forgery {
  private static final int INSTANCE = 2;
  private static final int VIEW = 8;
  private static final int SEQUENCE = 12;
  private static final int SENDER = 20;

  private final byte[] bytes;

  Forgery(byte[] original) {
    bytes = original.clone();
  }

  byte[] bytes() {
    return bytes;
  }

  void instance(int instance) {
    put(INSTANCE, new Writer(16).u16(instance));
  }

  void view(long view) {
    put(VIEW, new Writer(16).u32(view));
  }

  void sequence(long sequence) {
    put(SEQUENCE, new Writer(16).u64(sequence));
  }

  void sender(int sender) {
    put(SENDER, new Writer(16).u16(sender));
  }

  /** Flips bits: {@code offset:mask}, the offset negative from the end, the mask in hex. */
  void flip(String change) {
    String[] parts = change.split(":", -1);
    if (parts.length != 2) {
      throw new ScriptFailure("flip=OFFSET:MASK, not " + change);
    }
    int offset = (int) Arguments.number(parts[0]);
    int at = offset < 0 ? bytes.length + offset : offset;
    bytes[at] ^= (byte) HexFormat.fromHexDigits(parts[1]);
  }

  /** The first {@code length} bytes only. */
  byte[] cut(int length) {
    return Arrays.copyOf(bytes, length);
  }

  private void put(int at, Writer field) {
    byte[] value = field.toBytes();
    System.arraycopy(value, 0, bytes, at, value.length);
  }
}
