package io.destiny.core.statement;

import io.destiny.core.model.Digest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads what {@link Writer} wrote. Whatever the bytes, it throws nothing but {@link
 * MalformedException}, and allocates nothing before the length was checked against what is there
 * and against the caller's limit.
 */
public final class Reader {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] buffer;
  private int at;

  public Reader(byte[] bytes) {
    buffer = bytes;
  }

  private int take(int bytes) throws MalformedException {
    if (buffer.length - at < bytes) {
      throw new MalformedException("truncated");
    }
    int start = at;
    at += bytes;
    return start;
  }

  public int u8() throws MalformedException {
    return buffer[take(1)] & 0xFF;
  }

  public int u16() throws MalformedException {
    int i = take(2);
    return (buffer[i] & 0xFF) << 8 | (buffer[i + 1] & 0xFF);
  }

  /** An unsigned 32-bit number, 0..2^32-1. */
  public long u32() throws MalformedException {
    return (int) INT.get(buffer, take(4)) & 0xFFFF_FFFFL;
  }

  /** All 64 bits; negative for values from 2^63. */
  public long u64() throws MalformedException {
    return (long) LONG.get(buffer, take(8));
  }

  /** Exactly {@code count} bytes. */
  public byte[] raw(int count) throws MalformedException {
    int i = take(count);
    return Arrays.copyOfRange(buffer, i, i + count);
  }

  /** A u32 length, at most {@code max}, and that many bytes. */
  public byte[] bytes(int max) throws MalformedException {
    long length = u32();
    if (length > max) {
      throw new MalformedException("field over its limit");
    }
    return raw((int) length);
  }

  public Digest digest() throws MalformedException {
    int i = take(Digest.BYTES);
    return digestAt(i);
  }

  /** A digest where the caller knows that 32 bytes are there. */
  public Digest digestUnchecked() {
    int i = at;
    at += Digest.BYTES;
    return digestAt(i);
  }

  private Digest digestAt(int i) {
    return new Digest(
        (long) LONG.get(buffer, i),
        (long) LONG.get(buffer, i + 8),
        (long) LONG.get(buffer, i + 16),
        (long) LONG.get(buffer, i + 24));
  }

  public int remaining() {
    return buffer.length - at;
  }

  /** Refuses trailing bytes. */
  public void end() throws MalformedException {
    if (remaining() != 0) {
      throw new MalformedException("trailing bytes");
    }
  }
}
