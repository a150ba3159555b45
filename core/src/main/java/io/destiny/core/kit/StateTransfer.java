package io.destiny.core.kit;

import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * State transfer (00-system-model §7): a replica behind a stable checkpoint gets its snapshot from
 * several peers at once, each chunk verified against the certified root before it is used. A peer
 * that is slow is asked for less, one that is wrong for nothing more; what was fetched stays, as
 * long as anybody has the rest.
 */
public final class StateTransfer {
  /** Peers asked at once. */
  static final int PARALLEL = 4;

  /** Chunks asked of one peer at once; what does not fit into one message is asked for again. */
  static final int CHUNKS_A_REQUEST = 16;

  /** After so many T_fetch without any chunk the transfer begins again. */
  private static final int MOST_IDLE = 12;

  /** The patience ends at so many T_fetch. */
  private static final int MOST_PATIENCE = 8;

  private static final TimerKey TIMER = new TimerKey(Instances.ORDER, TimerKind.STATE_TRANSFER, 0);

  /**
   * What a peer was asked for: chunks first..end-1 of the present part, at {@code since}; they are
   * the rest of a range that it was given at {@code began}.
   */
  private record Asked(int first, int end, long since, long began) {}

  private record Range(int first, int end) {}

  private final Settings settings;
  private final Checkpoints checkpoints;
  private KitMessage.@Nullable CheckpointProof target;
  private @Nullable List<List<Digest>> manifest;
  private final List<List<byte[]>> parts = new ArrayList<>();

  /** Who was asked for the manifest. */
  private int source = -1;

  /** The present part, how far it is installed, and how far it is asked for. */
  private int part;

  private int next;
  private int assigned;

  /** Ranges to ask for again, and chunks that came before their turn. */
  private final ArrayDeque<Range> returned = new ArrayDeque<>();

  private final TreeMap<Integer, byte[]> ahead = new TreeMap<>();
  private final TreeMap<Integer, Asked> asked = new TreeMap<>();

  /** Per peer: how often it was slow or wrong with this snapshot; below 0: it is quick. */
  private final int[] offences;

  private static final int WRONG = 1000;
  private static final int QUICK = -1;

  /**
   * How long an answer may take: T_fetch, and twice as long after each that did not come, so that a
   * dead peer costs little and a slow link gets its time.
   */
  private long patience;

  /** When something last came. */
  private long moved;

  private boolean installing;

  public StateTransfer(Settings settings, Checkpoints checkpoints) {
    this.settings = settings;
    this.checkpoints = checkpoints;
    this.offences = new int[settings.n()];
  }

  /** Whether a transfer is under way. */
  public boolean active() {
    return target != null;
  }

  /** Begins to fetch the snapshot that {@code proof} certifies. */
  public void begin(KitMessage.CheckpointProof proof, Turn turn) {
    target = proof;
    Arrays.fill(offences, 0);
    patience = settings.tuning().fetchDelay();
    restart(turn);
  }

  private void restart(Turn turn) {
    KitMessage.CheckpointProof t = target;
    if (t == null) {
      return;
    }
    KitMessage.CheckpointProof newest = checkpoints.proof();
    if (newest != null && newest.slot() > t.slot()) {
      t = newest;
      target = newest;
    }
    manifest = null;
    parts.clear();
    part = 0;
    beginPart();
    moved = turn.now();
    installing = false;
    askManifest(t, turn);
  }

  private void beginPart() {
    next = 0;
    assigned = 0;
    returned.clear();
    ahead.clear();
    asked.clear();
  }

  private void askManifest(KitMessage.CheckpointProof t, Turn turn) {
    source = pick(turn);
    turn.emit(new Effect.Send(source, new KitMessage.GetState(t.slot())));
    startTimer(turn);
  }

  /**
   * One of those that are not asked for anything now: who was quick, or who was least often slow or
   * wrong. Of those that nothing is known of nearly half may be dead.
   */
  private int pick(Turn turn) {
    int n = settings.n();
    int start = turn.random().nextInt(n);
    int best = -1;
    for (int i = 0; i < n; i++) {
      int peer = (start + i) % n;
      boolean free = peer != settings.self() && !asked.containsKey(peer);
      if (free && (best < 0 || offences[peer] < offences[best])) {
        best = peer;
      }
    }
    return best;
  }

  private void startTimer(Turn turn) {
    turn.emit(new Effect.StartTimer(TIMER, settings.tuning().fetchDelay()));
  }

  private void lostPatience() {
    patience = Math.min(2 * patience, MOST_PATIENCE * settings.tuning().fetchDelay());
  }

  /** Who did not deliver is asked for nothing more for now. */
  public void onTimer(Turn turn) {
    KitMessage.CheckpointProof t = target;
    if (t == null || installing) {
      return;
    }
    long idle = turn.now() - moved;
    long began = patience;
    if (manifest == null && idle >= patience) {
      offences[source]++;
      lostPatience();
      restart(turn);
      return;
    }
    boolean late = false;
    for (Map.Entry<Integer, Asked> e : new ArrayList<>(asked.entrySet())) {
      if (turn.now() - e.getValue().since >= patience) {
        offences[e.getKey()]++;
        giveBack(e.getKey());
        late = true;
      }
    }
    if (late) {
      lostPatience();
    }
    // Where nothing came and a newer checkpoint is known, the old one is likely gone everywhere.
    KitMessage.CheckpointProof newest = checkpoints.proof();
    boolean outdated = newest != null && newest.slot() > t.slot();
    if (idle >= MOST_IDLE * settings.tuning().fetchDelay() || (late && outdated && idle >= began)) {
      restart(turn);
      return;
    }
    assign(turn);
    startTimer(turn);
  }

  private void giveBack(int peer) {
    Asked a = asked.remove(peer);
    if (a != null) {
      returned.add(new Range(a.first, a.end));
    }
  }

  /** The manifest: only one whose roots give the certified digest is used. */
  public void onManifest(int from, KitMessage.Manifest m, Turn turn) {
    KitMessage.CheckpointProof t = target;
    if (t == null || from != source || m.slot() != t.slot() || manifest != null) {
      turn.drop(DropReason.UNEXPECTED, from, m.kind());
    } else if (!Checkpoints.state(settings, m.slot(), m.parts()).equals(t.state())) {
      turn.drop(DropReason.INVALID, from, m.kind());
      offences[from] += WRONG;
      restart(turn);
    } else {
      manifest = m.parts();
      moved = turn.now();
      turn.emit(new Effect.BeginInstall(t.slot()));
      for (int p = 0; p < m.parts().size(); p++) {
        parts.add(new ArrayList<>());
      }
      goOn(turn);
      startTimer(turn);
    }
  }

  /** Chunks that this peer was asked for; each must have the digest that the manifest names. */
  public void onChunks(int from, KitMessage.Chunks m, Turn turn) {
    KitMessage.CheckpointProof t = target;
    List<List<Digest>> digests = manifest;
    Asked a = asked.get(from);
    if (t == null
        || digests == null
        || a == null
        || m.slot() != t.slot()
        || m.part() != part
        || m.first() != a.first) {
      turn.drop(DropReason.UNEXPECTED, from, m.kind());
      return;
    }
    if (m.chunks().isEmpty() || m.chunks().size() > a.end - a.first || !match(m, digests)) {
      turn.drop(DropReason.INVALID, from, m.kind());
      offences[from] += WRONG;
      giveBack(from);
    } else {
      take(from, a, m.chunks(), turn);
    }
    goOn(turn);
  }

  private boolean match(KitMessage.Chunks m, List<List<Digest>> digests) {
    int at = m.first();
    for (byte[] chunk : m.chunks()) {
      if (!Digest.of(chunk).equals(digests.get(part).get(at++))) {
        return false;
      }
    }
    return true;
  }

  private void take(int from, Asked a, List<byte[]> chunks, Turn turn) {
    moved = turn.now();
    int at = a.first;
    for (byte[] chunk : chunks) {
      ahead.put(at++, chunk);
    }
    asked.remove(from);
    if (offences[from] <= 0) {
      // Quick is who sends a whole range in time: with little at a time one could hold the
      // transfer up for ever.
      boolean quick = at == a.end && moved - a.began <= settings.tuning().fetchDelay();
      offences[from] = quick ? QUICK : 0;
    }
    if (at < a.end) {
      ask(from, new Range(at, a.end), a.began, turn);
    }
  }

  /** Installs what is next, and asks for more. */
  private void goOn(Turn turn) {
    KitMessage.CheckpointProof t = target;
    List<List<Digest>> digests = manifest;
    if (t == null || digests == null) {
      return;
    }
    for (byte[] chunk = ahead.remove(next); chunk != null; chunk = ahead.remove(next)) {
      turn.emit(new Effect.InstallChunk(t.slot(), part, chunk));
      if (part > 0) {
        parts.get(part).add(chunk);
      }
      next++;
    }
    while (part < digests.size() && next == digests.get(part).size()) {
      part++;
      beginPart();
    }
    if (part < digests.size()) {
      assign(turn);
    } else {
      installing = true;
      turn.emit(new Effect.StopTimer(TIMER));
      turn.emit(new Effect.FinishInstall(t.slot()));
    }
  }

  /**
   * Gives free peers something to do. What has come before its turn waits in memory, which bounds
   * how far ahead is asked for.
   */
  private void assign(Turn turn) {
    List<List<Digest>> digests = manifest;
    if (digests == null) {
      return;
    }
    int size = digests.get(part).size();
    while (asked.size() < Math.min(PARALLEL, settings.n() - 1)) {
      Range range = returned.poll();
      if (range == null) {
        int end = Math.min(size, assigned + CHUNKS_A_REQUEST);
        if (assigned == end || assigned - next >= PARALLEL * CHUNKS_A_REQUEST) {
          return;
        }
        range = new Range(assigned, end);
        assigned = end;
      }
      int peer = pick(turn);
      if (offences[peer] >= WRONG && !asked.isEmpty()) {
        // Only where nobody else is left is one asked that was wrong.
        returned.addFirst(range);
        return;
      }
      ask(peer, range, turn.now(), turn);
    }
  }

  private void ask(int peer, Range range, long began, Turn turn) {
    KitMessage.CheckpointProof t = target;
    if (t != null) {
      asked.put(peer, new Asked(range.first, range.end, turn.now(), began));
      turn.emit(
          new Effect.Send(
              peer,
              new KitMessage.GetChunks(t.slot(), part, range.first, range.end - range.first)));
    }
  }

  /** What was transferred, once the application has it. */
  public record Transferred(
      KitMessage.CheckpointProof proof, List<List<Digest>> manifest, List<List<byte[]>> parts) {}

  /**
   * The installation ended well: hands over the protocol's parts (part 0, the application's, is
   * empty) and rests.
   */
  public @Nullable Transferred installed(long slot) {
    KitMessage.CheckpointProof t = target;
    List<List<Digest>> digests = manifest;
    if (t == null || digests == null || t.slot() != slot || !installing) {
      return null;
    }
    Transferred done = new Transferred(t, digests, List.copyOf(parts));
    target = null;
    installing = false;
    return done;
  }

  /** The application refused the state although its root is certified. */
  public void failed(Turn turn) {
    restart(turn);
  }
}
