package io.destiny.core.statement;

import io.destiny.core.model.Digest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Appends canonical big-endian fields to a growing array (00-system-model §5). Not thread-safe. */
public final class Writer {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private byte[] buffer;
  private int size;

  /** A writer with room for {@code expected} bytes before it has to grow. */
  public Writer(int expected) {
    buffer = new byte[Math.max(16, expected)];
  }

  private int reserve(int bytes) {
    int at = size;
    if (buffer.length - at < bytes) {
      buffer = Arrays.copyOf(buffer, Math.max(at + bytes, buffer.length * 2));
    }
    size = at + bytes;
    return at;
  }

  public Writer u8(int value) {
    int at = reserve(1);
    buffer[at] = (byte) value;
    return this;
  }

  public Writer u16(int value) {
    int at = reserve(2);
    buffer[at] = (byte) (value >>> 8);
    buffer[at + 1] = (byte) value;
    return this;
  }

  /** Appends the low 32 bits of {@code value}. */
  public Writer u32(long value) {
    int at = reserve(4);
    INT.set(buffer, at, (int) value);
    return this;
  }

  public Writer u64(long value) {
    int at = reserve(8);
    LONG.set(buffer, at, value);
    return this;
  }

  /** Appends the bytes as they are, without a length. */
  public Writer raw(byte[] bytes) {
    int at = reserve(bytes.length);
    System.arraycopy(bytes, 0, buffer, at, bytes.length);
    return this;
  }

  /** Appends a u32 length and the bytes. */
  public Writer bytes(byte[] bytes) {
    return u32(bytes.length).raw(bytes);
  }

  public Writer digest(Digest d) {
    return u64(d.a()).u64(d.b()).u64(d.c()).u64(d.d());
  }

  public int size() {
    return size;
  }

  /** What was written; the array itself when it is exactly full. */
  public byte[] toBytes() {
    return size == buffer.length ? buffer : Arrays.copyOf(buffer, size);
  }
}
