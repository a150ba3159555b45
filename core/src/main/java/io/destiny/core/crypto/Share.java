package io.destiny.core.crypto;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Arrays;

/**
 * One replica's contribution to a certificate.
 *
 * @param signer the replica
 * @param signature a compressed point of G1, {@value #SIGNATURE_BYTES} bytes, unchecked
 */
public record Share(int signer, byte[] signature) {
  /** Length of a compressed point of G1. */
  public static final int SIGNATURE_BYTES = 48;

  /** Length of the encoded form: signer u16, point. */
  public static final int BYTES = 2 + SIGNATURE_BYTES;

  public Share {
    if (signature.length != SIGNATURE_BYTES) {
      throw new IllegalArgumentException("a share has 48 bytes, not " + signature.length);
    }
  }

  public void encode(Writer w) {
    w.u16(signer).raw(signature);
  }

  public static Share decode(Reader r) throws MalformedException {
    return new Share(r.u16(), r.raw(SIGNATURE_BYTES));
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Share s && s.signer == signer && Arrays.equals(s.signature, signature);
  }

  @Override
  public int hashCode() {
    return signer * 31 + Arrays.hashCode(signature);
  }

  @Override
  public String toString() {
    return "share(" + signer + ")";
  }
}
