package io.destiny.core.statement;

import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import java.util.Arrays;
import java.util.List;

/**
 * Builds statements for one cluster and epoch, all in the one layout of 00-system-model §5: tag (16
 * B) ‖ version u8 ‖ cluster 16 B ‖ epoch u32 ‖ kind u8 ‖ instance u16 ‖ view u32 ‖ sequence u64 ‖
 * fields.
 */
public final class Domain {
  /** Version of the layout. */
  public static final int VERSION = 1;

  /** Length of what precedes the fields. */
  public static final int PREFIX_BYTES = 16 + 1 + 16 + 4 + 1 + 2 + 4 + 8;

  /** Length of S1. */
  private static final int SHARE_BYTES = PREFIX_BYTES + 1 + Digest.BYTES;

  private final byte[] cluster;
  private final long epoch;

  /**
   * @param cluster 16 bytes that no other cluster has
   * @param epoch u32
   */
  public Domain(byte[] cluster, long epoch) {
    if (cluster.length != 16 || epoch < 0 || epoch > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException("a cluster id has 16 bytes, an epoch 32 bits");
    }
    this.cluster = cluster.clone();
    this.epoch = epoch;
  }

  public byte[] cluster() {
    return cluster.clone();
  }

  public long epoch() {
    return epoch;
  }

  /** The start of a statement; the caller appends the fields. */
  public Writer begin(StatementKind kind, int instance, long view, long sequence) {
    return begin(64, kind, instance, view, sequence);
  }

  /**
   * @param fields the length of what the caller appends: then no byte is copied once more
   */
  private Writer begin(int fields, StatementKind kind, int instance, long view, long sequence) {
    return prefix(new Writer(PREFIX_BYTES + fields), kind, instance, view, sequence);
  }

  private Writer prefix(Writer w, StatementKind kind, int instance, long view, long sequence) {
    return prefix(w, epoch, kind, instance, view, sequence);
  }

  private Writer prefix(
      Writer w, long epoch, StatementKind kind, int instance, long view, long sequence) {
    kind.writeTag(w);
    return w.u8(VERSION)
        .raw(cluster)
        .u32(epoch)
        .u8(kind.code())
        .u16(instance)
        .u32(view)
        .u64(sequence);
  }

  /**
   * What a client signs: c u64, op; in all epochs the same, so that what was sent in one is
   * answered in the next. The client table, which outlives epochs, refuses a replay.
   */
  public byte[] request(long client, long timestamp, byte[] operation) {
    Writer w = new Writer(PREFIX_BYTES + 12 + operation.length);
    return prefix(w, 0, StatementKind.REQUEST, 0, 0, timestamp)
        .u64(client)
        .bytes(operation)
        .toBytes();
  }

  /** P = H("LH-PROP", inst, v, s, d), linear-hybster.md §1. */
  public Digest proposal(int instance, long view, long slot, Digest value) {
    return Digest.of(
        begin(Digest.BYTES, StatementKind.PROPOSAL, instance, view, slot).digest(value).toBytes());
  }

  /** S1: what a share of an ordering key signs; the same bytes for all replicas. */
  public byte[] share(int instance, int counter, long value, Digest message) {
    Writer w = new Writer(SHARE_BYTES);
    return share(w, instance, counter, value, message).toBytes();
  }

  private Writer share(Writer w, int instance, int counter, long value, Digest message) {
    return prefix(w, StatementKind.SHARE, instance, 0, value).u8(counter).digest(message);
  }

  /** What the enclave's own Ed25519 key signs beside a share: i u16, b u64, S1. */
  public byte[] shareSignature(
      int replica, long boot, int instance, int counter, long value, Digest message) {
    Writer w =
        begin(10 + SHARE_BYTES, StatementKind.SHARE_SIGNATURE, instance, 0, value)
            .u16(replica)
            .u64(boot);
    return share(w, instance, counter, value, message).toBytes();
  }

  /** S2: a continuing certificate's statement: i u16, b u64, ctr u8, previous value u64, m. */
  public byte[] continuing(
      int replica,
      long boot,
      int instance,
      int counter,
      long previous,
      long value,
      Digest message) {
    return begin(StatementKind.CONTINUING, instance, 0, value)
        .u16(replica)
        .u64(boot)
        .u8(counter)
        .u64(previous)
        .digest(message)
        .toBytes();
  }

  /** X = ("LH-EXEC", inst, s, g, resultRoot). */
  public byte[] execution(int instance, long slot, long position, Digest resultRoot) {
    return begin(8 + Digest.BYTES, StatementKind.EXECUTION, instance, 0, slot)
        .u64(position)
        .digest(resultRoot)
        .toBytes();
  }

  /** A vote for the checkpoint at O-slot k with state digest D. */
  public byte[] checkpoint(long slot, Digest state) {
    return begin(StatementKind.CHECKPOINT, Instances.ORDER, 0, slot).digest(state).toBytes();
  }

  /** COMPLAIN of view v, naming the view to go to. */
  public byte[] complaint(int instance, long view, long target) {
    return begin(4, StatementKind.COMPLAINT, instance, view, 0).u32(target).toBytes();
  }

  /** NVACK: a NEW-VIEW was validated. */
  public byte[] newViewAck(int instance, long view, Digest newView) {
    return begin(Digest.BYTES, StatementKind.NEW_VIEW_ACK, instance, view, 0)
        .digest(newView)
        .toBytes();
  }

  /** D: the digest of a checkpoint's parts at O-slot k (dqbft.md §8). */
  public Digest checkpointState(long slot, List<Digest> roots) {
    Writer w = begin(StatementKind.CHECKPOINT_STATE, Instances.ORDER, 0, slot).u16(roots.size());
    roots.forEach(w::digest);
    return Digest.of(w.toBytes());
  }

  /**
   * The administrators' word that this epoch begins with the checkpoint at O-slot k, whose digest
   * in the epoch {@code from} that it was taken in is D.
   */
  public byte[] recovery(long from, long slot, Digest state) {
    return begin(4 + Digest.BYTES, StatementKind.RECOVERY, Instances.ORDER, 0, slot)
        .u32(from)
        .digest(state)
        .toBytes();
  }

  /** A proof of possession's statement: purpose u8, i u16, public key. */
  public byte[] possession(int purpose, int replica, byte[] publicKey) {
    return begin(StatementKind.POSSESSION, 0, 0, 0)
        .u8(purpose)
        .u16(replica)
        .bytes(publicKey)
        .toBytes();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Domain d && d.epoch == epoch && Arrays.equals(d.cluster, cluster);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(cluster) * 31 + Long.hashCode(epoch);
  }
}
