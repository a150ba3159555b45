package io.destiny.client;

import org.jspecify.annotations.Nullable;

/** Reads the manifests of later epochs that replicas show to a client of an earlier one. */
@FunctionalInterface
public interface Successors {
  /** None: the client stays in the epoch that it was made for. */
  Successors NONE = (manifest, present) -> null;

  /**
   * What the manifest says, or null unless it is of a later epoch of the same cluster and signed by
   * its administrators. Never throws on account of the bytes. Called by the client's thread.
   *
   * @param present the epoch that the client is in
   */
  @Nullable ClusterDescription read(byte[] manifest, ClusterDescription present);
}
