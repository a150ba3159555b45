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
   * A view was entered: the place of the view change (hybster.md §5), whose first view is entered
   * at the start.
   */
  record ViewEntered(long view, int leader, long base, long max) implements EngineEvent {}

  /** This replica would complain about the leader of {@code view}. */
  record Suspected(long view, Suspicion reason) implements EngineEvent {}
}
