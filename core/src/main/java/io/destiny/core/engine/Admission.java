package io.destiny.core.engine;

/** Whether this replica votes for a fresh proposal (dqbft.md §4). */
public enum Admission {
  /** Vote. */
  ACCEPT,
  /** Not yet: ask again when {@link ConsensusEngine#reconsider} is called. */
  DEFER,
  /** Never in this view. */
  REJECT
}
