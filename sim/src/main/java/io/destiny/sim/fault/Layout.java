package io.destiny.sim.fault;

import io.destiny.core.statement.Writer;

/**
 * Where fields stand in encoded messages (00-system-model §5, destiny.md §3), for those who change
 * bytes without the protocol's own codec.
 */
public final class Layout {
  public static final int INSTANCE = 2;
  static final int EPOCH = 4;
  public static final int VIEW = 8;
  public static final int SEQUENCE = 12;
  public static final int SENDER = 20;
  public static final int BODY = 24;
  public static final int DIGEST_BYTES = 32;

  private static final int FLAGS = 22;

  /** Flag of what certifies itself by a trusted subsystem's signature alone, without a share. */
  private static final int WITHOUT_SHARE = 2;

  /** The same without a trusted subsystem: after its digest and signature (pbft.md). */
  static final int SIGNED_PAYLOAD = BODY + DIGEST_BYTES + 64;

  /** Where the first chunk's bytes begin: after part, first index, count and length. */
  static final int CHUNK = BODY + 1 + 4 + 2 + 4;

  private Layout() {}

  /** Whether a proposal or vote has no share. */
  static boolean withoutShare(byte[] bytes) {
    return bytes.length >= BODY && (bytes[FLAGS + 1] & WITHOUT_SHARE) != 0;
  }

  /** Where a proposal's payload begins: after its digest, share if any, and attestation. */
  public static int payload(byte[] bytes) {
    return BODY + DIGEST_BYTES + (withoutShare(bytes) ? 0 : 48) + 64;
  }

  /** Where a message's digest or root begins; the end of the header if it has none. */
  public static int digest(String kind) {
    return switch (kind) {
      case "ExecSig", "ExecProof" -> BODY + 8;
      default -> BODY;
    };
  }

  /** Where a message's share or signature begins. */
  static int share(String kind) {
    int after = digest(kind) + DIGEST_BYTES;
    return isVote(kind) ? after + 2 : after;
  }

  /** Whether it is one replica's share on something. */
  static boolean isVote(String kind) {
    return kind.endsWith("Sig") || kind.endsWith("Share");
  }

  static boolean hasShare(String kind) {
    return switch (kind) {
      case "Prepare", "PrePrepare", "Forward" -> true;
      default -> isVote(kind);
    };
  }

  static boolean hasCertificate(String kind) {
    return switch (kind) {
      case "Commit", "ExecProof", "CheckpointProof" -> true;
      case "PrepareProof", "FullCommitProof", "FullCommitProofSlow" -> true;
      default -> false;
    };
  }

  static void put(byte[] bytes, int at, Writer field) {
    byte[] value = field.toBytes();
    if (at + value.length <= bytes.length) {
      System.arraycopy(value, 0, bytes, at, value.length);
    }
  }

  static void view(byte[] bytes, long view) {
    put(bytes, VIEW, new Writer(16).u32(view));
  }

  static void sequence(byte[] bytes, long sequence) {
    put(bytes, SEQUENCE, new Writer(16).u64(sequence));
  }

  static void instance(byte[] bytes, int instance) {
    put(bytes, INSTANCE, new Writer(16).u16(instance));
  }
}
