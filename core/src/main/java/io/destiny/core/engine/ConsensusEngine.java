package io.destiny.core.engine;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a base protocol with the properties P1, P1', P2 to P4 of 00-system-model §4. It
 * knows neither what its values mean nor that there are other instances.
 */
public interface ConsensusEngine {
  /**
   * Takes up what the log and the counters tell; called once, before anything else.
   *
   * @param records this instance's part of the durable log, in order
   * @param stableSlot the low watermark of the newest durable checkpoint
   */
  void start(List<LogRecord> records, Input.CounterValues counters, long stableSlot, Port port);

  long view();

  /** The leader of the present view. */
  default int primary() {
    return leader(view());
  }

  /** The leader of any view. */
  int leader(long view);

  /** Whether the present view was entered: false between leaving one and entering the next. */
  boolean entered();

  /** Whether this replica leads a view that it has entered and not left. */
  boolean leading();

  /** Proposes at the next slot and returns it; empty: not the leader, or the window is full. */
  OptionalLong propose(Value value, Port port);

  /** Whether a proposal has no place before the low watermark moves. */
  boolean windowFull();

  /** Own proposals that are not committed. */
  int inFlight();

  void onMessage(int from, Message message, Port port);

  void onTimer(TimerKind kind, long subject, Port port);

  void onComputed(long job, Result result, Port port);

  /** Asks {@link Port#admit} again for what it deferred. */
  void reconsider(Port port);

  /**
   * Complains about the leader of the present view (hybster.md §5 rule 8), at most once every
   * T_resend; the caller repeats it while the cause lasts. A hybrid engine never leaves a view by
   * itself; one of the BFT model does so at once (pbft.md §5 rule 10), but for {@link
   * Suspicion#REINSTATE}.
   *
   * @param target the view to go to, above the present one
   */
  void suspect(Suspicion reason, long target, Port port);

  /** Shows a peer what is held of a slot: its commit, or else its certified proposal's header. */
  void show(long slot, int to, Port port);

  /** Asks peers for a slot's proposal or decision, again and again until it is decided. */
  void fetch(long slot, Port port);

  /**
   * Answers a peer's STATUS about this instance with what is held and missing there
   * (00-system-model §8).
   */
  void answerStatus(int to, Progress progress, Port port);

  /** Every slot up to here is decided, payload included. */
  long frontier();

  /** What this replica has and misses in this instance. */
  default Progress progress() {
    return Progress.of(this, slot -> decision(slot) != null);
  }

  /** Whether a valid proposal of the present view or a commitment is known for the slot. */
  boolean shown(long slot);

  default boolean committed(long slot) {
    return slot <= stable() || committedDigest(slot) != null;
  }

  /** The value of a committed slot in the window, null unless it is decided. */
  @Nullable Value decision(long slot);

  /** What is held of a slot, for an operator. */
  Held held(long slot);

  /** Slots of which something is held in memory. */
  int slots();

  /** Low watermark h. */
  long stable();

  /** Highest slot with a valid proposal or commitment here. */
  long highest();

  /** Moves the low watermark: everything at or below is dropped. */
  void truncate(long stableSlot, Port port);

  /**
   * What STATUS says of one instance.
   *
   * @param view the present view
   * @param entered whether it was entered
   * @param stable h
   * @param frontier every slot up to here is decided, payload included
   * @param highest highest slot known of
   * @param missing bit i of word i/64: slot frontier+1+i is known of or below one known of, and is
   *     not decided
   */
  record Progress(
      long view, boolean entered, long stable, long frontier, long highest, long[] missing) {
    /** How many slots above the frontier the bitmap covers. */
    public static final int SPAN = 256;

    /** Of an engine, by which of its slots above the frontier are decided. */
    public static Progress of(ConsensusEngine engine, LongPredicate decided) {
      long[] missing = new long[SPAN / 64];
      long frontier = engine.frontier();
      long last = Math.min(engine.highest(), frontier + SPAN);
      for (long n = frontier + 1; n <= last; n++) {
        if (!decided.test(n)) {
          int i = (int) (n - frontier - 1);
          missing[i >>> 6] |= 1L << (i & 63);
        }
      }
      return new Progress(
          engine.view(), engine.entered(), engine.stable(), frontier, engine.highest(), missing);
    }

    /** Whether its sender has not entered this view, or a later one. */
    public boolean before(long other) {
      return view < other || (view == other && !entered);
    }

    /** Whether {@code slot} is marked missing. */
    public boolean lacks(long slot) {
      long i = slot - frontier - 1;
      return i >= 0 && i < SPAN && (missing[(int) (i >>> 6)] >>> (i & 63) & 1) != 0;
    }
  }

  /**
   * What is held of a slot.
   *
   * @param proposal its certified proposal of the present view
   * @param payload its payload
   * @param commit its commitment
   * @param votes the replicas whose votes on it are held, in order
   */
  record Held(boolean proposal, boolean payload, boolean commit, List<Integer> votes) {}

  /** Where an instance's digest of a committed slot is wanted without its payload. */
  @Nullable Digest committedDigest(long slot);
}
