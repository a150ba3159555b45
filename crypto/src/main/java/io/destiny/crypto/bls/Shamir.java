package io.destiny.crypto.bls;

import static io.destiny.crypto.bls.Scalars.ORDER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * The dealer of threshold keys: replica i's share is a random polynomial's value at i+1.
 *
 * @param group the group's key
 * @param shares in the order of the replicas
 */
public record Shamir(PublicKey group, List<SecretKey> shares) {
  /** Draws a polynomial of degree {@code threshold}-1 and forgets it. */
  public static Shamir deal(int n, int threshold, SecureRandom random) {
    BigInteger[] polynomial = new BigInteger[threshold];
    for (int i = 0; i < threshold; i++) {
      polynomial[i] = scalar(random);
    }
    List<SecretKey> shares = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      shares.add(SecretKey.decode(Scalars.bigEndian(valueAt(polynomial, i + 1))));
    }
    BigInteger secret =
        polynomial[0].multiply(BigInteger.valueOf(LagrangeCoefficients.scale(n))).mod(ORDER);
    return new Shamir(SecretKey.decode(Scalars.bigEndian(secret)).publicKey(), shares);
  }

  private static BigInteger scalar(SecureRandom random) {
    byte[] bytes = new byte[Scalars.BYTES];
    Scalars.random(random, bytes);
    return new BigInteger(1, bytes);
  }

  private static BigInteger valueAt(BigInteger[] polynomial, int x) {
    BigInteger value = BigInteger.ZERO;
    BigInteger at = BigInteger.valueOf(x);
    for (int i = polynomial.length - 1; i >= 0; i--) {
      value = value.multiply(at).add(polynomial[i]).mod(ORDER);
    }
    return value;
  }

  /**
   * Whether all keys are values of one polynomial of degree {@code threshold}-1: a random word of
   * the dual code of Reed and Solomon's is orthogonal to them, and to nothing else except with
   * probability 1/r.
   */
  static boolean onePolynomial(List<PublicKey> keys, int threshold) {
    int n = keys.size();
    if (n == threshold) {
      return true;
    }
    SecureRandom random = new SecureRandom();
    BigInteger[] polynomial = new BigInteger[n - threshold];
    for (int i = 0; i < polynomial.length; i++) {
      polynomial[i] = scalar(random);
    }
    byte[] word = new byte[n * Scalars.BYTES];
    for (int i = 0; i < n; i++) {
      BigInteger denominator = BigInteger.ONE;
      for (int j = 0; j < n; j++) {
        if (j != i) {
          denominator = denominator.multiply(BigInteger.valueOf((long) i - j)).mod(ORDER);
        }
      }
      BigInteger entry =
          valueAt(polynomial, i + 1).multiply(denominator.modInverse(ORDER)).mod(ORDER);
      System.arraycopy(Scalars.littleEndian(entry), 0, word, i * Scalars.BYTES, Scalars.BYTES);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sum =
          G2.weightedSum(
              arena, PublicKey.block(arena, keys), n, Memory.copy(arena, word), Scalars.BITS);
      return Blst.g2IsInfinity(sum);
    }
  }
}
