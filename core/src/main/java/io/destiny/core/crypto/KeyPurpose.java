package io.destiny.core.crypto;

/** The two kinds of aggregatable keys of a replica. */
public enum KeyPurpose {
  /** σ: inside the trusted subsystem, threshold Q; orders. */
  ORDERING,
  /**
   * π: outside, threshold f+1; vouches for results, checkpoints, complaints and NEW-VIEWs. Whoever
   * needs more signers counts them ({@link Certificate#count}).
   */
  EXECUTION
}
