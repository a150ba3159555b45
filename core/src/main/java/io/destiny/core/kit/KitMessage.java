package io.destiny.core.kit;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import java.util.List;

/**
 * Messages that belong to the order as a whole, shared by every composer: results, checkpoints,
 * state, STATUS, the health of a displaced owner.
 */
public sealed interface KitMessage extends Message {
  @Override
  default long sequence() {
    return 0;
  }

  @Override
  default boolean bulk() {
    return false;
  }

  @Override
  default int instance() {
    return Instances.ORDER;
  }

  /**
   * A message of the epoch before this one (dqbft.md §8): between those who went over and those who
   * were left behind. It travels as the message that it holds, under that epoch's number.
   */
  record Former(KitMessage message) implements KitMessage {
    @Override
    public int instance() {
      return message.instance();
    }

    @Override
    public long sequence() {
      return message.sequence();
    }

    @Override
    public boolean bulk() {
      return message.bulk();
    }

    @Override
    public int wireSize() {
      return message.wireSize();
    }

    @Override
    public String kind() {
      return message.kind();
    }
  }

  /** EXECSIG: a π share on the result of executing a slot. */
  record ExecSig(int instance, long slot, long position, Digest root, Share share)
      implements KitMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + 8 + Digest.BYTES + Share.BYTES;
    }

    @Override
    public String kind() {
      return "ExecSig";
    }
  }

  /** EXECPROOF: f+1 replicas vouch for a result. */
  record ExecProof(int instance, long slot, long position, Digest root, Certificate certificate)
      implements KitMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + 8 + Digest.BYTES + certificate.encodedLength();
    }

    @Override
    public String kind() {
      return "ExecProof";
    }
  }

  /** CKPTSIG: a π share on a checkpoint. */
  record CheckpointSig(long slot, Digest state, Share share) implements KitMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + Share.BYTES;
    }

    @Override
    public String kind() {
      return "CheckpointSig";
    }
  }

  /** CKPTPROOF: the checkpoint is stable. */
  record CheckpointProof(long slot, Digest state, Certificate certificate) implements KitMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + certificate.encodedLength();
    }

    @Override
    public String kind() {
      return "CheckpointProof";
    }
  }

  /** GET_STATE: asks for the manifest of the snapshot at a stable checkpoint. */
  record GetState(long slot) implements KitMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES;
    }

    @Override
    public String kind() {
      return "GetState";
    }
  }

  /**
   * The chunk digests of each part of a snapshot; the roots over them give the checkpoint's digest.
   */
  record Manifest(long slot, List<List<Digest>> parts) implements KitMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      int size = HEADER_BYTES + 1;
      for (List<Digest> part : parts) {
        size += 4 + part.size() * Digest.BYTES;
      }
      return size;
    }

    @Override
    public String kind() {
      return "Manifest";
    }

    @Override
    public boolean bulk() {
      return true;
    }
  }

  /**
   * Asks for chunks of a part from index {@code first} on.
   *
   * @param count most chunks wanted; fewer come if they do not fit into one message
   */
  record GetChunks(long slot, int part, int first, int count) implements KitMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + 1 + 4 + 2;
    }

    @Override
    public String kind() {
      return "GetChunks";
    }
  }

  /** Consecutive chunks of a part. */
  record Chunks(long slot, int part, int first, List<byte[]> chunks) implements KitMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      int size = HEADER_BYTES + 1 + 4 + 2;
      for (byte[] chunk : chunks) {
        size += 4 + chunk.length;
      }
      return size;
    }

    @Override
    public String kind() {
      return "Chunks";
    }

    @Override
    public boolean bulk() {
      return true;
    }
  }

  /**
   * STATUS (00-system-model §8): what the sender has and misses.
   *
   * @param checkpoint the newest stable checkpoint
   * @param entries at most {@link #MOST_ENTRIES} instances; the sender takes turns
   */
  record Status(long checkpoint, List<Entry> entries) implements KitMessage {
    /** Keeps the message under 250 bytes. */
    public static final int MOST_ENTRIES = 3;

    /** Progress of one instance. */
    public record Entry(int instance, Progress progress) {
      static final int BYTES = 2 + 4 + 1 + 8 + 8 + 8 + Progress.SPAN / 8;
    }

    @Override
    public long sequence() {
      return checkpoint;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + 1 + entries.size() * Entry.BYTES;
    }

    @Override
    public String kind() {
      return "Status";
    }
  }

  /** A client's request on its way to the replica that may propose it. */
  record Relay(Request request) implements KitMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + request.encodedLength();
    }

    @Override
    public String kind() {
      return "Relay";
    }

    @Override
    public boolean bulk() {
      return true;
    }
  }

  /**
   * RECOVERED (dqbft.md §7): the sender's own D-instance is not in its hands, and it would have it
   * back. The channel vouches for the sender and for freshness.
   *
   * @param checkpoint the newest stable checkpoint
   */
  record Recovered(long checkpoint) implements KitMessage {
    @Override
    public long sequence() {
      return checkpoint;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES;
    }

    @Override
    public String kind() {
      return "Recovered";
    }
  }

  /** PROBE: asks a displaced owner for a sign of health. */
  record Probe(long nonce) implements KitMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + 8;
    }

    @Override
    public String kind() {
      return "Probe";
    }
  }

  /**
   * PROBE-ACK.
   *
   * @param checkpoint the newest stable checkpoint, and {@code state} its digest
   * @param executed the last O-slot executed
   * @param signs whether the sender's trusted subsystem makes ordering shares
   */
  record ProbeAck(long nonce, long checkpoint, Digest state, long executed, boolean signs)
      implements KitMessage {
    @Override
    public long sequence() {
      return checkpoint;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + 8 + Digest.BYTES + 8 + 1;
    }

    @Override
    public String kind() {
      return "ProbeAck";
    }
  }
}
