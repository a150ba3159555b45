package io.destiny.core.engine;

import io.destiny.core.model.Digest;

/** What an engine tells the composer. Queued by the port, so that an engine is never re-entered. */
public sealed interface EngineEvent {
  /**
   * A valid proposal of the present view is held, payload included; told once a slot and view, the
   * own ones too.
   */
  record Proposed(Proposal proposal) implements EngineEvent {}

  /** The slot is committed with this digest; its payload may still be missing. */
  record Committed(long slot, Digest value) implements EngineEvent {}

  /**
   * The slot is committed and its payload is held: {@link ConsensusEngine#decision} gives it from
   * now on.
   */
  record Decided(long slot, Value value) implements EngineEvent {}

  /**
   * A view was entered, told before the proposals it takes over; at the start the one that the log
   * shows.
   *
   * @param base the checkpoint that it starts from
   * @param max the last slot that it re-proposes
   * @param note the agreed {@link Port#viewNote}, empty in view 0
   */
  record ViewEntered(long view, int leader, long base, long max, byte[] note)
      implements EngineEvent {}

  /** This replica complains about the leader of {@code view}; the engine has seen to that. */
  record Suspected(long view, Suspicion reason) implements EngineEvent {}
}
