package io.destiny.sim.ghost;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;

/**
 * All that was ever signed in one world. A signature is valid iff it is in here for exactly that
 * signer and statement; its bytes are a hash, so they are the same in every run.
 */
public final class GhostLedger {
  /** Length of an Ed25519 signature. */
  static final int SIGNATURE_BYTES = 64;

  /** What kind of key a signature is under. */
  enum Key {
    ORDERING(0),
    EXECUTION(1),
    ATTESTATION(2),
    CLIENT(3),
    /** Not a key: marks what was combined. */
    COMBINED_ORDERING(4),
    COMBINED_EXECUTION(5),
    /** A replica's own key. */
    REPLICA(6);

    final int code;

    Key(int code) {
      this.code = code;
    }
  }

  private final Domain domain;
  private final QuorumRule rule;
  private final FingerprintSet signed;
  private final FingerprintSet requests;
  private final FingerprintSet combined;

  public GhostLedger(Domain domain, QuorumRule rule) {
    this(domain, rule, new FingerprintSet(), new FingerprintSet(), new FingerprintSet());
  }

  private GhostLedger(
      Domain domain,
      QuorumRule rule,
      FingerprintSet signed,
      FingerprintSet requests,
      FingerprintSet combined) {
    this.domain = domain;
    this.rule = rule;
    this.signed = signed;
    this.requests = requests;
    this.combined = combined;
  }

  /** The table of the next epoch: every statement names its epoch, so one table serves all. */
  public GhostLedger next(QuorumRule members) {
    Domain following = new Domain(domain.cluster(), domain.epoch() + 1);
    return new GhostLedger(following, members, signed, requests, combined);
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

  /** Looked up once a request: its digest covers all that is signed, and the signature. */
  boolean verifyRequest(Request r) {
    Fingerprint known = Fingerprint.of(r.digest());
    if (requests.contains(known)) {
      return true;
    }
    boolean valid =
        r.signature().length == SIGNATURE_BYTES
            && verify(Key.CLIENT, Request.principal(r.client()), r.statement(), r.signature());
    if (valid) {
      requests.add(known);
    }
    return valid;
  }

  /** A share of {@code signer}; whoever may call this holds the key. */
  Share signShare(KeyPurpose purpose, int signer, byte[] statement) {
    return new Share(signer, sign(key(purpose), signer, statement, Share.SIGNATURE_BYTES));
  }

  /** A replica's signature under its own key; whoever may call this holds it. */
  public byte[] signReplica(int replica, byte[] statement) {
    return sign(Key.REPLICA, replica, statement, SIGNATURE_BYTES);
  }

  /** Whether a replica signed this statement with its own key. */
  public boolean hasSignedAsReplica(int replica, byte[] statement) {
    return signed.contains(Fingerprint.of(Key.REPLICA.code, replica, statement));
  }

  byte[] signAttestation(int replica, byte[] statement) {
    return sign(Key.ATTESTATION, replica, statement, SIGNATURE_BYTES);
  }

  private byte[] sign(Key key, int signer, byte[] statement, int length) {
    Fingerprint f = Fingerprint.of(key.code, signer, statement);
    signed.add(f);
    return f.bytes(length);
  }

  boolean verify(Key key, int signer, byte[] statement, byte[] signature) {
    Fingerprint f = Fingerprint.of(key.code, signer, statement);
    return f.matches(signature) && signed.contains(f);
  }

  /** Whether a replica ever made a share on this statement. */
  public boolean hasSigned(KeyPurpose purpose, int signer, byte[] statement) {
    return signed.contains(Fingerprint.of(key(purpose).code, signer, statement));
  }

  /** Whether this principal ever signed this statement. */
  boolean hasSigned(int principal, byte[] statement) {
    return signed.contains(Fingerprint.of(Key.CLIENT.code, principal, statement));
  }

  /** Whether this replica's trusted subsystem ever carried out this call. */
  boolean hasAttested(int replica, TrustedCall.Independent call) {
    byte[] statement =
        domain.shareSignature(
            replica, boot(replica), call.instance(), call.counter(), call.value(), call.message());
    return signed.contains(Fingerprint.of(Key.ATTESTATION.code, replica, statement));
  }

  /** Whether a replica's trusted subsystem ever made this continuing certificate. */
  boolean hasContinued(int instance, ContinuingCertificate c, Digest message) {
    byte[] statement =
        domain.continuing(
            c.replica(),
            boot(c.replica()),
            instance,
            c.counter(),
            c.previous(),
            c.value(),
            message);
    return signed.contains(Fingerprint.of(Key.ATTESTATION.code, c.replica(), statement));
  }

  boolean verifyShare(KeyPurpose purpose, byte[] statement, Share share) {
    return share.signer() < rule.n()
        && verify(key(purpose), share.signer(), statement, share.signature());
  }

  /** Sums shares of distinct signers that were all verified: only then is it remembered. */
  Certificate combine(KeyPurpose purpose, byte[] statement, List<Share> shares) {
    byte[] bitmap = new byte[(rule.n() + 7) / 8];
    for (Share share : shares) {
      bitmap[share.signer() / 8] |= (byte) (1 << share.signer() % 8);
    }
    Fingerprint f = certificate(purpose, statement, bitmap);
    combined.add(f);
    return new Certificate(f.bytes(Share.SIGNATURE_BYTES), bitmap);
  }

  boolean verifyCertificate(KeyPurpose purpose, byte[] statement, Certificate certificate) {
    byte[] bitmap = certificate.signers();
    if (bitmap.length != (rule.n() + 7) / 8) {
      return false;
    }
    int signers = 0;
    for (byte b : bitmap) {
      signers += Integer.bitCount(b & 0xFF);
    }
    // A combination was remembered when each of its shares was found in the ledger.
    Fingerprint f = certificate(purpose, statement, bitmap);
    return signers >= threshold(purpose)
        && f.matches(certificate.signature())
        && combined.contains(f);
  }

  private static Key key(KeyPurpose purpose) {
    return purpose == KeyPurpose.ORDERING ? Key.ORDERING : Key.EXECUTION;
  }

  private static Fingerprint certificate(KeyPurpose purpose, byte[] statement, byte[] bitmap) {
    Key key = purpose == KeyPurpose.ORDERING ? Key.COMBINED_ORDERING : Key.COMBINED_EXECUTION;
    return Fingerprint.of(key.code, 0, bitmap).then(statement);
  }
}
