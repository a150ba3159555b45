package io.destiny.sim.check;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What a replica keeps is bounded by its windows (S18), looked at each simulated second: records,
 * timers, snapshots, slots, and effects that wait for the disk. In each checkpoint its client table
 * has at most the clients that ever signed something, with bounded results. Of one replica in turn
 * the bytes are counted that its protocol keeps; they are bounded by what its windows hold, so that
 * whatever a peer sends, there is no more kept on its behalf than its part of that.
 */
public final class MemoryCheck implements TraceListener {
  private static final long SECOND = 1_000_000_000L;

  /** Records of a slot: intent, certificate, commit, payload; twice, since writes are cut late. */
  private static final int RECORDS_A_SLOT = 8;

  /** Timers that a slot may have, and those of the instances and of the replica. */
  private static final int TIMERS_A_SLOT = 3;

  /** Each instance's window, and twice that for the proofs of what was executed. */
  private static final int SLOTS_A_WINDOW = 3;

  /** Effects that a slot may have waiting: votes, certificates, proofs, replies. */
  private static final int HELD_A_SLOT = 8;

  /** Objects that hold a request or a client's last answer beside their bytes. */
  private static final int BYTES_AROUND = 512;

  /** Votes, shares and signatures of a slot, of each peer: of all phases, and of two views. */
  private static final int BYTES_A_PEER_AND_SLOT = 512;

  /** Whatever else is kept for a peer: what it was asked, snapshots that are being transferred. */
  private static final int BYTES_A_PEER = 32 << 10;

  /** A kept result, and its header. */
  private static final int MOST_KEPT = (16 << 10) + 16;

  private final Scope scope;
  private final Scope.Count s18;
  private final Set<Long> clients = new HashSet<>();
  private long nextLook = SECOND;
  private long largestRequest;

  public MemoryCheck(Scope scope) {
    this.scope = scope;
    this.s18 = scope.count("S18");
  }

  @Override
  public void stepped(World world) {
    if (world.now() < nextLook) {
      return;
    }
    nextLook = (world.now() / SECOND + 1) * SECOND;
    Settings.Tuning t = world.options().tuning();
    for (int i = 0; i < scope.n(); i++) {
      if (world.up(i) && scope.correct(i)) {
        look(
            new Kept(
                i,
                world.logSize(i),
                world.timers(i).size(),
                world.snapshots(i),
                world.status(i).slots(),
                world.held(i)),
            t);
        if (i == nextLook / SECOND % scope.n()) {
          bytes(i, RetainedBytes.of(Objects.requireNonNull(world.protocol(i))), t);
        }
      }
    }
  }

  /** What the protocol of one replica may keep, in bytes of heap. */
  void bytes(int replica, long kept, Settings.Tuning t) {
    s18.checked++;
    long request = largestRequest + BYTES_AROUND;
    long slot = t.batch() * request + (long) scope.n() * BYTES_A_PEER_AND_SLOT;
    long most =
        SLOTS_A_WINDOW * slots(t) * slot
            + clients.size() * (request + MOST_KEPT)
            + (long) scope.n() * BYTES_A_PEER;
    if (kept > most) {
      throw new Violation(
          "S18", "R%d keeps %,d bytes of at most %,d".formatted(replica, kept, most));
    }
  }

  private long slots(Settings.Tuning t) {
    return (long) scope.n() * t.window() + (long) t.pillars() * t.orderWindow();
  }

  /** What one replica keeps at one instant. */
  record Kept(int replica, long records, long timers, long snapshots, long slots, long held) {}

  void look(Kept kept, Settings.Tuning t) {
    s18.checked++;
    long slots = slots(t);
    // Two stable ones, and those that were taken since and wait for votes: by the interval, and
    // early where an instance went half its window ahead.
    long snapshots = 4 + 2L * t.orderWindow() / t.checkpointInterval() + 2L * scope.n();
    // A transfer or a late cut keeps one window more.
    if (kept.records > 2 * RECORDS_A_SLOT * slots
        || kept.timers > TIMERS_A_SLOT * 2 * slots + 8L * (scope.n() + t.pillars())
        || kept.snapshots > snapshots
        || kept.slots > SLOTS_A_WINDOW * slots
        || kept.held > HELD_A_SLOT * slots) {
      throw new Violation("S18", "beyond its bounds: " + kept);
    }
  }

  @Override
  public void issued(ClientStub client, Request request) {
    clients.add(request.client());
    largestRequest = Math.max(largestRequest, request.encodedLength());
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    if (effect instanceof Effect.TakeSnapshot t && scope.correct(replica) && !t.parts().isEmpty()) {
      clients(replica, t.parts().getFirst(), clients.size());
    }
  }

  /** A client table: client u64, timestamp u64, request digest, result with its length. */
  void clients(int replica, List<byte[]> table, int most) {
    s18.checked++;
    int entries = 0;
    for (byte[] chunk : table) {
      try {
        Reader r = new Reader(chunk);
        while (r.remaining() > 0) {
          r.u64();
          r.u64();
          r.digest();
          r.bytes(MOST_KEPT);
          entries++;
        }
      } catch (MalformedException e) {
        throw new Violation("S18", "R" + replica + " keeps what is no client table");
      }
    }
    if (entries > most) {
      throw new Violation("S18", "R%d keeps %d clients of %d".formatted(replica, entries, most));
    }
  }
}
