package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import org.jspecify.annotations.Nullable;

/** The messages of Linear Hybster (linear-hybster.md §3). */
public sealed interface LinearHybsterMessage extends Message {
  /** Values above this travel on the bulk lane. */
  int BULK_BYTES = 16 << 10;

  /** Length of an Ed25519 signature. */
  int ATTESTATION_BYTES = 64;

  long view();

  long slot();

  @Override
  default long sequence() {
    return slot();
  }

  @Override
  default boolean bulk() {
    return false;
  }

  /**
   * What the leader's trusted subsystem made of a proposal: a header without its payload.
   * Transferable.
   *
   * @param share the leader's share on P, 48 bytes; checked only if an aggregate fails
   * @param attestation the leader's Ed25519 signature over the same counter step, 64 bytes
   */
  record Header(long view, long slot, Digest value, byte[] share, byte[] attestation) {
    static final int BODY_BYTES = Digest.BYTES + Share.SIGNATURE_BYTES + ATTESTATION_BYTES;
  }

  /** PREPARE: from the leader of its view, with the payload. */
  record Prepare(int instance, Header header, Value value) implements LinearHybsterMessage {
    @Override
    public long view() {
      return header.view();
    }

    @Override
    public long slot() {
      return header.slot();
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + Header.BODY_BYTES + value.encodedLength();
    }

    @Override
    public String kind() {
      return "Prepare";
    }

    @Override
    public boolean bulk() {
      return wireSize() > BULK_BYTES;
    }
  }

  /**
   * A Prepare passed on by any replica, authentic by its certificate; gives its sender no role.
   *
   * @param value null where only the header was wanted
   */
  record Forward(int instance, Header header, @Nullable Value value)
      implements LinearHybsterMessage {
    @Override
    public long view() {
      return header.view();
    }

    @Override
    public long slot() {
      return header.slot();
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + Header.BODY_BYTES + (value == null ? 0 : value.encodedLength());
    }

    @Override
    public String kind() {
      return "Forward";
    }

    @Override
    public boolean bulk() {
      return wireSize() > BULK_BYTES;
    }
  }

  /** COMMITSIG: a replica's share on P, to a collector. */
  record CommitSig(int instance, long view, long slot, Digest value, Share share)
      implements LinearHybsterMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + Share.BYTES;
    }

    @Override
    public String kind() {
      return "CommitSig";
    }
  }

  /** COMMIT: Q shares on P combined. */
  record Commit(int instance, long view, long slot, Digest value, Certificate certificate)
      implements LinearHybsterMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + certificate.encodedLength();
    }

    @Override
    public String kind() {
      return "Commit";
    }
  }

  /**
   * FETCH: asks for what is held of some slots.
   *
   * @param view the view whose Prepares are missing
   * @param slot the first slot
   * @param mask bit i: slot + i is wanted
   */
  record Fetch(int instance, long view, long slot, long mask) implements LinearHybsterMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + 8;
    }

    @Override
    public String kind() {
      return "Fetch";
    }
  }
}
