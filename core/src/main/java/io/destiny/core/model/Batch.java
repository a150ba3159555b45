package io.destiny.core.model;

import io.destiny.core.engine.Value;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a D-instance agrees on: client requests, or nothing ({@link #NOOP}). The digest is the
 * Merkle root over the request digests (00-system-model §5).
 */
public final class Batch implements Value {
  /** The no-op payload, with the reserved digest H("NOOP"). */
  public static final Batch NOOP =
      new Batch(List.of(), Digest.of("NOOP".getBytes(StandardCharsets.US_ASCII)));

  private final List<Request> requests;
  private final Digest digest;
  private final int encodedLength;
  private final int commands;

  private Batch(List<Request> requests, Digest digest) {
    this.requests = requests;
    this.digest = digest;
    int length = 4;
    int count = 0;
    for (Request r : requests) {
      length += r.encodedLength();
      count += r.commands().size();
    }
    this.encodedLength = length;
    this.commands = count;
  }

  /** A batch of at least one request; none gives {@link #NOOP}. */
  public static Batch of(List<Request> requests) {
    if (requests.isEmpty()) {
      return NOOP;
    }
    List<Digest> leaves = new ArrayList<>(requests.size());
    for (Request r : requests) {
      leaves.add(r.digest());
    }
    return new Batch(List.copyOf(requests), MerkleTree.root(leaves));
  }

  /** Reads count u32 and the requests, refusing more than the limits allow. */
  public static Batch decode(Domain domain, Reader r, Limits limits) throws MalformedException {
    long count = r.u32();
    if (count > limits.maxBatch()
        || count > r.remaining() / Request.SHORTEST
        || r.remaining() > limits.maxBatchBytes()) {
      throw new MalformedException("batch over its limits");
    }
    List<Request> requests = new ArrayList<>((int) count);
    int commands = 0;
    for (long i = 0; i < count; i++) {
      Request request = Request.decode(domain, r, limits.maxOperationBytes());
      commands += request.commands().size();
      requests.add(request);
    }
    if (count > 1 && commands > limits.maxBatch()) {
      throw new MalformedException("batch over its limits");
    }
    return of(requests);
  }

  @Override
  public void encode(Writer w) {
    w.u32(requests.size());
    for (Request r : requests) {
      r.encode(w);
    }
  }

  @Override
  public int encodedLength() {
    return encodedLength;
  }

  @Override
  public Digest digest() {
    return digest;
  }

  public List<Request> requests() {
    return requests;
  }

  /** Commands of all groups together. */
  public int commands() {
    return commands;
  }

  public boolean isNoop() {
    return requests.isEmpty();
  }

  @Override
  public String toString() {
    return isNoop() ? "noop" : "batch(" + requests.size() + ")";
  }
}
