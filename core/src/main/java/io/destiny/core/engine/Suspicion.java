package io.destiny.core.engine;

/** Why a leader is suspected. */
public enum Suspicion {
  /** A slot voted for does not commit. */
  PROGRESS,
  /** The first collector misses most slots. */
  COLLECTOR,
  /** A known command is not proposed. */
  PROPOSAL,
  /** A committed slot is not ordered, or an order does not commit. */
  ORDERING,
  /** An O-list waits at the gate for too long. */
  GATE,
  /** An ordered slot does not commit. */
  DISSEMINATION,
  /** A NEW-VIEW does not come. */
  NEW_VIEW,
  /** The owner of the instance is back and healthy (dqbft.md §7). */
  REINSTATE,
  /** A fresh proposal that only a faulty leader makes. */
  MISBEHAVIOUR
}
