package io.destiny.core.model;

/**
 * What a decoder accepts (00-system-model §5: limits are checked before allocation). Equal at all
 * replicas of a cluster, since they decide whether a payload is valid.
 *
 * @param maxBatch most commands in a batch (a single group may have more)
 * @param maxBatchBytes longest encoded batch
 * @param maxOperationBytes longest encoded operation (a group of commands) of one request
 * @param maxEntries E_max, most entries in an O-list
 */
public record Limits(int maxBatch, int maxBatchBytes, int maxOperationBytes, int maxEntries) {
  /** The defaults: 1,000 commands, 2 MiB, 1 MiB, 128 entries. */
  public static final Limits DEFAULT = new Limits(1000, 2 << 20, 1 << 20, 128);

  /** Longest message between replicas, header included. */
  public int maxMessageBytes() {
    return maxBatchBytes + 4096;
  }
}
