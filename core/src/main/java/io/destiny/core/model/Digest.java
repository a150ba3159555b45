package io.destiny.core.model;

import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A SHA-256 value: 32 bytes, held as four big-endian longs. */
public record Digest(long a, long b, long c, long d) implements Comparable<Digest> {
  /** Length of the encoded form in bytes. */
  public static final int BYTES = 32;

  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(Digest::newSha256);

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** SHA-256 of the concatenation of {@code parts}. */
  public static Digest of(byte[]... parts) {
    MessageDigest sha = SHA_256.get();
    for (byte[] part : parts) {
      sha.update(part);
    }
    return fromBytes(sha.digest());
  }

  /** SHA-256 of {@code length} bytes of {@code bytes} from {@code offset}. */
  public static Digest of(byte[] bytes, int offset, int length) {
    MessageDigest sha = SHA_256.get();
    sha.update(bytes, offset, length);
    return fromBytes(sha.digest());
  }

  /**
   * The digest whose encoded form is {@code bytes}.
   *
   * @throws IllegalArgumentException unless there are exactly 32 bytes
   */
  public static Digest fromBytes(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a digest has 32 bytes, not " + bytes.length);
    }
    Reader r = new Reader(bytes);
    return r.digestUnchecked();
  }

  /** The 32 encoded bytes. */
  public byte[] toBytes() {
    return new Writer(BYTES).digest(this).toBytes();
  }

  /** The first eight bytes as an unsigned number, to derive pseudo-random choices from. */
  public long prefix() {
    return a;
  }

  // Written out, since this is compared for every message.
  @Override
  public boolean equals(Object o) {
    return o instanceof Digest x && x.a == a && x.b == b && x.c == c && x.d == d;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(a ^ b);
  }

  @Override
  public int compareTo(Digest o) {
    int r = Long.compareUnsigned(a, o.a);
    if (r == 0) {
      r = Long.compareUnsigned(b, o.b);
    }
    if (r == 0) {
      r = Long.compareUnsigned(c, o.c);
    }
    return r == 0 ? Long.compareUnsigned(d, o.d) : r;
  }

  /** All 64 hexadecimal digits. */
  public String toHex() {
    return "%016x%016x%016x%016x".formatted(a, b, c, d);
  }

  /** The first eight hexadecimal digits, for people. */
  @Override
  public String toString() {
    return "%08x".formatted(a >>> 32);
  }
}
