package io.destiny.crypto;

import io.destiny.core.model.Instances;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Arrays;

/**
 * What a trusted subsystem is given once: the decoded content of {@code provision.once}.
 *
 * @param n how many replicas, hence D-instances, there are
 * @param orderingKey sk_i, 32 bytes
 * @param attestationPrivateKey Ed25519, PKCS#8
 * @param attestationPublicKey Ed25519, X.509
 */
record Provision(
    Domain domain,
    int n,
    int replica,
    long boot,
    byte[] orderingKey,
    byte[] attestationPrivateKey,
    byte[] attestationPublicKey) {
  private static final byte[] MAGIC = {'D', 'S', 'T', 'P', 'R', 'O', 'V', 1};
  private static final int SECRET_BYTES = 32;
  private static final int MAX_KEY = 512;

  byte[] encode() {
    return new Writer(256)
        .raw(MAGIC)
        .raw(domain.cluster())
        .u32(domain.epoch())
        .u16(n)
        .u16(replica)
        .u64(boot)
        .raw(orderingKey)
        .bytes(attestationPrivateKey)
        .bytes(attestationPublicKey)
        .toBytes();
  }

  /**
   * @throws IllegalArgumentException if these bytes are not an encoded provision
   */
  static Provision decode(byte[] encoded) {
    try {
      Reader r = new Reader(encoded);
      if (!Arrays.equals(r.raw(MAGIC.length), MAGIC)) {
        throw new MalformedException("magic");
      }
      Domain domain = new Domain(r.raw(16), r.u32());
      int n = r.u16();
      int replica = r.u16();
      long boot = r.u64();
      byte[] orderingKey = r.raw(SECRET_BYTES);
      byte[] privateKey = r.bytes(MAX_KEY);
      byte[] publicKey = r.bytes(MAX_KEY);
      r.end();
      if (n < 1 || n >= Instances.ORDER || replica >= n) {
        throw new MalformedException("replica");
      }
      return new Provision(domain, n, replica, boot, orderingKey, privateKey, publicKey);
    } catch (MalformedException e) {
      throw new IllegalArgumentException("not the content of a provision.once", e);
    }
  }

  @Override
  public String toString() {
    return "provision of replica " + replica;
  }
}
