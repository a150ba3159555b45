package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.Value;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybrid.CertificateForm;
import io.destiny.protocols.hybrid.HybridMessage;
import io.destiny.protocols.hybrid.NewView;
import org.jspecify.annotations.Nullable;

/**
 * A message about a slot: those here are common to the family, each engine adds its votes and its
 * {@link CommitCertificate} (hybster.md §2, linear-hybster.md §3).
 */
public interface OrderingMessage extends Message {
  /** Values above this travel on the bulk lane. */
  int BULK_BYTES = 16 << 10;

  /** Flag of a message whose sender's trusted subsystem made no share. */
  int WITHOUT_SHARE = 2;

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
   * What a trusted subsystem made of a proposal: the leader's is a proposal without its payload, a
   * follower's is its vote. Transferable.
   *
   * @param share the share on P, 48 bytes, checked only if an aggregate fails; none where the
   *     engine's certificates have none
   * @param attestation the Ed25519 signature over the same counter step, 64 bytes
   */
  record Header(long view, long slot, Digest value, byte[] share, byte[] attestation) {
    static Header of(long view, long slot, Digest value, NewView.Signed signed) {
      return new Header(view, slot, value, signed.share(), signed.attestation());
    }

    /** Stands for a certificate where there is none to show. */
    static Header uncertified(long view, long slot, Digest value, CertificateForm form) {
      byte[] attestation = new byte[HybridMessage.ATTESTATION_BYTES];
      return new Header(view, slot, value, new byte[form.shareBytes()], attestation);
    }

    int bodyBytes() {
      return Digest.BYTES + share.length + attestation.length;
    }
  }

  /** PREPARE: from the leader of its view, with the payload. */
  record Prepare(int instance, Header header, Value value) implements OrderingMessage {
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
      return HEADER_BYTES + header.bodyBytes() + value.encodedLength();
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
  record Forward(int instance, Header header, @Nullable Value value) implements OrderingMessage {
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
      return HEADER_BYTES + header.bodyBytes() + (value == null ? 0 : value.encodedLength());
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

  /**
   * FETCH: asks for what is held of some slots.
   *
   * @param view the view whose Prepares are missing
   * @param slot the first slot
   * @param mask bit i: slot + i is wanted
   */
  record Fetch(int instance, long view, long slot, long mask) implements OrderingMessage {
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
