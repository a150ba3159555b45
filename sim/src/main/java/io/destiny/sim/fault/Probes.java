package io.destiny.sim.fault;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Rare situations that a run has been in (V2), each by a name for people. A swarm that never meets
 * one of them does not test what is said to handle it.
 */
final class Probes implements TraceListener {
  private static final long JUST = 100_000_000L;

  /** What is known of one replica. */
  private static final class Seen {
    final Set<Long> proposals = new HashSet<>();
    final Set<Long> commits = new HashSet<>();
    final Set<Long> executed = new HashSet<>();
    final Set<String> frames = new HashSet<>();
    final Map<Long, Work> jobs = new HashMap<>();
    long startedAt;
    int lives;
    long unsynced;
    int snapshots;
    boolean up;
    boolean transferring;
    boolean committed;
    boolean wiped;

    /** It has gone over to an epoch, and when. */
    boolean entering;

    long enteredAt;

    /** Memory goes with a life. */
    void forget() {
      proposals.clear();
      commits.clear();
      executed.clear();
      jobs.clear();
      unsynced = 0;
      snapshots = 0;
      transferring = false;
    }
  }

  private final int n;
  private final int orderPrimary;
  private final LongSupplier now;
  private final SortedSet<String> hit = new TreeSet<>();
  private final Map<Integer, Seen> replicas = new HashMap<>();
  private final Set<Long> asked = new HashSet<>();

  Probes(int n, int orderPrimary, LongSupplier now) {
    this.n = n;
    this.orderPrimary = orderPrimary;
    this.now = now;
  }

  SortedSet<String> hit() {
    return new TreeSet<>(hit);
  }

  private Seen seen(int replica) {
    return replicas.computeIfAbsent(replica, r -> new Seen());
  }

  private static String side(int instance) {
    return Instances.orders(instance) ? "O" : "D";
  }

  private static long place(int instance, long slot) {
    return (long) instance << 40 | (slot & 0xFF_FFFF_FFFFL);
  }

  // ---- lives

  @Override
  public void started(int replica) {
    Seen s = seen(replica);
    s.forget();
    s.up = true;
    s.startedAt = now.getAsLong();
    if (s.lives++ > 0) {
      hit.add(s.wiped ? "restart on an empty disk" : "restart");
      if (s.lives > 3) {
        hit.add("restart for the third time");
      }
      if (replicas.values().stream().anyMatch(other -> other.transferring)) {
        hit.add("restart while another transfers state");
      }
    }
    s.wiped = false;
  }

  @Override
  public void epoch(int replica, long epoch) {
    Seen s = seen(replica);
    s.entering = true;
    s.enteredAt = now.getAsLong();
    when(epoch > 1, "an epoch after the second begins");
  }

  @Override
  public void crashed(int replica) {
    Seen s = seen(replica);
    if (s.up) {
      when(
          s.enteredAt > 0 && now.getAsLong() - s.enteredAt < JUST,
          "crash soon after an epoch began");
      when(s.unsynced > 0, "crash with records that are not synced");
      when(s.snapshots > 0, "crash while a snapshot is written");
      when(s.transferring, "crash while state is transferred");
      when(!s.committed, "crash before the first commit");
      when(replica == orderPrimary, "crash of the O-primary");
      when(now.getAsLong() - s.startedAt < JUST && s.lives > 1, "crash soon after a restart");
    }
    s.up = false;
    s.forget();
    long down = replicas.values().stream().filter(r -> !r.up).count();
    when(down == n, "all are down");
    when(2 * down > n, "a majority is down");
  }

  @Override
  public void wiped(int replica) {
    seen(replica).wiped = true;
  }

  @Override
  public void halted(int replica, String reason) {
    hit.add("a replica stopped itself");
  }

  private void when(boolean condition, String name) {
    if (condition) {
      hit.add(name);
    }
  }

  // ---- messages

  @Override
  public void sent(int from, int to, Frame frame) {
    hit.add("sent " + frame.kind());
  }

  @Override
  public void delivered(int from, int to, Frame frame) {
    Seen s = seen(to);
    String kind = frame.kind();
    when(s.transferring, kind + " while state is transferred");
    when(s.lives > 1 && now.getAsLong() - s.startedAt < JUST, kind + " soon after a restart");
    String name = from + frame.name() + frame.view() + "/" + frame.sequence();
    when(!s.frames.add(name), kind + " once more");
  }

  private void received(Seen s, Input.Received r) {
    int instance = r.message().instance();
    long at = place(instance, r.message().sequence());
    String side = side(instance);
    switch (r.message().kind()) {
      case "Prepare", "PrePrepare", "Forward" -> {
        when(s.commits.contains(at), side + " proposal after its commit");
        when(!s.proposals.add(at), side + " proposal once more");
      }
      case "Commit", "FullCommitProof", "FullCommitProofSlow" -> {
        when(!s.proposals.contains(at), side + " commit before its proposal");
        when(!s.commits.add(at), side + " commit once more");
      }
      case "CommitSig", "SignShare", "CommitShare" -> {
        when(!s.proposals.contains(at), side + " vote before its proposal");
        when(s.commits.contains(at), side + " vote after its commit");
      }
      case "ExecSig" -> when(!s.executed.contains(at), "execution share before the execution");
      case "ExecProof" -> when(!s.executed.contains(at), "proof before the execution");
      default -> {}
    }
  }

  // ---- turns

  @Override
  public void input(int replica, Input input) {
    Seen s = seen(replica);
    switch (input) {
      case Input.Started i -> {
        if (s.entering) {
          s.entering = false;
          when(i.checkpoint() != null, "an epoch is entered with its first state");
          when(i.checkpoint() == null, "an epoch is entered without state");
        } else if (s.lives > 1) {
          when(i.checkpoint() != null, "restart with a checkpoint");
          when(!i.earlier().isEmpty(), "restart with several checkpoints");
          when(i.records().isEmpty(), "restart without a log");
          when(!i.records().isEmpty() && i.checkpoint() == null, "restart with a log alone");
          when(i.counters().read(Instances.ORDER, 0) < 0, "restart without a trusted subsystem");
        }
      }
      case Input.Received r -> received(s, r);
      case Input.Submitted r -> {
        Request q = r.request();
        when(!asked.add(place((int) (q.client() >>> 32), q.timestamp())), "request once more");
        when(s.transferring, "request while state is transferred");
      }
      case Input.Fired f ->
          hit.add("timer " + f.timer().kind() + " of " + side(f.timer().instance()));
      case Input.Computed c -> computed(s, c);
      case Input.Executed e -> when(s.transferring, "execution ends while state is transferred");
      case Input.Snapshot e -> snapshot(s, e.event());
    }
  }

  private void computed(Seen s, Input.Computed c) {
    Work work = s.jobs.remove(c.job());
    if (work == null) {
      return;
    }
    String what = work.getClass().getSimpleName();
    switch (c.result()) {
      case Result.Verdict v -> when(!v.valid(), what + " refuses");
      case Result.BadShares b -> {
        hit.add(what + " finds a bad share");
        when(b.signers().size() > 1, what + " finds several bad shares");
      }
      default -> {}
    }
  }

  private void snapshot(Seen s, Input.SnapshotEvent event) {
    switch (event) {
      case Input.SnapshotEvent.Durable d -> s.snapshots--;
      case Input.SnapshotEvent.Installed i -> {
        s.transferring = false;
        hit.add("state is transferred");
        when(s.lives > 1, "state is transferred after a restart");
      }
      case Input.SnapshotEvent.InstallFailed f -> hit.add("a transferred state is refused");
      case Input.SnapshotEvent.ChunksRead r -> {
        hit.add("chunks are served");
        when(r.chunks().isEmpty(), "chunks are gone when they are asked for");
        when(s.transferring, "chunks are served by one that transfers itself");
      }
      case Input.SnapshotEvent.Taken t -> when(s.snapshots > 1, "two snapshots are being written");
    }
  }

  // ---- effects

  @Override
  public void effect(int replica, long number, Effect effect) {
    Seen s = seen(replica);
    switch (effect) {
      case Effect.Persist p -> {
        if (!p.lazily()) {
          s.unsynced = number;
        }
      }
      case Effect.Compute c -> s.jobs.put(c.job(), c.work());
      case Effect.TakeSnapshot t -> s.snapshots++;
      case Effect.BeginInstall b -> {
        when(s.transferring, "state transfer begins again");
        s.transferring = true;
      }
      case Effect.Note(Effect.Event.Dropped d) ->
          hit.add("dropped " + d.kind() + ": " + d.reason());
      case Effect.Note(Effect.Event.Count c) -> hit.add(c.name().replace('_', ' '));
      case Effect.Note(Effect.Event.Evidence e) -> hit.add("evidence of " + e.what());
      case Effect.Note(Effect.Event.Committed c) -> s.committed = true;
      case Effect.Note(Effect.Event.Ordered o) -> {
        s.executed.add(place(o.instance(), o.slot()));
        when(o.commands() == 0, "a batch without effect is executed");
        when(s.transferring, "a batch is executed while state is transferred");
      }
      case Effect.Answer a -> {
        when(a.reply().evidence() instanceof Reply.Plain, "a plain answer");
        when(a.reply().evidence() instanceof Reply.Vote, "an answer with one vote");
      }
      case Effect.Cancel c -> hit.add("a job is cancelled");
      default -> {}
    }
  }

  @Override
  public void synced(int replica, long number) {
    Seen s = seen(replica);
    if (number >= s.unsynced) {
      s.unsynced = 0;
    }
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    if (result instanceof Result.Refused r) {
      hit.add("trusted subsystem refuses in " + side(call.instance()) + ": " + r.reason());
    }
  }

  // ---- clients

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    hit.add("answered by " + answer.form());
    when(answer.results().isEmpty(), "answered as stale");
  }

  @Override
  public void rejected(ClientStub client, int from, Reply reply) {
    hit.add("a client rejects " + reply.evidence().getClass().getSimpleName());
  }
}
