package io.destiny.core.model;

/** The two fault models of 00-system-model §2. */
public enum FaultModel {
  /** Arbitrary faults, N = 3f+1. */
  BFT,
  /** Arbitrary faults of hosts with trusted subsystems that can only crash, N = 2f+1. */
  HYBRID
}
