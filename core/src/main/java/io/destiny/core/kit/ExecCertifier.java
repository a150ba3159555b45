package io.destiny.core.kit;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Reply;
import io.destiny.core.model.ReplyRule;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MerkleTree;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What clients are answered, by one of two rules. Aggregated: proofs of execution
 * (linear-hybster.md §5 rules 7 to 9): after a slot was executed a π share on X = (instance, slot,
 * position, result root) goes to a collector, which aggregates f+1 of them into one EXECPROOF for
 * all replicas and answers the clients. Matching: every replica answers at once. Belongs to the
 * order, not to an engine.
 */
public final class ExecCertifier {
  /** One executed request, in the order of its batch. */
  public record Leaf(Request request, byte[] result) {}

  /** Where the results of clients' last requests are. */
  @FunctionalInterface
  public interface Results {
    /** The result of this request; null if the client has gone on, or it was too long to keep. */
    byte @Nullable [] of(Request request);
  }

  /** Results longer than this are not kept a second time. */
  private static final int SMALL_RESULT = 64;

  /** A slot that was executed. */
  public record Executed(int instance, long slot, long position, List<Leaf> leaves) {}

  private enum JobKind {
    SIGN,
    COMBINE,
    COMBINE_FOREIGN,
    VERIFY
  }

  private record Job(JobKind kind, int instance, long slot) {}

  private record Place(long timestamp, int instance, long slot, int leaf) {}

  private final Settings settings;
  private final ReplyRule rule;
  private final Results results;
  private final List<LongMap<ExecSlot>> slots = new ArrayList<>();
  private final LongMap<Job> jobs = new LongMap<>();
  private final LongMap<Place> places = new LongMap<>();
  private final Blacklist blacklist;

  /**
   * @param results the table of the clients, up to date when {@link #executed} is called
   */
  public ExecCertifier(Settings settings, ReplyRule rule, Results results) {
    this.settings = settings;
    this.rule = rule;
    this.results = results;
    this.blacklist = new Blacklist(settings.n());
    for (int i = 0; i < settings.n() + settings.tuning().pillars(); i++) {
      slots.add(new LongMap<>());
    }
  }

  private LongMap<ExecSlot> slots(int instance) {
    boolean orders = Instances.orders(instance);
    return slots.get(orders ? settings.n() + Instances.pillarOf(instance) : instance);
  }

  private ExecSlot state(int instance, long slot) {
    LongMap<ExecSlot> known = slots(instance);
    ExecSlot s = known.get(slot);
    if (s == null) {
      s = new ExecSlot();
      known.put(slot, s);
    }
    return s;
  }

  private byte[] statement(int instance, long slot, long position, Digest root) {
    return settings.domain().execution(instance, slot, position, root);
  }

  /**
   * A slot was executed here, with all its results known.
   *
   * @param first the first collector: the coordinator of the D-instance
   */
  public void executed(Executed executed, int first, Turn turn) {
    if (rule == ReplyRule.MATCHING) {
      for (Leaf leaf : executed.leaves) {
        Request r = leaf.request;
        plain(r.client(), r.timestamp(), r.digest(), leaf.result, turn);
      }
      return;
    }
    ExecSlot s = state(executed.instance, executed.slot);
    List<ExecSlot.Kept> kept = new ArrayList<>(executed.leaves.size());
    List<Digest> leaves = new ArrayList<>(executed.leaves.size());
    for (int i = 0; i < executed.leaves.size(); i++) {
      Leaf leaf = executed.leaves.get(i);
      Request r = leaf.request;
      leaves.add(Reply.leaf(r.client(), r.timestamp(), r.digest(), leaf.result));
      boolean twice = leaf.result.length > SMALL_RESULT && results.of(r) != null;
      kept.add(new ExecSlot.Kept(r, twice ? null : leaf.result));
      if (better(r.timestamp(), places.get(r.client()))) {
        places.put(r.client(), new Place(r.timestamp(), executed.instance, executed.slot, i));
      }
    }
    s.executed = new ExecSlot.Done(executed.instance, executed.slot, executed.position, kept);
    s.levels = MerkleTree.levels(leaves);
    s.root = s.levels.getLast().getFirst();
    byte[] statement = statement(executed.instance, executed.slot, executed.position, s.root);
    s.statementDigest = Digest.of(statement);
    s.first = first;
    job(JobKind.SIGN, executed.instance, executed.slot, new Work.SignExecution(statement), turn);
    if (s.proof != null && doubtful(s, s.proof)) {
      verify(s, s.proof, turn);
    }
  }

  /** A request that came once more, in a later batch, does not hide a proof that is there. */
  private boolean better(long timestamp, @Nullable Place known) {
    if (known == null || timestamp != known.timestamp) {
      return known == null || timestamp > known.timestamp;
    }
    ExecSlot s = slots(known.instance).get(known.slot);
    return s == null || s.proof == null;
  }

  /**
   * Whether a proof is verified before anybody asks for it: one that contradicts the own result,
   * and one that would keep the first collector from making its own.
   */
  private boolean doubtful(ExecSlot s, KitMessage.ExecProof proof) {
    boolean collects = s.first == settings.self();
    return !s.matches(proof) || (collects && !s.verified);
  }

  private void job(JobKind kind, int instance, long slot, Work work, Turn turn) {
    jobs.put(turn.compute(work), new Job(kind, instance, slot));
  }

  private void verify(ExecSlot s, KitMessage.ExecProof p, Turn turn) {
    if (!s.busy) {
      s.busy = true;
      byte[] x = statement(p.instance(), p.slot(), p.position(), p.root());
      Work work = new Work.VerifyCertificate(KeyPurpose.EXECUTION, x, p.certificate());
      job(JobKind.VERIFY, p.instance(), p.slot(), work, turn);
    }
  }

  /** Slots of which something is held. */
  public int slots() {
    int held = 0;
    for (LongMap<ExecSlot> instance : slots) {
      held += instance.size();
    }
    return held;
  }

  /** Whether anything is held of this slot. */
  public boolean knows(int instance, long slot) {
    return slots(instance).contains(slot);
  }

  /** EXECSIG from another replica; the composer has checked that the slot is in its window. */
  public void onExecSig(int from, KitMessage.ExecSig m, Turn turn) {
    if (rule == ReplyRule.MATCHING) {
      turn.drop(DropReason.UNEXPECTED, from, m.kind());
      return;
    }
    if (m.share().signer() != from) {
      turn.drop(DropReason.WRONG_SENDER, from, m.kind());
      return;
    }
    ExecSlot s = state(m.instance(), m.slot());
    if (s.proof != null && s.matches(s.proof)) {
      // One that comes late has the proof on its way already; one that is repeated missed it.
      if (!s.shares.add(s.statementDigest, m.share()) || !s.announced) {
        turn.emit(new Effect.Send(from, s.proof));
      }
      return;
    }
    Digest statement =
        s.executed != null && m.position() == s.executed.position() && m.root().equals(s.root)
            ? s.statementDigest
            : Digest.of(statement(m.instance(), m.slot(), m.position(), m.root()));
    if (!s.shares.add(statement, m.share())) {
      turn.drop(DropReason.DUPLICATE, from, m.kind());
      return;
    }
    combine(m.instance(), m.slot(), s, turn);
    if (s.executed != null && !statement.equals(s.statementDigest)) {
      if (s.shares.count(statement) >= settings.rule().weak()) {
        List<Share> foreign = s.shares.on(statement, blacklist, m.slot());
        byte[] x = statement(m.instance(), m.slot(), m.position(), m.root());
        Work work = new Work.Combine(KeyPurpose.EXECUTION, x, foreign);
        job(JobKind.COMBINE_FOREIGN, m.instance(), m.slot(), work, turn);
      }
    }
  }

  private void combine(int instance, long slot, ExecSlot s, Turn turn) {
    ExecSlot.Done e = s.executed;
    if (e == null || s.own == null || s.busy || s.proof != null) {
      return;
    }
    if (s.shares.count(s.statementDigest) >= settings.rule().weak()) {
      s.busy = true;
      List<Share> shares = s.shares.on(s.statementDigest, blacklist, slot);
      byte[] statement = statement(instance, slot, e.position(), s.root);
      Work work = new Work.Combine(KeyPurpose.EXECUTION, statement, shares);
      job(JobKind.COMBINE, instance, slot, work, turn);
    }
  }

  /**
   * EXECPROOF from another replica. Verified only when it is served, or contradicts the own result.
   */
  public void onExecProof(int from, KitMessage.ExecProof m, Turn turn) {
    if (rule == ReplyRule.MATCHING) {
      turn.drop(DropReason.UNEXPECTED, from, m.kind());
      return;
    }
    ExecSlot s = state(m.instance(), m.slot());
    if (s.proof != null) {
      turn.drop(DropReason.DUPLICATE, from, m.kind());
      return;
    }
    if (blacklist.contains(from, m.slot())) {
      turn.drop(DropReason.BAD_SIGNATURE, from, m.kind());
      return;
    }
    s.proof = m;
    s.proofFrom = from;
    if (s.executed != null) {
      turn.emit(new Effect.StopTimer(timer(m.instance(), m.slot())));
      if (doubtful(s, m)) {
        verify(s, m, turn);
      }
    }
  }

  private static TimerKey timer(int instance, long slot) {
    return new TimerKey(instance, TimerKind.EXECUTION_COLLECTOR, slot);
  }

  /** T_exec: no proof came; ask the next collectors. */
  public void onTimer(int instance, long slot, Turn turn) {
    ExecSlot s = slots(instance).get(slot);
    if (s == null || s.proof != null || s.own == null) {
      return;
    }
    FallBack fallBack = s.fallBack;
    if (fallBack == null) {
      fallBack = fallBack(s.first, instance, slot);
      s.fallBack = fallBack;
    }
    KitMessage.ExecSig mine = s.execSig(s.own);
    for (int to : fallBack.next()) {
      if (to != settings.self()) {
        turn.emit(new Effect.Send(to, mine));
      }
    }
    long delay = fallBack.delay(settings.tuning().executionDelay());
    turn.emit(new Effect.StartTimer(timer(instance, slot), delay));
  }

  private FallBack fallBack(int first, int instance, long slot) {
    return new FallBack(
        first,
        () ->
            Collectors.order(
                settings.domain(),
                settings.n(),
                first,
                instance,
                slot,
                Collectors.Purpose.EXECUTION));
  }

  /** The answer to one of this object's jobs. */
  public void onComputed(long id, Result result, Turn turn) {
    Job job = jobs.remove(id);
    ExecSlot s = job == null ? null : slots(job.instance).get(job.slot);
    if (job == null || s == null) {
      return;
    }
    switch (result) {
      case Result.Signed signed -> signed(job, s, signed.share(), turn);
      case Result.Combined combined -> combined(job, s, combined.certificate(), turn);
      case Result.BadShares bad -> {
        s.busy = job.kind != JobKind.COMBINE && s.busy;
        for (int signer : bad.signers()) {
          s.shares.reject(signer);
          blacklist.strike(signer, job.slot);
          turn.drop(DropReason.BAD_SIGNATURE, signer, "ExecSig");
        }
        combine(job.instance, job.slot, s, turn);
      }
      case Result.Verdict verdict -> verified(job, s, verdict.valid(), turn);
      default -> throw new IllegalStateException("not an answer to " + job);
    }
  }

  private void signed(Job job, ExecSlot s, Share share, Turn turn) {
    if (s.executed == null) {
      // The slot was forgotten meanwhile, and a message made it anew.
      return;
    }
    s.own = share;
    s.shares.add(s.statementDigest, share);
    if (s.proof != null && s.matches(s.proof)) {
      answerWaiting(s, turn);
      return;
    }
    if (s.first != settings.self()) {
      turn.emit(new Effect.Send(s.first, s.execSig(share)));
    }
    turn.emit(
        new Effect.StartTimer(timer(job.instance, job.slot), settings.tuning().executionDelay()));
    combine(job.instance, job.slot, s, turn);
    answerWaiting(s, turn);
  }

  private void combined(Job job, ExecSlot s, Certificate certificate, Turn turn) {
    if (job.kind == JobKind.COMBINE_FOREIGN) {
      turn.emit(new Effect.Halt("f+1 replicas vouch for another result of " + job));
      return;
    }
    s.busy = false;
    ExecSlot.Done e = s.executed;
    if (e == null || s.verified) {
      return;
    }
    s.proof = new KitMessage.ExecProof(e.instance(), e.slot(), e.position(), s.root, certificate);
    s.verified = true;
    s.announced = true;
    turn.emit(new Effect.StopTimer(timer(e.instance(), e.slot())));
    turn.emit(new Effect.Broadcast(s.proof));
    for (int leaf = 0; leaf < e.leaves().size(); leaf++) {
      answer(s, e, leaf, new Reply.Proof(certificate), turn);
    }
    s.waiting = null;
  }

  private void verified(Job job, ExecSlot s, boolean valid, Turn turn) {
    s.busy = false;
    if (valid && s.proof != null && s.executed != null && !s.matches(s.proof)) {
      turn.emit(new Effect.Halt("a valid proof contradicts the own result of " + job));
      return;
    }
    if (valid) {
      s.verified = true;
    } else {
      s.proof = null;
      blacklist.strike(s.proofFrom, job.slot);
      turn.drop(DropReason.BAD_SIGNATURE, s.proofFrom, "ExecProof");
      turn.emit(
          new Effect.StartTimer(timer(job.instance, job.slot), settings.tuning().executionDelay()));
      combine(job.instance, job.slot, s, turn);
    }
    answerWaiting(s, turn);
  }

  private void answerWaiting(ExecSlot s, Turn turn) {
    TreeSet<Integer> leaves = s.waiting;
    s.waiting = null;
    if (leaves != null) {
      leaves.forEach(leaf -> answer(s, leaf, turn));
    }
  }

  /**
   * A client asked again for its last request, which was executed: answer with the proof, with the
   * own vote while there is none, or plainly from the table where the slot was forgotten.
   */
  public void answer(Request request, ClientTable.Entry entry, Turn turn) {
    Place place = places.get(request.client());
    ExecSlot s =
        place == null || place.timestamp != request.timestamp()
            ? null
            : slots(place.instance).get(place.slot);
    if (s != null && place != null) {
      answer(s, place.leaf, turn);
    } else if (entry.result() != null) {
      plain(request.client(), entry.timestamp(), entry.request(), entry.result(), turn);
    }
  }

  private void plain(long client, long timestamp, Digest request, byte[] result, Turn turn) {
    Reply reply =
        new Reply(
            settings.domain().epoch(), client, timestamp, request, result, null, new Reply.Plain());
    turn.emit(new Effect.Answer(reply));
  }

  private void answer(ExecSlot s, int leaf, Turn turn) {
    ExecSlot.Done e = s.executed;
    if (e == null) {
      return;
    }
    if (s.proof != null && s.verified) {
      answer(s, e, leaf, new Reply.Proof(s.proof.certificate()), turn);
    } else if (s.proof != null) {
      s.await(leaf);
      verify(s, s.proof, turn);
    } else if (s.own != null) {
      answer(s, e, leaf, new Reply.Vote(s.own), turn);
    } else {
      s.await(leaf);
    }
  }

  private void answer(ExecSlot s, ExecSlot.Done e, int leaf, Reply.Evidence evidence, Turn turn) {
    ExecSlot.Kept l = e.leaves().get(leaf);
    byte[] result = l.result() == null ? results.of(l.request()) : l.result();
    if (result == null) {
      // The client has gone on: it has its answer.
      return;
    }
    Reply.Place place =
        new Reply.Place(
            e.instance(),
            e.slot(),
            e.position(),
            s.root,
            leaf,
            e.leaves().size(),
            MerkleTree.path(s.levels, leaf));
    turn.emit(
        new Effect.Answer(
            new Reply(
                settings.domain().epoch(),
                l.request().client(),
                l.request().timestamp(),
                l.request().digest(),
                result,
                place,
                evidence)));
  }

  /**
   * Drops what an instance's slots up to {@code upTo} need; retransmissions are then answered
   * plainly.
   */
  public void forget(int instance, long upTo, Turn turn) {
    LongMap<ExecSlot> known = slots(instance);
    for (long slot : known.keysUpTo(upTo)) {
      ExecSlot s = known.remove(slot);
      if (s != null) {
        forget(instance, slot, s, turn);
      }
    }
  }

  private void forget(int instance, long slot, ExecSlot s, Turn turn) {
    if (s.proof == null) {
      turn.emit(new Effect.StopTimer(timer(instance, slot)));
    }
    if (s.executed != null) {
      for (ExecSlot.Kept leaf : s.executed.leaves()) {
        Place place = places.get(leaf.request().client());
        if (place != null && place.instance == instance && place.slot == slot) {
          places.remove(leaf.request().client());
        }
      }
    }
  }
}
