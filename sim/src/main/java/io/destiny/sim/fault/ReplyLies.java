package io.destiny.sim.fault;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Reply;
import io.destiny.core.statement.MerkleTree;
import io.destiny.sim.world.World;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What a liar tells clients. All liars have the same false result for a request, so that f of them
 * agree; nothing here is signed with another's key.
 */
final class ReplyLies {
  /** What can be done to a reply. */
  enum Lie {
    /** The false result, on its own word. */
    FALSE_WORD,
    /** The false result with a vote for it that verifies. */
    FALSE_VOTE,
    /** The false result with a true path to a root for which the evidence does not stand. */
    FALSE_ROOT,
    /** The false result where the true one stood. */
    RESULT_SWAP,
    /** The true result, as another leaf of its batch. */
    LEAF_SWAP,
    /** What the same client was told earlier, as the answer to this request. */
    OLDER_RESULT,
    /** The evidence of another reply. */
    EVIDENCE_OF_ANOTHER,
    /** The true root, said to stand in the slot that comes next. */
    SLOT_UP,
    /** Evidence that does not verify. */
    EVIDENCE_INVALID,
    /** An answer to a request that nobody made. */
    REQUEST_FLIP,
    /** An answer to the next request. */
    TIMESTAMP_UP,
    /** Signed in another epoch. */
    EPOCH_UP
  }

  private static final Lie[] ALL = Lie.values();
  private static final int REMEMBERED = 32;

  private final World world;
  private final int replica;
  private final SplittableRandom random;
  private final ArrayDeque<Reply> past = new ArrayDeque<>();

  ReplyLies(World world, int replica, SplittableRandom random) {
    this.world = world;
    this.replica = replica;
    this.random = random;
  }

  Lie pick() {
    return ALL[random.nextInt(ALL.length)];
  }

  /** What becomes of a reply; the same reply where the lie has nothing to hold on to. */
  Reply tell(Lie lie, Reply truth) {
    Reply told = changed(lie, truth);
    past.addLast(truth);
    if (past.size() > REMEMBERED) {
      past.removeFirst();
    }
    return told;
  }

  /** The same for all liars, and nothing that the application ever says. */
  static byte[] falseResult() {
    return Outcome.encode(List.of("a lie".getBytes(StandardCharsets.UTF_8)));
  }

  private Reply changed(Lie lie, Reply r) {
    if (lie == Lie.FALSE_WORD) {
      return with(r, falseResult(), null, new Reply.Plain());
    }
    if (lie == Lie.REQUEST_FLIP || lie == Lie.TIMESTAMP_UP || lie == Lie.EPOCH_UP) {
      return elsewhere(lie, r);
    }
    Reply.Place place = r.place();
    if (place == null) {
      return lie == Lie.RESULT_SWAP ? with(r, falseResult(), null, r.evidence()) : r;
    }
    return switch (lie) {
      case FALSE_VOTE -> falseVote(r, place);
      case FALSE_ROOT -> with(r, falseResult(), falseRoot(r, place), r.evidence());
      case RESULT_SWAP -> with(r, falseResult(), place, r.evidence());
      case LEAF_SWAP -> with(r, r.result(), otherLeaf(place), r.evidence());
      case OLDER_RESULT -> olderResult(r);
      case EVIDENCE_OF_ANOTHER -> evidenceOfAnother(r, place);
      case SLOT_UP -> with(r, r.result(), slotUp(place), r.evidence());
      default -> with(r, r.result(), place, invalid(r.evidence()));
    };
  }

  private static Reply with(
      Reply r, byte[] result, Reply.@Nullable Place place, Reply.Evidence evidence) {
    return new Reply(r.epoch(), r.client(), r.timestamp(), r.request(), result, place, evidence);
  }

  private static Reply elsewhere(Lie lie, Reply r) {
    long epoch = lie == Lie.EPOCH_UP ? r.epoch() + 1 : r.epoch();
    long timestamp = lie == Lie.TIMESTAMP_UP ? r.timestamp() + 1 : r.timestamp();
    Digest request = lie == Lie.REQUEST_FLIP ? Digest.of(r.request().toBytes()) : r.request();
    return new Reply(epoch, r.client(), timestamp, request, r.result(), r.place(), r.evidence());
  }

  /** A tree of one leaf: the false result of this request. */
  private static Reply.Place falseRoot(Reply r, Reply.Place p) {
    Digest leaf = Reply.leaf(r.client(), r.timestamp(), r.request(), falseResult());
    Digest root = MerkleTree.root(List.of(leaf));
    return new Reply.Place(p.instance(), p.slot(), p.position(), root, 0, 1, List.of());
  }

  private Reply falseVote(Reply r, Reply.Place p) {
    Reply.Place place = falseRoot(r, p);
    byte[] statement =
        world
            .ledger()
            .domain()
            .execution(place.instance(), place.slot(), place.position(), place.root());
    Share share = Resigner.share(world, replica, statement);
    return with(r, falseResult(), place, new Reply.Vote(share));
  }

  /** Its sibling where it has one, else a second leaf that the batch does not have. */
  private static Reply.Place otherLeaf(Reply.Place p) {
    int leaves = Math.max(2, p.leaves());
    int index = (p.leafIndex() ^ 1) < leaves ? p.leafIndex() ^ 1 : p.leafIndex() - 1;
    return new Reply.Place(p.instance(), p.slot(), p.position(), p.root(), index, leaves, p.path());
  }

  private static Reply.Place slotUp(Reply.Place p) {
    return new Reply.Place(
        p.instance(), p.slot() + 1, p.position(), p.root(), p.leafIndex(), p.leaves(), p.path());
  }

  private Reply olderResult(Reply r) {
    for (Reply before : past) {
      if (before.client() == r.client() && before.timestamp() < r.timestamp()) {
        return with(r, before.result(), before.place(), before.evidence());
      }
    }
    return r;
  }

  private Reply evidenceOfAnother(Reply r, Reply.Place place) {
    List<Reply> others = new ArrayList<>(past);
    others.removeIf(o -> o.place() == null || place.root().equals(o.place().root()));
    return others.isEmpty()
        ? r
        : with(r, r.result(), place, others.get(random.nextInt(others.size())).evidence());
  }

  private Reply.Evidence invalid(Reply.Evidence evidence) {
    return switch (evidence) {
      case Reply.Proof p ->
          new Reply.Proof(
              new Certificate(flipped(p.certificate().signature()), p.certificate().signers()));
      case Reply.Vote v -> badVote(v);
      case Reply.Plain p -> p;
    };
  }

  private Reply.Vote badVote(Reply.Vote vote) {
    return new Reply.Vote(new Share(vote.share().signer(), flipped(vote.share().signature())));
  }

  /** The same reply with a share that does not verify, if it is a vote. */
  Reply badShare(Reply r) {
    return r.evidence() instanceof Reply.Vote v ? with(r, r.result(), r.place(), badVote(v)) : r;
  }

  private byte[] flipped(byte[] signature) {
    byte[] changed = signature.clone();
    changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
    return changed;
  }
}
