package io.destiny.core.model;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a replica tells a client about one request (00-system-model §6, linear-hybster.md §5): the
 * result, and where its proof hangs.
 *
 * @param epoch the epoch whose keys signed
 * @param client c
 * @param timestamp t
 * @param request the digest of the request answered
 * @param result the encoded result, see {@link Outcome}
 * @param place where it stands in the order, with its Merkle path; null in a plain reply from the
 *     client table, of which a client needs f+1 that match
 * @param evidence what vouches for the root: a {@link Proof}, one replica's {@link Vote}, or
 *     nothing
 */
public record Reply(
    long epoch,
    long client,
    long timestamp,
    Digest request,
    byte[] result,
    @Nullable Place place,
    Evidence evidence) {

  public Reply {
    if ((place == null) != (evidence instanceof Plain)) {
      throw new IllegalArgumentException("a place comes with a proof or a vote, and only there");
    }
  }

  /** What vouches for the result root. */
  public sealed interface Evidence {}

  /** f+1 replicas vouch for the root: enough alone. */
  public record Proof(Certificate certificate) implements Evidence {}

  /** One replica vouches for the root; f+1 of these combine. */
  public record Vote(Share share) implements Evidence {}

  /** Nothing but the sender's word; the client counts f+1 senders. */
  public record Plain() implements Evidence {}

  /**
   * @param instance the D-instance
   * @param slot its slot
   * @param position g, the place in the global order
   * @param root the result root
   * @param leafIndex the request's place in its batch
   * @param leaves how many requests the batch has
   * @param path Merkle siblings from the leaf up
   */
  public record Place(
      int instance,
      long slot,
      long position,
      Digest root,
      int leafIndex,
      int leaves,
      List<Digest> path) {}

  /**
   * H(result leaf content): the leaf of linear-hybster.md §5 rule 7, before the tree's own leaf
   * tag.
   */
  public static Digest leaf(long client, long timestamp, Digest request, byte[] result) {
    return Digest.of(
        new Writer(80)
            .u64(client)
            .u64(timestamp)
            .digest(request)
            .digest(Digest.of(result))
            .toBytes());
  }

  /** Whether {@link #place}'s path leads from this result to its root. */
  public boolean pathHolds() {
    if (place == null) {
      return false;
    }
    Digest root =
        MerkleTree.rootOf(
            leaf(client, timestamp, request, result), place.leafIndex, place.leaves, place.path);
    return place.root.equals(root);
  }

  /** The canonical bytes. */
  public byte[] encode() {
    Writer w = new Writer(256 + result.length);
    w.u8(kind()).u32(epoch).u64(client).u64(timestamp).digest(request).bytes(result);
    if (place != null) {
      w.u16(place.instance).u64(place.slot).u64(place.position).digest(place.root);
      w.u32(place.leafIndex).u32(place.leaves).u8(place.path.size());
      place.path.forEach(w::digest);
    }
    switch (evidence) {
      case Proof p -> p.certificate.encode(w);
      case Vote v -> v.share.encode(w);
      case Plain p -> {}
    }
    return w.toBytes();
  }

  /** The length of {@link #encode}'s bytes, without making them. */
  public int encodedLength() {
    int length = 1 + 4 + 8 + 8 + Digest.BYTES + 4 + result.length;
    if (place != null) {
      length += 2 + 8 + 8 + Digest.BYTES + 4 + 4 + 1 + Digest.BYTES * place.path.size();
    }
    return length
        + switch (evidence) {
          case Proof p -> p.certificate.encodedLength();
          case Vote v -> Share.BYTES;
          case Plain p -> 0;
        };
  }

  private int kind() {
    return switch (evidence) {
      case Proof p -> 1;
      case Vote v -> 2;
      case Plain p -> 3;
    };
  }

  /** Reads {@link #encode}'s form; a result may have at most {@code maxResult} bytes. */
  public static Reply decode(byte[] bytes, int maxResult) throws MalformedException {
    Reader r = new Reader(bytes);
    int kind = r.u8();
    if (kind < 1 || kind > 3) {
      throw new MalformedException("unknown kind of reply");
    }
    long epoch = r.u32();
    long client = r.u64();
    long timestamp = r.u64();
    Digest request = r.digest();
    byte[] result = r.bytes(maxResult);
    Place place = kind == 3 ? null : place(r);
    Evidence evidence =
        switch (kind) {
          case 1 -> new Proof(Certificate.decode(r));
          case 2 -> new Vote(Share.decode(r));
          default -> new Plain();
        };
    r.end();
    return new Reply(epoch, client, timestamp, request, result, place, evidence);
  }

  private static Place place(Reader r) throws MalformedException {
    int instance = r.u16();
    long slot = r.u64();
    long position = r.u64();
    Digest root = r.digest();
    long leafIndex = r.u32();
    long leaves = r.u32();
    if (leafIndex > Integer.MAX_VALUE || leaves > Integer.MAX_VALUE) {
      throw new MalformedException("no such leaf");
    }
    int length = r.u8();
    List<Digest> path = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      path.add(r.digest());
    }
    return new Place(
        instance, slot, position, root, (int) leafIndex, (int) leaves, List.copyOf(path));
  }
}
