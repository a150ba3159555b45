package io.destiny.core.machine;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Reply;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;

/**
 * What a replica asks of the world. Effects are carried out in the order they were emitted; what a
 * {@link Persist} names is durable before any later effect of the same or a later input leaves the
 * replica, a {@link Trusted} call included.
 */
public sealed interface Effect {
  /** To one other replica; never to itself. */
  record Send(int to, Message message) implements Effect {}

  /** To all other replicas. */
  record Broadcast(Message message) implements Effect {}

  /** To a client, if it is connected; else it is dropped. */
  record Answer(Reply reply) implements Effect {}

  /** Starts or restarts a timer; it fires once. */
  record StartTimer(TimerKey timer, long delayNanos) implements Effect {}

  record StopTimer(TimerKey timer) implements Effect {}

  /**
   * Writes to the log.
   *
   * @param lazily true: may become durable later than what follows, but before it is too old (with
   *     the next sync)
   */
  record Persist(List<LogRecord> records, boolean lazily) implements Effect {}

  /** Deletes an instance's records with 1 ≤ slot ≤ upTo. */
  record Forget(int instance, long upTo) implements Effect {}

  /**
   * Runs a cryptographic job, answered by {@link Input.Computed}; many run at once, and answers
   * come in any order.
   */
  record Compute(long job, Work work) implements Effect {}

  /** The answer to this job is no longer wanted; it may or may not come. */
  record Cancel(long job) implements Effect {}

  /** A call of the trusted subsystem: one FIFO lane per (instance, counter). */
  record Trusted(long job, TrustedCall call) implements Effect {}

  /**
   * Applies a batch, answered by {@link Input.Executed}; in order of position, several may be under
   * way.
   */
  record Execute(long position, long timeMillis, List<Command> commands) implements Effect {}

  /**
   * After the executions emitted so far: cut the application's state and make it durable together
   * with the protocol's parts. Answered by {@code Taken} and, when it is durable, {@code Durable}.
   */
  record TakeSnapshot(long slot, List<List<byte[]>> parts) implements Effect {}

  /** Deletes the snapshots below this slot. */
  record DropSnapshots(long below) implements Effect {}

  /**
   * Reads chunks of a kept snapshot, starting with {@code first} and ending before their sum
   * exceeds {@code maxBytes} (at least one). Part 0 is the application.
   */
  record ReadChunks(long job, long slot, int part, int first, int maxBytes) implements Effect {}

  /** A snapshot is about to be installed; whatever was staged of an earlier attempt is dropped. */
  record BeginInstall(long slot) implements Effect {}

  /** A verified chunk of a snapshot that is being installed; in order of (part, index). */
  record InstallChunk(long slot, int part, byte[] chunk) implements Effect {}

  /** All chunks are there: make the snapshot durable, then put it in force. */
  record FinishInstall(long slot) implements Effect {}

  /**
   * The epoch is over: its last checkpoint, which names what follows, is stable and durable at
   * {@code slot}. The driver starts the next epoch's protocol on that checkpoint and an empty log,
   * with the trusted subsystem of the next epoch; from then on this one is history. It keeps that
   * checkpoint until the next epoch is over too: those who were left behind need it.
   *
   * @param carried what the next epoch's log begins with
   */
  record EndEpoch(long slot, Reconfiguration next, List<LogRecord> carried) implements Effect {}

  /**
   * A replica that entered its epoch without state has the state of a stable checkpoint now: the
   * driver starts its protocol again, as after a crash.
   */
  record BeginAgain() implements Effect {}

  /** Stop this replica: its own state cannot be trusted. */
  record Halt(String reason) implements Effect {}

  /** For metrics and oracles; never changes anything. */
  record Note(Event event) implements Effect {}

  /** What a note says. */
  sealed interface Event {
    /** A message or request that was not acted upon; {@code from} is -1 for a client. */
    record Dropped(DropReason reason, int from, String kind) implements Event {}

    /** Something that only a faulty replica does. */
    record Evidence(int replica, String what) implements Event {}

    /** A slot whose commit this replica accepts. */
    record Committed(int instance, long slot, Digest value) implements Event {}

    /** A batch that was executed. */
    record Ordered(int instance, long slot, long position, int commands) implements Event {}

    /**
     * A view was entered.
     *
     * @param base the checkpoint that it starts from
     * @param max the last slot that it re-proposes
     */
    record Entered(int instance, long view, long base, long max) implements Event {}

    /**
     * How far a D-instance is trusted in the view that was just entered (dqbft.md §6 rule 11).
     *
     * @param level level_n
     * @param end slots up to here are ordered only when they are disseminated
     */
    record Probation(int instance, long view, int level, long end) implements Event {}

    /** A certificate was aggregated or an instance moved: counted by name. */
    record Count(String name, long amount) implements Event {}

    /** A value by name that replaces the last one. */
    record Gauge(String name, long value) implements Event {}
  }
}
