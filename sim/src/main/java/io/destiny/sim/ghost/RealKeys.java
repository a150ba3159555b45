package io.destiny.sim.ghost;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.trusted.ThreshSign;

/**
 * Real keys for everybody in a world, through the interfaces that a node uses. What they accept is
 * checked against the table of all that was signed: a difference is a forgery, or a bug.
 */
public interface RealKeys {
  /** A replica's own keys outside its trusted subsystem. */
  CryptoProvider replica(int replica);

  /** Verification, as clients do it. */
  CryptoProvider verifier();

  /**
   * A client's signature.
   *
   * @throws IllegalArgumentException if this principal has no key
   */
  byte[] signClient(int principal, byte[] statement);

  /** A replica's trusted subsystem, with all counters at 0. */
  ThreshSign trusted(int replica);
}
