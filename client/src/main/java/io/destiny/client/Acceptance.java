package io.destiny.client;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Reply;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.crypto.PublicKeys;
import io.destiny.wire.client.Notice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides when what replicas said is enough (destiny.md §5, 00-system-model.md §6): one proof, f+1
 * votes on one root, or f+1 equal words. Nothing that up to f replicas say ends an exchange, and
 * what a replica says can only be held against itself. Used by the client's thread only.
 */
final class Acceptance {
  /** Time for which proofs and votes of a replica that sent a bad one are not looked at. */
  private static final long FIRST_PENALTY = 30_000_000_000L;

  private static final int MAX_DOUBLINGS = 7;

  private final Domain domain;
  private final int replicas;
  private final int weak;
  private final RootVerifier verifier;
  private final BiConsumer<Exchange, Answer> finish;
  private final Queue<Exchange> agreed = new ArrayDeque<>();
  private final long[] penaltyEnd;
  private final int[] offences;
  private long now;
  private long verified;
  private long withoutProof;
  private long ignored;
  private long rootsBefore;

  Acceptance(PublicKeys keys, CryptoProvider crypto, BiConsumer<Exchange, Answer> finish) {
    this.domain = keys.domain();
    this.replicas = keys.rule().n();
    this.weak = keys.rule().weak();
    this.verifier = new RootVerifier(domain, crypto, this::punish);
    this.finish = finish;
    this.penaltyEnd = new long[replicas];
    this.offences = new int[replicas];
  }

  /** Goes on counting where that of an earlier epoch ended. */
  void countOn(Acceptance earlier) {
    verified += earlier.verified;
    withoutProof += earlier.withoutProof;
    ignored += earlier.ignored;
    rootsBefore += earlier.rootsVerified();
  }

  /** Sets the time of this turn. */
  void turn(long nanos) {
    now = nanos;
  }

  long verified() {
    return verified;
  }

  long withoutProof() {
    return withoutProof;
  }

  long ignored() {
    return ignored;
  }

  long rootsVerified() {
    return rootsBefore + verifier.count();
  }

  /** Counts a reply that is of no use. */
  void ignore() {
    ignored++;
  }

  /** Verifies what the replies of this turn brought, and finishes what they answer. */
  void verify() {
    verifier.run();
    // no proof came of it: words have to do
    for (Exchange exchange = agreed.poll(); exchange != null; exchange = agreed.poll()) {
      settle(exchange);
    }
  }

  private void punish(int replica) {
    if (replica < 0 || replica >= replicas) {
      return;
    }
    int doublings = Math.min(offences[replica]++, MAX_DOUBLINGS);
    penaltyEnd[replica] = now + (FIRST_PENALTY << doublings);
    verifier.forget(replica);
  }

  /** Whether proofs and votes of the replica are not looked at. */
  boolean penalised(int replica) {
    return offences[replica] > 0 && now - penaltyEnd[replica] < 0;
  }

  /** Takes a reply that replica {@code from} sent over its own connection. */
  void reply(Exchange exchange, int from, Reply reply) {
    if (reply.epoch() != domain.epoch() || !exchange.answeredBy(reply)) {
      ignored++;
      return;
    }
    Reply.Place place = reply.place();
    boolean useful = true;
    if (place != null) {
      useful = !penalised(from) && reply.pathHolds() && proven(exchange, from, reply, place);
    }
    if (!useful) {
      ignored++;
    }
    // whatever else it shows, it is the replica's own word: f+1 that agree hold a correct one
    boolean proofDue = exchange.repetitions == 0 && reply.evidence() instanceof Reply.Proof;
    if (!proofDue && !exchange.done() && exchange.word(from, reply.result()) >= weak) {
      agreed.add(exchange);
    }
  }

  /** False if what comes with the place is worthless. */
  private boolean proven(Exchange exchange, int from, Reply reply, Reply.Place place) {
    Root root = Root.of(place);
    Certificate known = verifier.certificate(root);
    if (known != null) {
      accept(exchange, reply, place, known);
      return true;
    }
    return switch (reply.evidence()) {
      case Reply.Proof p -> {
        if (!exchange.provers.get(from)) {
          exchange.provers.set(from);
          verifier.verify(
              root, from, p.certificate(), () -> rootHolds(exchange, from, reply, place));
        }
        yield true;
      }
      case Reply.Vote v -> vote(exchange, from, new Exchange.Vote(root, reply, place, v));
      case Reply.Plain p -> false;
    };
  }

  private void rootHolds(Exchange exchange, int from, Reply reply, Reply.Place place) {
    exchange.provers.clear(from);
    Certificate certificate = verifier.certificate(Root.of(place));
    if (certificate != null && !exchange.done()) {
      accept(exchange, reply, place, certificate);
    }
  }

  private boolean vote(Exchange exchange, int from, Exchange.Vote vote) {
    if (vote.evidence().share().signer() != from) {
      return false;
    }
    Map<Integer, Exchange.Vote> same = exchange.vote(from, vote);
    if (same.size() >= weak) {
      List<Share> shares = new ArrayList<>(same.size());
      same.values().forEach(v -> shares.add(v.evidence().share()));
      verifier.combine(
          vote.root(), shares, () -> rootHolds(exchange, from, vote.reply(), vote.place()));
    }
    return true;
  }

  private void settle(Exchange exchange) {
    byte[] result = exchange.agreed(weak);
    if (result != null && !exchange.done()) {
      withoutProof++;
      finish(exchange, result, null);
    }
  }

  private void accept(Exchange exchange, Reply reply, Reply.Place place, Certificate certificate) {
    verified++;
    finish(exchange, reply.result(), Receipt.of(domain, reply, place, certificate));
  }

  private void finish(Exchange exchange, byte[] result, @Nullable Receipt receipt) {
    finish.accept(exchange, answer(exchange, result, receipt));
  }

  private static Answer answer(Exchange exchange, byte[] result, @Nullable Receipt receipt) {
    if (Outcome.isStale(result)) {
      return new Answer.Stale("a later request of this session was executed before");
    }
    try {
      List<byte[]> results = Outcome.decode(result);
      if (results.size() == exchange.request.commands().size()) {
        return new Answer.Success(results, receipt);
      }
    } catch (MalformedException e) {
      // said below: more than f replicas vouch for nonsense
    }
    return new Answer.Unavailable("more replicas than the cluster tolerates are faulty");
  }

  /** Takes a refusal; final if f+1 replicas refuse for the same reason. */
  void refused(Exchange exchange, int from, Notice notice) {
    int alike = exchange.notice(from, notice.getCode());
    Answer.Refusal reason =
        switch (notice.getCode()) {
          case BAD_SIGNATURE -> Answer.Refusal.BAD_SIGNATURE;
          case UNKNOWN_CLIENT -> Answer.Refusal.UNKNOWN_CLIENT;
          case MALFORMED -> Answer.Refusal.MALFORMED;
          default -> null;
        };
    if (reason != null && alike >= weak) {
      finish.accept(
          exchange,
          new Answer.Refused(reason, alike + " replicas refuse the request " + notice.getDetail()));
    }
  }
}
