package io.destiny.core.crypto;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Arrays;

/**
 * An aggregate of at least a threshold of shares on one statement.
 *
 * @param signature a compressed point of G1, 48 bytes, unchecked
 * @param signers the bitmap of signers in multi-signature mode, ⌈N/8⌉ bytes, bit i%8 of byte i/8
 *     for replica i; empty in threshold mode
 */
public record Certificate(byte[] signature, byte[] signers) {
  /** Longest bitmap that a decoder accepts. */
  public static final int MAX_BITMAP = 255;

  public Certificate {
    if (signature.length != Share.SIGNATURE_BYTES || signers.length > MAX_BITMAP) {
      throw new IllegalArgumentException("a certificate has 48 bytes and a bitmap of at most 255");
    }
  }

  /** How many signers the bitmap names; 0 in threshold mode, which does not tell. */
  public int count() {
    int count = 0;
    for (byte b : signers) {
      count += Integer.bitCount(b & 0xFF);
    }
    return count;
  }

  /** Encoded length: point, bitmap length u8, bitmap. */
  public int encodedLength() {
    return Share.SIGNATURE_BYTES + 1 + signers.length;
  }

  public void encode(Writer w) {
    w.raw(signature).u8(signers.length).raw(signers);
  }

  public static Certificate decode(Reader r) throws MalformedException {
    byte[] signature = r.raw(Share.SIGNATURE_BYTES);
    return new Certificate(signature, r.raw(r.u8()));
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Certificate c
        && Arrays.equals(c.signature, signature)
        && Arrays.equals(c.signers, signers);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(signature) * 31 + Arrays.hashCode(signers);
  }

  @Override
  public String toString() {
    return "certificate";
  }
}
