package io.destiny.core.engine;

/** Why a leader is suspected. */
public enum Suspicion {
  /** A slot voted for does not commit. */
  PROGRESS(1),
  /** The first collector misses most slots. */
  COLLECTOR(2),
  /** A known command is not proposed. */
  PROPOSAL(3),
  /** A committed slot is not ordered, or an order does not commit. */
  ORDERING(4),
  /** An O-list waits at the gate for too long. */
  GATE(5),
  /** An ordered slot does not commit. */
  DISSEMINATION(6),
  /** A NEW-VIEW does not come. */
  NEW_VIEW(7),
  /** The owner of the instance is back and healthy (dqbft.md §7). */
  REINSTATE(8),
  /** A fresh proposal that only a faulty leader makes. */
  MISBEHAVIOUR(9),
  /** Another pillar has gone to a later view: all have one leader (hybster.md §3). */
  PILLAR(10);

  private final int code;

  Suspicion(int code) {
    this.code = code;
  }

  /** How it is written in messages. */
  public int code() {
    return code;
  }
}
