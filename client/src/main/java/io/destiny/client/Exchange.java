package io.destiny.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Writer;
import io.destiny.wire.client.Notice;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request and what was heard about it. Used by the client's thread only. What it keeps is
 * bounded by the number of replicas: one proof, one vote and one word of each.
 */
final class Exchange {
  /** Later than every time that comes up. */
  static final long NEVER = Long.MAX_VALUE;

  final Session session;
  final Request request;
  final ByteString encoded;
  final CompletableFuture<Answer> future;
  final long deadline;

  /** The replica that proposes it. */
  int home;

  /** When it goes to all replicas the next time, nanoseconds as of System.nanoTime. */
  long repeatAt;

  /** When it goes once more to those whose queue was full; NEVER if there is none. */
  long busyAt = NEVER;

  /** How often it went to all replicas. */
  int repetitions;

  /** The home sent a proof. */
  boolean homeAnswered;

  /** How often a full queue turned it away in a row. */
  int busy;

  /** Replicas it was written to. */
  final BitSet sentTo;

  /** Replicas whose connection has it queued for writing. */
  final BitSet queuedAt;

  /** Replicas whose queue was full. */
  final BitSet busyReplicas;

  /** Replicas of which a proof waits for its verification. */
  final BitSet provers;

  private @Nullable Map<Integer, Vote> votes;
  private @Nullable Map<Integer, Word> words;
  private @Nullable Map<Notice.Code, BitSet> notices;

  /** A replica's share on a root, with the reply that leads there. */
  record Vote(Root root, Reply reply, Reply.Place place, Reply.Vote evidence) {}

  /** What one replica says that the result is. */
  record Word(Digest digest, byte[] result) {}

  Exchange(Session session, Request request, CompletableFuture<Answer> future, long deadline) {
    this.session = session;
    this.request = request;
    this.future = future;
    this.deadline = deadline;
    Writer w = new Writer(request.encodedLength());
    request.encode(w);
    // the array is never written to again
    this.encoded = UnsafeByteOperations.unsafeWrap(w.toBytes());
    this.sentTo = new BitSet();
    this.queuedAt = new BitSet();
    this.busyReplicas = new BitSet();
    this.provers = new BitSet();
  }

  /** In another epoch nothing of what was heard counts, and nobody has it. */
  void startOver(int newHome) {
    home = newHome;
    homeAnswered = false;
    busy = 0;
    busyAt = NEVER;
    sentTo.clear();
    queuedAt.clear();
    busyReplicas.clear();
    provers.clear();
    votes = null;
    words = null;
    notices = null;
  }

  boolean done() {
    return future.isDone();
  }

  /** Whether the reply is about this very request. */
  boolean answeredBy(Reply reply) {
    return reply.client() == request.client()
        && reply.timestamp() == request.timestamp()
        && reply.request().equals(request.digest());
  }

  /** Takes the vote, the newest of a replica; returns those on the same root. */
  Map<Integer, Vote> vote(int replica, Vote vote) {
    if (votes == null) {
      votes = new HashMap<>();
    }
    votes.put(replica, vote);
    return votesOn(vote.root);
  }

  Map<Integer, Vote> votesOn(Root root) {
    Map<Integer, Vote> same = new HashMap<>();
    if (votes != null) {
      votes.forEach(
          (replica, vote) -> {
            if (vote.root.equals(root)) {
              same.put(replica, vote);
            }
          });
    }
    return same;
  }

  /** Takes a replica's word on the result; returns how many replicas say the same. */
  int word(int replica, byte[] result) {
    if (words == null) {
      words = new HashMap<>();
    }
    Word word = new Word(Digest.of(result), result);
    words.put(replica, word);
    return alike(word);
  }

  private int alike(Word word) {
    int alike = 0;
    if (words != null) {
      for (Word other : words.values()) {
        alike += other.digest.equals(word.digest) ? 1 : 0;
      }
    }
    return alike;
  }

  /** The result that at least {@code weak} replicas gave; null if there is none. */
  byte @Nullable [] agreed(int weak) {
    if (words != null) {
      for (Word word : words.values()) {
        if (alike(word) >= weak) {
          return word.result;
        }
      }
    }
    return null;
  }

  /** Takes a refusal; returns how many replicas refused with the same code. */
  int notice(int replica, Notice.Code code) {
    if (notices == null) {
      notices = new EnumMap<>(Notice.Code.class);
    }
    BitSet from = notices.computeIfAbsent(code, c -> new BitSet());
    from.set(replica);
    return from.cardinality();
  }

  /** What replica {@code i} last had to say against it, for people. */
  @Nullable String noticeOf(int replica) {
    if (notices != null) {
      for (Map.Entry<Notice.Code, BitSet> e : notices.entrySet()) {
        if (e.getValue().get(replica)) {
          return "answered " + e.getKey();
        }
      }
    }
    return words != null && words.containsKey(replica) ? "answered without proof" : null;
  }
}
