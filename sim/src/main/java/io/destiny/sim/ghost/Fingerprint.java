package io.destiny.sim.ghost;

import io.destiny.core.model.Digest;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * 128 bits that stand for (key, signer, statement). Fast and not cryptographic: nobody in a
 * simulation searches for collisions, and by chance there are none.
 */
record Fingerprint(long a, long b) {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final long M1 = 0x9E3779B97F4A7C15L;
  private static final long M2 = 0xC2B2AE3D27D4EB4FL;

  static Fingerprint of(int kind, int signer, byte[] statement) {
    return of(M1 * (kind + 1), M2 * (signer + 1), statement);
  }

  /** 128 bits of a digest. */
  static Fingerprint of(Digest digest) {
    return new Fingerprint(digest.a(), digest.b());
  }

  /** Continues with more bytes. */
  Fingerprint then(byte[] bytes) {
    return of(a, b, bytes);
  }

  private static Fingerprint of(long first, long second, byte[] bytes) {
    long x = first ^ bytes.length;
    long y = second;
    int i = 0;
    for (; i + 8 <= bytes.length; i += 8) {
      long word = (long) LONG.get(bytes, i);
      x = Long.rotateLeft((x ^ word) * M1, 29) + M2;
      y = Long.rotateLeft(y + word * M2, 31) * M1;
    }
    long rest = 0;
    for (; i < bytes.length; i++) {
      rest = (rest << 8) | (bytes[i] & 0xFF);
    }
    x = mix((x ^ rest) * M1);
    return new Fingerprint(x, mix(y + rest * M2 + x));
  }

  private static long mix(long value) {
    long v = value;
    v = (v ^ (v >>> 30)) * 0xBF58476D1CE4E5B9L;
    v = (v ^ (v >>> 27)) * 0x94D049BB133111EBL;
    return v ^ (v >>> 31);
  }

  private long word(int i) {
    return i == 0 ? a : mix(b + i * M1);
  }

  /** A signature of this length: a multiple of 8 bytes that nobody else comes upon. */
  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length / 8; i++) {
      LONG.set(bytes, 8 * i, word(i));
    }
    return bytes;
  }

  boolean matches(byte[] signature) {
    for (int i = 0; i < signature.length / 8; i++) {
      if ((long) LONG.get(signature, 8 * i) != word(i)) {
        return false;
      }
    }
    return signature.length % 8 == 0;
  }
}
