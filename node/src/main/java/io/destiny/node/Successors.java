package io.destiny.node;

/** Judges manifests of later epochs that peers show to a replica that was left behind. */
@FunctionalInterface
public interface Successors {
  /** None: the replica stays in its epoch until the order ends it. */
  Successors NONE = manifest -> false;

  /**
   * Whether this is a manifest of a later epoch of the same cluster, signed by its administrators.
   * Never throws on account of the bytes. Thread-safe.
   *
   * @param manifest what a peer sent, at most {@code WireLimits.MAX_MANIFEST_BYTES}
   */
  boolean genuine(byte[] manifest);
}
