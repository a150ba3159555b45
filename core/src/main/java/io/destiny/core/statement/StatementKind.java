package io.destiny.core.statement;

/**
 * Every kind of signed, MACed, certified or specially hashed statement, with the tag that separates
 * it from all others.
 */
public enum StatementKind {
  /** What a client signs. */
  REQUEST(1, "DS-REQUEST"),
  /** Linear Hybster's proposal P, linear-hybster.md §1. */
  PROPOSAL(2, "LH-PROP"),
  /** The result of executing a slot, X in linear-hybster.md §1. */
  EXECUTION(3, "LH-EXEC"),
  /** A vote for a checkpoint. */
  CHECKPOINT(4, "LH-CKPT"),
  COMPLAINT(5, "LH-COMPLAIN"),
  NEW_VIEW_ACK(6, "LH-NVACK"),
  /** S1 of trusted-subsystem.md §3: what a share signs. */
  SHARE(7, "TS1-IND"),
  /** The Ed25519 signature that goes with a share. */
  SHARE_SIGNATURE(8, "TS1-INDSIG"),
  /** S2 of trusted-subsystem.md §3: a continuing certificate. */
  CONTINUING(9, "TS1-CON"),
  /** Proof of possession of a multi-signature key. */
  POSSESSION(10, "DS-POP"),
  /** The digest of an O-list. */
  ORDER_LIST(11, "DQ-LIST"),
  /** The digest of a checkpoint's parts. */
  CHECKPOINT_STATE(12, "DQ-STATE"),
  /** A seed for a permutation of collectors. */
  COLLECTORS(13, "LH-COLLECT"),
  /** What a trusted subsystem signs to attest itself. */
  QUOTE(14, "TS1-QUOTE"),
  /** The cluster's manifest, signed by its provisioner. */
  MANIFEST(15, "DS-MANIFEST"),
  /** The header of a VIEW-CHANGE, hybster.md §5. */
  VIEW_CHANGE(16, "HY-VIEWCHANGE"),
  /** The body of a VIEW-CHANGE. */
  VIEW_CHANGE_BODY(17, "HY-VCBODY"),
  /** A NEW-VIEW. */
  NEW_VIEW(18, "HY-NEWVIEW"),
  /** The state that the administrators let an epoch begin with, trusted-subsystem.md §7. */
  RECOVERY(19, "DQ-RECOVERY"),
  /** The digest of a batch with its time, where one engine runs alone. */
  TIMED_BATCH(20, "SG-BATCH"),
  /** The header of a PRE-PREPARE, pbft.md §1. */
  PRE_PREPARE(30, "PB-PREPREPARE"),
  /** A VIEW-CHANGE under its sender's own key. */
  SIGNED_VIEW_CHANGE(31, "PB-VIEWCHANGE"),
  /** A NEW-VIEW under its primary's own key. */
  SIGNED_NEW_VIEW(32, "PB-NEWVIEW"),
  /** A COMPLAIN that names the view of an owner to be reinstated, dqbft.md §7. */
  SIGNED_COMPLAINT(33, "PB-COMPLAIN"),
  /** What σ and τ shares of the first phase sign, h in sbft.md §1. */
  ACCEPTED_PROPOSAL(34, "SBFT-PP"),
  /** What τ shares of the second phase sign, h2 in sbft.md §1. */
  PREPARED_PROPOSAL(35, "SBFT-C");

  private final int code;
  private final long tagHigh;
  private final long tagLow;

  StatementKind(int code, String tag) {
    this.code = code;
    this.tagHigh = eight(tag, 0);
    this.tagLow = eight(tag, 8);
  }

  private static long eight(String tag, int from) {
    long packed = 0;
    for (int i = from; i < from + 8; i++) {
      packed = packed << 8 | (i < tag.length() ? tag.charAt(i) : 0);
    }
    return packed;
  }

  /** The u8 of the layout. */
  public int code() {
    return code;
  }

  /** Appends the 16 tag bytes. */
  void writeTag(Writer w) {
    w.u64(tagHigh).u64(tagLow);
  }
}
