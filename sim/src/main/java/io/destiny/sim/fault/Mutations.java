package io.destiny.sim.fault;

import io.destiny.core.model.Instances;
import io.destiny.core.statement.Writer;
import io.destiny.sim.world.Frame;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The operators of the mutating adversary (reliability.md §4.2) on encoded messages. Those about
 * VIEW-CHANGE and NEW-VIEW wait for the view change.
 */
public final class Mutations {
  /** What can be done to a message. */
  public enum Operator {
    VIEW_UP,
    VIEW_DOWN,
    SEQUENCE_UP,
    SEQUENCE_DOWN,
    BEYOND_WINDOW,
    SEQUENCE_2_31,
    SEQUENCE_2_40,
    SEQUENCE_2_63,
    SEQUENCE_0,
    INSTANCE_SWAP,
    INSTANCE_ORDER,
    INSTANCE_UNKNOWN,
    EPOCH_UP,
    SENDER_SWAP,
    DIGEST_OF_ANOTHER,
    DIGEST_FLIP,
    SHARE_OF_ANOTHER,
    SHARE_INVALID,
    SHARE_IDENTITY,
    SIGNER_SWAP,
    CERTIFICATE_SPLICE,
    BODY_OF_ANOTHER,
    FIRST_BYTES_FLIP,
    LAST_BYTES_FLIP,
    TRUNCATE,
    TRAILING_BYTES,
    MAX_LENGTHS,
    DROP,
    DELAY,
    REPLAY,
    REPLAY_SAME_KIND,
    /** The bitmap of a certificate without one of its signers. */
    SIGNER_DROPPED,
    /** The bitmap of a certificate with one more. */
    SIGNER_ADDED,
    /** Another result, from a message of the same kind. */
    RESULT_SWAP,
    CHUNK_FLIP,
    CHUNK_OF_ANOTHER,
    SEND_TO_SUBSET,
    /** Signed with the own keys, as this would be signed in another cluster. */
    OTHER_CLUSTER;

    /** To sign anew would undo it. */
    boolean ofSignatures() {
      return switch (this) {
        case SHARE_OF_ANOTHER,
            SHARE_INVALID,
            SHARE_IDENTITY,
            SIGNER_SWAP,
            CERTIFICATE_SPLICE,
            SIGNER_DROPPED,
            SIGNER_ADDED,
            OTHER_CLUSTER ->
            true;
        default -> false;
      };
    }

    private boolean takesFrom(String other, String kind) {
      return switch (this) {
        case CERTIFICATE_SPLICE, RESULT_SWAP, CHUNK_OF_ANOTHER -> other.equals(kind);
        case SHARE_OF_ANOTHER -> Layout.hasShare(other);
        default -> true;
      };
    }

    /** It changes to whom or when a message goes, not what it says. */
    boolean ofDelivery() {
      return switch (this) {
        case DROP, DELAY, REPLAY, REPLAY_SAME_KIND, SEND_TO_SUBSET -> true;
        default -> false;
      };
    }
  }

  private static final Operator[] ALL = Operator.values();

  private final SplittableRandom random;
  private final int n;

  Mutations(SplittableRandom random, int n) {
    this.random = random;
    this.n = n;
  }

  Operator pick() {
    return ALL[random.nextInt(ALL.length)];
  }

  /**
   * The changed bytes, the same where an operator has nothing to do with this kind; {@code past} is
   * what the same replica sent before.
   */
  byte[] apply(Operator operator, Frame frame, List<Frame> past) {
    byte[] b = frame.bytes().clone();
    long slot = frame.sequence();
    switch (operator) {
      case VIEW_UP -> Layout.view(b, frame.view() + 1);
      case VIEW_DOWN -> Layout.view(b, frame.view() - 1);
      case SEQUENCE_UP -> Layout.sequence(b, slot + 1);
      case SEQUENCE_DOWN -> Layout.sequence(b, slot - 1);
      case BEYOND_WINDOW -> Layout.sequence(b, slot + 4096);
      case SEQUENCE_2_31 -> Layout.sequence(b, 1L << 31);
      case SEQUENCE_2_40 -> Layout.sequence(b, 1L << 40);
      case SEQUENCE_2_63 -> Layout.sequence(b, Long.MAX_VALUE);
      case SEQUENCE_0 -> Layout.sequence(b, 0);
      case INSTANCE_SWAP -> Layout.instance(b, random.nextInt(n));
      case INSTANCE_ORDER -> Layout.instance(b, Instances.ORDER);
      case INSTANCE_UNKNOWN -> Layout.instance(b, n + random.nextInt(9));
      case EPOCH_UP -> Layout.put(b, Layout.EPOCH, new Writer(16).u32(1));
      case SENDER_SWAP -> Layout.put(b, Layout.SENDER, new Writer(16).u16(random.nextInt(n)));
      case DIGEST_FLIP -> flip(b, Layout.digest(frame.kind()) + random.nextInt(32));
      case SHARE_INVALID -> flip(b, Layout.share(frame.kind()) + random.nextInt(48));
      case SHARE_IDENTITY -> identity(b, Layout.share(frame.kind()));
      case SIGNER_SWAP -> {
        if (Layout.isVote(frame.kind())) {
          int signer = random.nextInt(n + 2);
          Layout.put(b, Layout.share(frame.kind()) - 2, new Writer(16).u16(signer));
        }
      }
      case SIGNER_DROPPED -> signer(frame, b, true);
      case SIGNER_ADDED -> signer(frame, b, false);
      case CHUNK_FLIP -> {
        if (frame.kind().equals("Chunks") && b.length > Layout.CHUNK) {
          flip(b, Layout.CHUNK + random.nextInt(b.length - Layout.CHUNK));
        }
      }
      case OTHER_CLUSTER, DROP, DELAY, REPLAY, REPLAY_SAME_KIND, SEND_TO_SUBSET -> {}
      case FIRST_BYTES_FLIP -> flip(b, random.nextInt(Math.min(24, b.length)));
      case LAST_BYTES_FLIP -> flip(b, b.length - 1 - random.nextInt(Math.min(24, b.length)));
      case TRUNCATE -> b = Arrays.copyOf(b, random.nextInt(b.length));
      case TRAILING_BYTES -> b = Arrays.copyOf(b, b.length + 1 + random.nextInt(64));
      case MAX_LENGTHS -> Arrays.fill(b, Math.min(b.length, Layout.BODY), b.length, (byte) -1);
      default -> b = withAnother(operator, frame, b, past);
    }
    return b;
  }

  private byte[] withAnother(Operator operator, Frame frame, byte[] b, List<Frame> past) {
    List<Frame> others =
        past.stream().filter(f -> operator.takesFrom(f.kind(), frame.kind())).toList();
    if (others.isEmpty()) {
      return b;
    }
    Frame before = others.get(random.nextInt(others.size()));
    byte[] other = before.bytes();
    int place = Layout.share(frame.kind());
    switch (operator) {
      case DIGEST_OF_ANOTHER, RESULT_SWAP ->
          copy(other, Layout.digest(before.kind()), b, Layout.digest(frame.kind()), 32);
      case SHARE_OF_ANOTHER -> {
        if (Layout.hasShare(frame.kind())) {
          copy(other, Layout.share(before.kind()), b, place, 48);
        }
      }
      case CERTIFICATE_SPLICE -> {
        if (Layout.hasCertificate(frame.kind())) {
          // All of it, with its bitmap: what f+1 signed, on what nobody did.
          copy(other, place, b, place, b.length - place);
        }
      }
      case CHUNK_OF_ANOTHER -> {
        return frame.kind().equals("Chunks") ? withBody(b, other) : b;
      }
      case BODY_OF_ANOTHER -> {
        return withBody(b, other);
      }
      default -> throw new IllegalStateException("not made of two messages: " + operator);
    }
    return b;
  }

  private static byte[] withBody(byte[] b, byte[] other) {
    byte[] mixed = Arrays.copyOf(b, Layout.BODY + Math.max(0, other.length - Layout.BODY));
    copy(other, Layout.BODY, mixed, Layout.BODY, other.length - Layout.BODY);
    return mixed;
  }

  /** Takes a signer out of a certificate's bitmap, or puts one in. */
  private void signer(Frame frame, byte[] b, boolean out) {
    int bitmap = Layout.share(frame.kind()) + 49;
    if (!Layout.hasCertificate(frame.kind()) || bitmap >= b.length) {
      return;
    }
    int first = random.nextInt(n);
    for (int i = 0; i < n; i++) {
      int signer = (first + i) % n;
      int at = bitmap + signer / 8;
      int bit = 1 << signer % 8;
      if (at < b.length && (b[at] & bit) != 0 == out) {
        b[at] ^= (byte) bit;
        return;
      }
    }
  }

  private static void copy(byte[] from, int at, byte[] to, int place, int length) {
    if (length > 0 && at + length <= from.length && place + length <= to.length) {
      System.arraycopy(from, at, to, place, length);
    }
  }

  private void flip(byte[] b, int at) {
    if (at >= 0 && at < b.length) {
      b[at] ^= (byte) (1 << random.nextInt(8));
    }
  }

  /** The point at infinity in compressed form. */
  private static void identity(byte[] b, int at) {
    if (at + 48 <= b.length) {
      Arrays.fill(b, at, at + 48, (byte) 0);
      b[at] = (byte) 0xC0;
    }
  }
}
