package io.destiny.core.engine;

import io.destiny.core.crypto.Work;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;
import java.util.random.RandomGenerator;

/** What the composer hands to an engine: the world, scoped to one instance and one turn. */
public interface Port {
  long now();

  RandomGenerator random();

  void send(int to, Message message);

  void broadcast(Message message);

  void startTimer(TimerKind kind, long subject, long delayNanos);

  void stopTimer(TimerKind kind, long subject);

  /** Runs a job; the number comes back with {@link ConsensusEngine#onComputed}. */
  long compute(Work work);

  void cancel(long job);

  /** Calls the trusted subsystem; the number comes back with {@link ConsensusEngine#onComputed}. */
  long trusted(TrustedCall call);

  /** Durable before anything emitted later leaves the replica. */
  void persist(List<LogRecord> records);

  /** Durable some time soon. */
  void persistLazily(List<LogRecord> records);

  void forget(long upTo);

  /** Deterministic; for every value, re-proposals included. */
  Validity validate(Value value);

  /** For fresh proposals only. */
  Admission admit(Proposal proposal);

  /** The newest low watermark that this replica can prove. */
  Watermark watermark();

  /** Whether a peer's watermark is proven; deterministic. */
  Validity check(Watermark watermark);

  /** A proven watermark was seen; it may be ahead of this replica, which then catches up. */
  void learn(Watermark watermark);

  /**
   * What the composer wants agreed on with a view that re-proposes up to {@code max}, given what
   * was agreed on with the view whose proposals it takes over; a function of the two alone
   * (dqbft.md §6 rule 11). Opaque to engines, at most {@value #MAX_NOTE} bytes, empty in view 0.
   */
  byte[] viewNote(byte[] before, long max);

  /**
   * The note to go on from where replicas state different ones (dqbft.md §6 rule 11, BFT): the
   * {@code rank}-th largest, which is no larger than that of some correct replica if {@code rank}
   * is f+1. A function of the two alone.
   *
   * @param stated a note of each of a quorum
   */
  byte[] mergeNotes(List<byte[]> stated, int rank);

  /** Longest view note. */
  int MAX_NOTE = 64;

  void emit(EngineEvent event);

  void note(Effect.Event event);

  /** A message of {@code from} is refused; {@code kind} is what it was. */
  default void drop(DropReason reason, int from, String kind) {
    note(new Effect.Event.Dropped(reason, from, kind));
  }
}
