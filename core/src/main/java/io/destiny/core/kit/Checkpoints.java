package io.destiny.core.kit;

import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Validity;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MerkleTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one checkpoint that serves all instances (dqbft.md §8): taken at an O-slot, voted for with π,
 * stable when enough replicas vouch for it, f+1 or in the BFT model Q, and the own snapshot is
 * durable (00-system-model §7).
 */
public final class Checkpoints {
  /** A checkpoint taken here. */
  public static final class Own {
    private final long slot;
    private final List<List<Digest>> parts;
    private final Digest state;
    private final long[] executed;
    private boolean durable;
    private @Nullable Share share;
    private final FallBack fallBack;

    private Own(long slot, List<List<Digest>> parts, Digest state, long[] executed, FallBack f) {
      this.slot = slot;
      this.parts = parts;
      this.state = state;
      this.executed = executed;
      this.fallBack = f;
    }

    public long slot() {
      return slot;
    }

    /** The chunk digests of each part. */
    public List<List<Digest>> parts() {
      return parts;
    }

    public Digest state() {
      return state;
    }

    /** exec[·] at this checkpoint. */
    public long[] executed() {
      return executed.clone();
    }
  }

  private record Job(long slot, KitMessage.@Nullable CheckpointProof proof, int from) {}

  private final Settings settings;

  /**
   * The last stable one, the one before it, and all later ones: each was voted for, so each may
   * become the certified one that others want from here. The O-window bounds them.
   */
  private final TreeMap<Long, Own> own = new TreeMap<>();

  private final TreeMap<Long, ShareCollector> votes = new TreeMap<>();
  private final TreeMap<Long, Boolean> combining = new TreeMap<>();
  private final LongMap<Job> jobs = new LongMap<>();
  private final Blacklist blacklist;
  private KitMessage.@Nullable CheckpointProof newest;
  private KitMessage.@Nullable CheckpointProof stableProof;
  private boolean verifying;
  private long stable;

  public Checkpoints(Settings settings) {
    this.settings = settings;
    this.blacklist = new Blacklist(settings.n());
  }

  /** The digest of a checkpoint whose parts have these chunk digests. */
  public static Digest state(Settings settings, long slot, List<List<Digest>> parts) {
    List<Digest> roots = new ArrayList<>(parts.size());
    for (List<Digest> part : parts) {
      roots.add(MerkleTree.root(part));
    }
    return settings.domain().checkpointState(slot, roots);
  }

  /**
   * Whether a checkpoint is proven. In the BFT model the certificate must name Q signers: π alone
   * asks for f+1, among them one correct replica, which may be the only one that has the state.
   */
  public static Validity verify(Settings settings, KitMessage.CheckpointProof proof) {
    boolean few =
        settings.rule().model() == FaultModel.BFT
            && proof.certificate().count() < settings.rule().vouchers();
    if (few) {
      return new Validity.Invalid(DropReason.INVALID);
    }
    byte[] statement = settings.domain().checkpoint(proof.slot(), proof.state());
    return new Validity.Depends(
        new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, proof.certificate()));
  }

  /** The O-slot of the last stable checkpoint, 0 before the first. */
  public long stable() {
    return stable;
  }

  /** The newest proof seen and verified; it may be ahead of this replica. */
  public KitMessage.@Nullable CheckpointProof proof() {
    return newest;
  }

  /** What proves {@link #stable}; null before the first stable checkpoint. */
  public KitMessage.@Nullable CheckpointProof stableProof() {
    return stableProof;
  }

  /** The stable one before the last; the last if that is not known here. */
  public long stableBefore() {
    Long before = own.lowerKey(stable);
    return before == null ? stable : before;
  }

  /**
   * Whether a checkpoint of this state was taken or proven here; before the first there is none.
   */
  public boolean knows(long slot, Digest state) {
    if (newest != null && newest.slot() == slot) {
      return newest.state().equals(state);
    }
    Own o = own.get(slot);
    return slot == 0 || (o != null && o.state.equals(state));
  }

  /** The kept checkpoint taken at this slot. */
  public @Nullable Own own(long slot) {
    return own.get(slot);
  }

  /** A snapshot was cut here after executing O-slot {@code slot}; returns the state's digest. */
  public Digest taken(long slot, List<List<Digest>> parts, long[] executed) {
    return keep(slot, parts, executed).state;
  }

  /**
   * After a restart: votes again for the newest checkpoint if it is not stable. Its first vote may
   * have been lost, and with it the only snapshot that others could get: the ones before are not
   * taken up again.
   */
  public void voteAgain(Turn turn) {
    Map.Entry<Long, Own> newestOwn = own.lastEntry();
    if (newestOwn != null && newestOwn.getKey() > stable) {
      sign(newestOwn.getValue(), turn);
    }
  }

  private void sign(Own o, Turn turn) {
    byte[] statement = settings.domain().checkpoint(o.slot, o.state);
    jobs.put(turn.compute(new Work.SignExecution(statement)), new Job(o.slot, null, -1));
  }

  private FallBack fallBack(int first, long slot) {
    return new FallBack(
        first,
        () ->
            Collectors.order(
                settings.domain(),
                settings.n(),
                first,
                Instances.ORDER,
                slot,
                Collectors.Purpose.CHECKPOINT));
  }

  private Own keep(long slot, List<List<Digest>> parts, long[] executed) {
    int first = (int) Long.remainderUnsigned(slot, settings.n());
    Digest state = state(settings, slot, parts);
    Own o = new Own(slot, parts, state, executed.clone(), fallBack(first, slot));
    own.put(slot, o);
    return o;
  }

  /**
   * A durable checkpoint found at the start, or installed by state transfer.
   *
   * @param proof what makes it stable, if known
   */
  public void restored(
      long slot,
      List<List<Digest>> parts,
      long[] executed,
      KitMessage.@Nullable CheckpointProof proof) {
    keep(slot, parts, executed).durable = true;
    if (proof != null && (newest == null || newest.slot() < proof.slot())) {
      newest = proof;
    }
    if (proof != null && proof.slot() == slot) {
      advance(proof);
    }
  }

  /** The low watermark that the log proves, where its snapshot is not the newest. */
  public void restoredProof(KitMessage.CheckpointProof proof) {
    newest = proof;
    stable = proof.slot();
    stableProof = proof;
  }

  private void advance(KitMessage.CheckpointProof proof) {
    long slot = proof.slot();
    if (slot >= stable) {
      stable = slot;
      stableProof = proof;
    }
    votes.headMap(slot, true).clear();
    combining.headMap(slot, true).clear();
    // The last stable one and what came later; the one before is kept for slow receivers.
    Long before = own.lowerKey(slot);
    if (before != null) {
      own.headMap(before, false).clear();
    }
  }

  /**
   * The snapshot at this slot is durable, and only now this replica votes for it: others will drop
   * what leads there, and among f+1 who voted there must be a correct one that can hand it out.
   * Returns it if it has become stable now.
   */
  public @Nullable Own durable(long slot, Turn turn) {
    Own o = own.get(slot);
    if (o != null) {
      o.durable = true;
      if (newest == null || newest.slot() < slot) {
        sign(o, turn);
      }
    }
    return settle(turn);
  }

  private @Nullable Own settle(Turn turn) {
    KitMessage.CheckpointProof p = newest;
    if (p == null || p.slot() <= stable) {
      return null;
    }
    Own o = own.get(p.slot());
    if (o == null) {
      return null;
    }
    if (!o.state.equals(p.state())) {
      turn.emit(new Effect.Halt("f+1 replicas vouch for another state at O-slot " + p.slot()));
      return null;
    }
    turn.emit(new Effect.StopTimer(timer(p.slot())));
    if (!o.durable) {
      return null;
    }
    advance(p);
    turn.emit(new Effect.DropSnapshots(own.firstKey()));
    return o;
  }

  private static TimerKey timer(long slot) {
    return new TimerKey(Instances.ORDER, TimerKind.CHECKPOINT_COLLECTOR, slot);
  }

  /** CKPTSIG; the composer has checked that the slot is in the O-window. */
  public void onSig(int from, KitMessage.CheckpointSig m, Turn turn) {
    if (m.share().signer() != from) {
      turn.drop(DropReason.WRONG_SENDER, from, m.kind());
    } else if (newest != null && m.slot() <= newest.slot()) {
      turn.emit(new Effect.Send(from, newest));
    } else if (!vote(m.slot(), m.state(), m.share())) {
      turn.drop(DropReason.DUPLICATE, from, m.kind());
    } else {
      combine(m.slot(), turn);
    }
  }

  private boolean vote(long slot, Digest state, Share share) {
    return votes.computeIfAbsent(slot, s -> new ShareCollector()).add(state, share);
  }

  private void combine(long slot, Turn turn) {
    Own o = own.get(slot);
    ShareCollector collected = votes.get(slot);
    if (o == null || o.share == null || collected == null || combining.containsKey(slot)) {
      return;
    }
    List<Share> shares = collected.on(o.state, blacklist, slot);
    if (shares.size() >= settings.rule().vouchers()) {
      combining.put(slot, true);
      byte[] statement = settings.domain().checkpoint(slot, o.state);
      int least = settings.rule().vouchers();
      Work work = new Work.Combine(KeyPurpose.EXECUTION, statement, shares, least);
      jobs.put(turn.compute(work), new Job(slot, null, -1));
    }
  }

  /** CKPTPROOF. */
  public void onProof(int from, KitMessage.CheckpointProof m, Turn turn) {
    if (newest != null && m.slot() <= newest.slot()) {
      turn.drop(DropReason.OLD, from, m.kind());
    } else if (blacklist.contains(from, m.slot())) {
      turn.drop(DropReason.BAD_SIGNATURE, from, m.kind());
    } else if (verifying) {
      turn.drop(DropReason.FULL, from, m.kind());
    } else {
      switch (verify(settings, m)) {
        case Validity.Depends d -> {
          verifying = true;
          jobs.put(turn.compute(d.work()), new Job(m.slot(), m, from));
        }
        case Validity.Invalid i -> turn.drop(i.reason(), from, m.kind());
        case Validity.Valid v -> {}
      }
    }
  }

  /** A proof that was verified elsewhere. Returns a checkpoint that has become stable now. */
  public @Nullable Own learned(KitMessage.CheckpointProof proof, Turn turn) {
    if (newest == null || newest.slot() < proof.slot()) {
      newest = proof;
    }
    return settle(turn);
  }

  /**
   * No proof came in time: the next collectors, through the whole permutation (linear-hybster.md
   * §2).
   */
  public void onTimer(long slot, Turn turn) {
    Own o = own.get(slot);
    if (o == null || o.share == null || slot <= stable) {
      return;
    }
    for (int to : o.fallBack.next()) {
      send(to, o, o.share, turn);
    }
    start(o, turn);
  }

  private void start(Own o, Turn turn) {
    long delay = o.fallBack.delay(settings.tuning().executionDelay());
    turn.emit(new Effect.StartTimer(timer(o.slot), delay));
  }

  private void send(int to, Own o, Share share, Turn turn) {
    if (to != settings.self()) {
      turn.emit(new Effect.Send(to, new KitMessage.CheckpointSig(o.slot, o.state, share)));
    }
  }

  /** The answer to one of this object's jobs. Returns a checkpoint that has become stable now. */
  public @Nullable Own onComputed(long id, Result result, Turn turn) {
    Job job = jobs.remove(id);
    if (job == null) {
      return null;
    }
    switch (result) {
      case Result.Signed signed -> signed(job.slot, signed.share(), turn);
      case Result.Combined combined -> {
        Own o = own.get(job.slot);
        if (o != null && (newest == null || newest.slot() < job.slot)) {
          newest = new KitMessage.CheckpointProof(job.slot, o.state, combined.certificate());
          turn.emit(new Effect.Broadcast(newest));
        }
      }
      case Result.BadShares bad -> {
        combining.remove(job.slot);
        for (int signer : bad.signers()) {
          ShareCollector collected = votes.get(job.slot);
          if (collected != null) {
            collected.reject(signer);
          }
          blacklist.strike(signer, job.slot);
          turn.drop(DropReason.BAD_SIGNATURE, signer, "CheckpointSig");
        }
        combine(job.slot, turn);
      }
      case Result.Verdict verdict -> {
        verifying = false;
        if (!verdict.valid()) {
          blacklist.strike(job.from, stable);
          turn.drop(DropReason.BAD_SIGNATURE, job.from, "CheckpointProof");
        } else if (job.proof != null && (newest == null || newest.slot() < job.slot)) {
          newest = job.proof;
        }
      }
      default -> throw new IllegalStateException("not an answer to " + job);
    }
    return settle(turn);
  }

  private void signed(long slot, Share share, Turn turn) {
    Own o = own.get(slot);
    if (o == null) {
      return;
    }
    o.share = share;
    vote(slot, o.state, share);
    if (newest == null || newest.slot() < slot) {
      send(o.fallBack.first(), o, share, turn);
      start(o, turn);
      combine(slot, turn);
    }
  }
}
