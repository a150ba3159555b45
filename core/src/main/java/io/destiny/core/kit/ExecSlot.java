package io.destiny.core.kit;

import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MerkleTree;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What {@link ExecCertifier} holds of one slot, executed here or elsewhere. */
final class ExecSlot {
  /**
   * A leaf as it is kept.
   *
   * @param result null: the table of the clients has it, for as long as its client may ask
   */
  record Kept(Request request, byte @Nullable [] result) {}

  /** What is kept of a slot that was executed. */
  record Done(int instance, long slot, long position, List<Kept> leaves) {}

  final ShareCollector shares = new ShareCollector();

  /** Leaves that clients asked for again; null: none, as nearly always. */
  @Nullable TreeSet<Integer> waiting;

  @Nullable Done executed;
  Digest statementDigest = MerkleTree.EMPTY;
  Digest root = MerkleTree.EMPTY;
  List<List<Digest>> levels = List.of();
  @Nullable Share own;
  KitMessage.@Nullable ExecProof proof;
  int proofFrom = -1;
  boolean verified;
  boolean busy;

  /** The proof was made here, and all have been sent it. */
  boolean announced;

  /** The first collector; -1 until the slot is executed. */
  int first = -1;

  /** Made when the first collector is late, which is rare. */
  @Nullable FallBack fallBack;

  /** Whether a proof is of what was executed here. */
  boolean matches(KitMessage.ExecProof of) {
    return executed != null && of.position() == executed.position && of.root().equals(root);
  }

  /** This replica's vote for what it executed. */
  KitMessage.ExecSig execSig(Share share) {
    Done e = executed;
    if (e == null) {
      throw new IllegalStateException("a share is made after execution");
    }
    return new KitMessage.ExecSig(e.instance, e.slot, e.position, root, share);
  }

  /** A client waits for this leaf's answer. */
  void await(int leaf) {
    TreeSet<Integer> leaves = waiting == null ? new TreeSet<>() : waiting;
    leaves.add(leaf);
    waiting = leaves;
  }
}
