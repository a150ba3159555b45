package io.destiny.node;

/** Judges manifests of later epochs that peers show to a replica that was left behind. */
@FunctionalInterface
public interface Successors {
  /** None: the replica stays in its epoch until the order ends it. */
  Successors NONE = manifest -> false;

  /**
   * Whether this manifest says that the replica's epoch is over, and is signed by the cluster's
   * administrators. That of the next epoch does not say so: it may not have begun. Never throws on
   * account of the bytes. Thread-safe.
   *
   * @param manifest what a peer sent, at most {@code WireLimits.MAX_MANIFEST_BYTES}
   */
  boolean over(byte[] manifest);
}
