package io.destiny.crypto;

import io.destiny.core.crypto.Share;
import java.math.BigInteger;
import java.util.Random;
import supranational.blst.P1;
import supranational.blst.P1_Affine;
import supranational.blst.P2;
import supranational.blst.P2_Affine;

/** Hostile points, made with jblst's own classes rather than with the code under test. */
final class Points {
  static final BigInteger FIELD =
      new BigInteger(
          "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f624"
              + "1eabfffeb153ffffb9feffffffffaaab",
          16);

  private static final int COMPRESSED = 0x80;
  private static final int INFINITY = 0x40;
  private static final int FLAGS = 0xE0;

  private Points() {}

  static byte[] infinity(int bytes) {
    byte[] encoded = new byte[bytes];
    encoded[0] = (byte) (COMPRESSED | INFINITY);
    return encoded;
  }

  /** On the curve, but outside the prime-order group. */
  static byte[] outsideG1(long seed) {
    Random random = new Random(seed);
    byte[] encoded = new byte[48];
    while (true) {
      random.nextBytes(encoded);
      encoded[0] = (byte) (COMPRESSED | (encoded[0] & 0x0F));
      try {
        if (!new P1_Affine(encoded).in_group()) {
          return encoded;
        }
      } catch (RuntimeException notOnTheCurve) {
        encoded[0] = 0;
      }
    }
  }

  /** On the twist, but outside the prime-order group. */
  static byte[] outsideG2(long seed) {
    Random random = new Random(seed);
    byte[] encoded = new byte[96];
    while (true) {
      random.nextBytes(encoded);
      encoded[0] = (byte) (COMPRESSED | (encoded[0] & 0x0F));
      encoded[48] &= 0x0F;
      try {
        if (!new P2_Affine(encoded).in_group()) {
          return encoded;
        }
      } catch (RuntimeException notOnTheCurve) {
        encoded[0] = 0;
      }
    }
  }

  /** The same point with x + p for x, or null if that does not fit. */
  static byte[] nonCanonical(byte[] encoded) {
    byte[] bare = encoded.clone();
    bare[0] &= (byte) ~FLAGS;
    BigInteger x = new BigInteger(1, bare).add(FIELD);
    if (x.bitLength() > 381) {
      return null;
    }
    byte[] bytes = x.toByteArray();
    byte[] out = new byte[encoded.length];
    System.arraycopy(bytes, 0, out, out.length - bytes.length, bytes.length);
    out[0] |= (byte) (encoded[0] & FLAGS);
    return out;
  }

  static byte[] sumInG1(byte[] a, byte[] b) {
    return new P1(a).add(new P1(b)).compress();
  }

  static byte[] differenceInG1(byte[] a, byte[] b) {
    return new P1(a).add(new P1(b).neg()).compress();
  }

  static byte[] differenceInG2(byte[] a, byte[] b) {
    return new P2(a).add(new P2(b).neg()).compress();
  }

  /** The share of {@code signer}, off by {@code error}. */
  static Share off(Share share, byte[] error) {
    return new Share(share.signer(), sumInG1(share.signature(), error));
  }
}
