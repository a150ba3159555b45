package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How correct replicas vote where no trusted counter makes them tell one story (pbft.md §9, sbft.md
 * §9; SBFT's SIGN-SHAREs and COMMIT shares are its PREPAREs and COMMITs): one digest a kind of
 * vote, view and slot, restarts included (S12); none in a view that they have left, but for those
 * that their VIEW-CHANGE told of, nor at all once their log is lost (S14); none that too few votes
 * of others lead to (S3); and no two of them commit to different digests in one view (I1, S1).
 * Reads what they send.
 */
public final class VoteCheck implements TraceListener {
  private static final int HEADER = 24;

  private static final Set<String> VOTES =
      Set.of("PrePrepare", "Prepare", "Commit", "SignShare", "CommitShare");

  private record Vote(String kind, int replica, int instance, long view, long slot) {}

  private record Cast(String kind, int instance, long view, long slot, Digest value) {}

  private record Place(int replica, int instance) {}

  private final Scope scope;
  private final Scope.Count s1;
  private final Scope.Count s3;
  private final Scope.Count s12;
  private final Scope.Count s14;
  private final Map<Vote, Digest> votes = new HashMap<>();

  /** Which correct replicas have voted so. */
  private final Map<Cast, BitSet> cast = new HashMap<>();

  /** How many have sent COMMITs of one view, by slot and value. */
  private final Map<Cast, Integer> prepared = new HashMap<>();

  /** How many have sent SIGN-SHAREs of one view, by slot and value: all N commit by them alone. */
  private final Map<Cast, Integer> accepted = new HashMap<>();

  private final int liars;
  private final Map<Place, Long> left = new HashMap<>();
  private final Map<Integer, Boolean> wiped = new HashMap<>();

  /** A vote of any view. */
  private record Ballot(String kind, int replica, int instance, long slot) {}

  /** Votes that wait for the disk, by replica and the number of the effect. */
  private final Map<Integer, Map<Long, Ballot>> waiting = new HashMap<>();

  /** Votes that did when the replica crashed: its log may have them, and then it may send them. */
  private final Set<Ballot> held = new HashSet<>();

  public VoteCheck(Scope scope) {
    this.scope = scope;
    int others = 0;
    for (int i = 0; i < scope.n(); i++) {
      others += scope.correct(i) ? 0 : 1;
    }
    this.liars = others;
    this.s3 = scope.count("S3");
    this.s1 = scope.count("S1");
    this.s12 = scope.count("S12");
    this.s14 = scope.count("S14");
  }

  @Override
  public void wiped(int replica) {
    wiped.put(replica, true);
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    if (!scope.correct(from)) {
      return;
    }
    if (VOTES.contains(frame.kind()) || frame.kind().equals("ViewChange")) {
      try {
        look(from, frame.kind(), new Reader(frame.bytes()));
      } catch (MalformedException e) {
        throw new IllegalStateException("a correct replica sends what is no message", e);
      }
    }
  }

  /** Liars are taken to have voted for everything, and the replica itself to be about to. */
  private void enough(Cast vote, int replica, int least, String what) {
    s3.checked++;
    BitSet voters = new BitSet();
    voters.or(cast.getOrDefault(vote, new BitSet()));
    voters.set(replica);
    if (voters.cardinality() + liars < least) {
      throw new Violation("S3", what + " on the word of " + voters + ": " + vote);
    }
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (!scope.correct(replica)) {
      return;
    }
    switch (effect) {
      case Effect.Note(Effect.Event.Committed c) -> committed(replica, c);
      case Effect.Broadcast(Message m) -> waits(replica, number, m);
      case Effect.Send(int to, Message m) -> waits(replica, number, m);
      default -> {}
    }
  }

  private void waits(int replica, long number, Message m) {
    if (VOTES.contains(m.kind())) {
      waiting
          .computeIfAbsent(replica, r -> new HashMap<>())
          .put(number, new Ballot(m.kind(), replica, m.instance(), m.sequence()));
    }
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    Map<Long, Ballot> mine = waiting.get(replica);
    if (mine != null) {
      mine.remove(number);
    }
  }

  @Override
  public void crashed(int replica) {
    Map<Long, Ballot> mine = waiting.remove(replica);
    if (mine != null) {
      held.addAll(mine.values());
    }
  }

  /** A quorum of one view has prepared it, or all accepted; who else claims so has it from them. */
  private void committed(int replica, Effect.Event.Committed c) {
    s3.checked++;
    Cast any = new Cast("", c.instance(), 0, c.slot(), c.value());
    int most = prepared.getOrDefault(any, 0);
    // One that it makes itself waits for the disk, or need not be sent by a collector.
    boolean all = accepted.getOrDefault(any, 0) + 1 + liars >= scope.n();
    if (!all && most + 1 + liars < scope.quorum()) {
      throw new Violation(
          "S3", "R%d takes for committed what %d have prepared: %s".formatted(replica, most, c));
    }
  }

  void look(int from, String kind, Reader r) throws MalformedException {
    r.u16();
    int instance = r.u16();
    r.u32();
    long view = r.u32();
    long slot = r.u64();
    r.raw(HEADER - 20);
    if (kind.equals("ViewChange")) {
      // One that is passed on binds its own sender.
      if (r.u16() == from) {
        left.merge(new Place(from, instance), view, Math::max);
      }
      return;
    }
    Digest digest = r.digest();
    cast.computeIfAbsent(new Cast(kind, instance, view, slot, digest), c -> new BitSet()).set(from);
    s12.checked++;
    Digest before = this.votes.putIfAbsent(new Vote(kind, from, instance, view, slot), digest);
    if (before != null && !before.equals(digest)) {
      throw new Violation(
          "S12", "R%d sends two %s for slot %d of view %d".formatted(from, kind, slot, view));
    }
    s14.checked++;
    boolean over = view < left.getOrDefault(new Place(from, instance), 0L);
    boolean known = before != null || held.contains(new Ballot(kind, from, instance, slot));
    if (wiped.containsKey(from) || (over && !known)) {
      throw new Violation(
          "S14",
          "R%d sends a %s for slot %d of %s in view %d, %s"
              .formatted(
                  from,
                  kind,
                  slot,
                  Instances.name(instance),
                  view,
                  over ? "which it has left" : "without a log"));
    }
    Cast any = new Cast("", instance, 0, slot, digest);
    int votes =
        cast.getOrDefault(new Cast(kind, instance, view, slot, digest), new BitSet()).cardinality();
    if (kind.equals("SignShare")) {
      accepted.merge(any, votes, Math::max);
    } else if (kind.startsWith("Commit")) {
      String first = kind.equals("Commit") ? "Prepare" : "SignShare";
      Cast prepares = new Cast(first, instance, view, slot, digest);
      enough(prepares, from, scope.quorum() - 1, "R" + from + " commits");
      prepared.merge(any, votes, Math::max);
      s1.checked++;
      Digest other = this.votes.putIfAbsent(new Vote(kind, -1, instance, view, slot), digest);
      if (other != null && !other.equals(digest)) {
        throw new Violation(
            "S1", "two digests are prepared in slot %d of view %d".formatted(slot, view));
      }
    }
  }
}
