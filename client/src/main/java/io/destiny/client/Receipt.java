package io.destiny.client;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Reply;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.PublicKeys;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The proof that a request was executed with a result at a place in the global order. It can be
 * checked at any time with nothing but the cluster's public keys.
 *
 * @param cluster the cluster's id, 16 bytes
 * @param epoch the epoch whose keys signed
 * @param instance the D-instance
 * @param slot its slot
 * @param position the place in the global order
 * @param root the result root that the proof certifies
 * @param client principal in the upper 32 bits, session in the lower
 * @param timestamp the client's number of the request
 * @param request the request's digest
 * @param result the encoded result, see {@link Outcome}
 * @param path Merkle siblings from the result's leaf up to the root
 * @param leafIndex the leaf's place
 * @param leaves how many leaves the tree has
 * @param proof an aggregate signature, 48 bytes
 * @param bitmap who signed it; empty with threshold signatures
 */
public record Receipt(
    byte[] cluster,
    long epoch,
    int instance,
    long slot,
    long position,
    Digest root,
    long client,
    long timestamp,
    Digest request,
    byte[] result,
    List<Digest> path,
    int leafIndex,
    int leaves,
    byte[] proof,
    byte[] bitmap) {

  private static final Certificate NO_CERTIFICATE =
      new Certificate(new byte[Share.SIGNATURE_BYTES], new byte[0]);

  /** What must hold, in the order in which it is checked. */
  public enum Check {
    CLUSTER("the receipt is of another cluster"),
    EPOCH("the receipt is of an epoch whose keys are not known"),
    CLIENT("no such client is enrolled"),
    PATH("the Merkle path does not lead from this request and result to the root"),
    PROOF("the proof is not a signature of f+1 replicas over this root and position");

    private final String failure;

    Check(String failure) {
      this.failure = failure;
    }

    /** What it means if this check fails. */
    public String failure() {
      return failure;
    }
  }

  static Receipt of(Domain domain, Reply reply, Reply.Place place, Certificate certificate) {
    return new Receipt(
        domain.cluster(),
        domain.epoch(),
        place.instance(),
        place.slot(),
        place.position(),
        place.root(),
        reply.client(),
        reply.timestamp(),
        reply.request(),
        reply.result(),
        place.path(),
        place.leafIndex(),
        place.leaves(),
        certificate.signature(),
        certificate.signers());
  }

  /** The first check that fails; empty if the receipt is valid. */
  public Optional<Check> verify(PublicKeys keys) {
    if (!keys.enrolled(client)) {
      Optional<Check> earlier = verifyScope(keys.domain());
      return earlier.isPresent() ? earlier : Optional.of(Check.CLIENT);
    }
    return verify(keys.domain(), new BlsCrypto(keys));
  }

  /**
   * The same with the keys of several epochs of a cluster, as a client keeps them that went through
   * them: those of the receipt's epoch decide.
   *
   * @param epochs at least one
   */
  public Optional<Check> verify(List<PublicKeys> epochs) {
    for (PublicKeys keys : epochs) {
      if (keys.domain().epoch() == epoch) {
        return verify(keys);
      }
    }
    return verify(epochs.getFirst());
  }

  private Optional<Check> verifyScope(Domain domain) {
    if (!Arrays.equals(cluster, domain.cluster())) {
      return Optional.of(Check.CLUSTER);
    }
    return epoch == domain.epoch() ? Optional.empty() : Optional.of(Check.EPOCH);
  }

  Optional<Check> verify(Domain domain, CryptoProvider crypto) {
    Optional<Check> scope = verifyScope(domain);
    if (scope.isPresent()) {
      return scope;
    }
    Reply.Place place = new Reply.Place(instance, slot, position, root, leafIndex, leaves, path);
    // the path says nothing about the certificate, which is looked at below
    Reply reply =
        new Reply(
            epoch, client, timestamp, request, result, place, new Reply.Proof(NO_CERTIFICATE));
    if (!reply.pathHolds()) {
      return Optional.of(Check.PATH);
    }
    if (proof.length != Share.SIGNATURE_BYTES || bitmap.length > Certificate.MAX_BITMAP) {
      return Optional.of(Check.PROOF);
    }
    Result verdict =
        crypto.run(
            new Work.VerifyCertificate(
                KeyPurpose.EXECUTION,
                Root.of(place).statement(domain),
                new Certificate(proof, bitmap)));
    boolean valid = verdict instanceof Result.Verdict v && v.valid();
    return valid ? Optional.empty() : Optional.of(Check.PROOF);
  }

  /**
   * The results of the request's commands; empty if it was STALE.
   *
   * @throws MalformedException if the result is none that a replica makes
   */
  public List<byte[]> results() throws MalformedException {
    return Outcome.decode(result);
  }

  /** One JSON object, byte strings in base64. */
  public String toJson() {
    return ReceiptJson.write(this);
  }

  /**
   * Reads {@link #toJson}'s form, fields in any order.
   *
   * @throws MalformedException naming the field that is missing or wrong
   */
  public static Receipt fromJson(String json) throws MalformedException {
    return ReceiptJson.read(json);
  }
}
