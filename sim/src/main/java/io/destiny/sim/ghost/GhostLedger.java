package io.destiny.sim.ghost;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All that was ever signed in one world. A signature is valid iff it is in here for exactly that
 * signer and statement; its bytes are a hash, so they are the same in every run. Sets are only
 * asked for membership, never iterated.
 */
public final class GhostLedger {
  /** Length of an Ed25519 signature. */
  static final int SIGNATURE_BYTES = 64;

  /** What kind of key a signature is under. */
  enum Key {
    ORDERING,
    EXECUTION,
    ATTESTATION,
    CLIENT
  }

  private final Domain domain;
  private final QuorumRule rule;
  private final Set<Digest> signed = new HashSet<>();
  private final Set<Digest> combined = new HashSet<>();

  public GhostLedger(Domain domain, QuorumRule rule) {
    this.domain = domain;
    this.rule = rule;
  }

  public Domain domain() {
    return domain;
  }

  public QuorumRule rule() {
    return rule;
  }

  /** The boot id that the manifest pins for a replica. */
  public static long boot(int replica) {
    return 1000L + replica;
  }

  /** How many of a certificate's signers are enough. */
  public int threshold(KeyPurpose purpose) {
    return purpose == KeyPurpose.ORDERING ? rule.quorum() : rule.weak();
  }

  /** A client's signature under its principal's key; 64 bytes. */
  public byte[] signClient(int principal, byte[] statement) {
    return sign(Key.CLIENT, principal, statement, SIGNATURE_BYTES);
  }

  /** A share of {@code signer}; whoever may call this holds the key. */
  Share signShare(KeyPurpose purpose, int signer, byte[] statement) {
    return new Share(signer, sign(key(purpose), signer, statement, Share.SIGNATURE_BYTES));
  }

  byte[] signAttestation(int replica, byte[] statement) {
    return sign(Key.ATTESTATION, replica, statement, SIGNATURE_BYTES);
  }

  private byte[] sign(Key key, int signer, byte[] statement, int length) {
    Digest id = id(key, signer, statement);
    signed.add(id);
    return stretch(id, length);
  }

  boolean verify(Key key, int signer, byte[] statement, byte[] signature) {
    Digest id = id(key, signer, statement);
    return signed.contains(id) && Arrays.equals(signature, stretch(id, signature.length));
  }

  boolean verifyShare(KeyPurpose purpose, byte[] statement, Share share) {
    return share.signer() < rule.n()
        && verify(key(purpose), share.signer(), statement, share.signature());
  }

  /** Sums shares of distinct signers that were all verified. */
  Certificate combine(KeyPurpose purpose, byte[] statement, List<Share> shares) {
    byte[] bitmap = new byte[(rule.n() + 7) / 8];
    for (Share share : shares) {
      bitmap[share.signer() / 8] |= (byte) (1 << share.signer() % 8);
    }
    Digest id = certificateId(purpose, statement, bitmap);
    combined.add(id);
    return new Certificate(stretch(id, Share.SIGNATURE_BYTES), bitmap);
  }

  boolean verifyCertificate(KeyPurpose purpose, byte[] statement, Certificate certificate) {
    byte[] bitmap = certificate.signers();
    if (bitmap.length != (rule.n() + 7) / 8) {
      return false;
    }
    int signers = 0;
    for (int i = 0; i < bitmap.length * 8; i++) {
      if ((bitmap[i / 8] >> i % 8 & 1) != 0) {
        if (i >= rule.n() || !signed.contains(id(key(purpose), i, statement))) {
          return false;
        }
        signers++;
      }
    }
    Digest id = certificateId(purpose, statement, bitmap);
    return signers >= threshold(purpose)
        && combined.contains(id)
        && Arrays.equals(certificate.signature(), stretch(id, Share.SIGNATURE_BYTES));
  }

  private static Key key(KeyPurpose purpose) {
    return purpose == KeyPurpose.ORDERING ? Key.ORDERING : Key.EXECUTION;
  }

  private static Digest id(Key key, int signer, byte[] statement) {
    return Digest.of(new Writer(32).bytes(ascii(key.name())).u32(signer).toBytes(), statement);
  }

  private static Digest certificateId(KeyPurpose purpose, byte[] statement, byte[] bitmap) {
    return Digest.of(
        new Writer(64).bytes(ascii("certificate of " + purpose.name())).bytes(bitmap).toBytes(),
        statement);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] stretch(Digest id, int length) {
    byte[] first = Digest.of(new byte[] {1}, id.toBytes()).toBytes();
    byte[] second = Digest.of(new byte[] {2}, id.toBytes()).toBytes();
    byte[] bytes = Arrays.copyOf(first, length);
    int rest = Math.max(0, length - first.length);
    System.arraycopy(second, 0, bytes, length - rest, Math.min(rest, second.length));
    return bytes;
  }
}
