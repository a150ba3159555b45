package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import java.util.List;

/** Messages of the hybrid view change (hybster.md §2; linear-hybster.md §3). */
public sealed interface HybridMessage extends Message {
  /** Length of an Ed25519 signature of a trusted subsystem. */
  int ATTESTATION_BYTES = 64;

  /** The view it is about: the target of a VIEW-CHANGE, the view of a NEW-VIEW. */
  long view();

  @Override
  default long sequence() {
    return 0;
  }

  @Override
  default boolean bulk() {
    return false;
  }

  /**
   * COMPLAIN.
   *
   * @param view v, the view complained of
   * @param target the view to go to
   * @param committed the sender's decided prefix: peers send what it lacks
   * @param share π on (inst, v, target)
   */
  record Complain(
      int instance, long view, long target, Suspicion reason, long committed, Share share)
      implements HybridMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + 4 + 1 + 8 + Share.BYTES;
    }

    @Override
    public String kind() {
      return "Complain";
    }
  }

  /** VIEW-CHANGE, its header: to all. */
  record ViewChange(ViewChangeHeader header) implements HybridMessage {
    @Override
    public int instance() {
      return header.instance();
    }

    @Override
    public long view() {
      return header.target();
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + HybridCodec.length(header);
    }

    @Override
    public String kind() {
      return "ViewChange";
    }
  }

  /** VIEW-CHANGE, its body: to the leader of the target. */
  record ViewChangeBody(int instance, long view, Body body) implements HybridMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + body.encodedLength();
    }

    @Override
    public String kind() {
      return "ViewChangeBody";
    }

    @Override
    public boolean bulk() {
      return true;
    }
  }

  /** NEW-VIEW: from the leader to all, and from whoever was asked. */
  record NewViewMessage(NewView newView) implements HybridMessage {
    @Override
    public int instance() {
      return newView.content().instance();
    }

    @Override
    public long view() {
      return newView.view();
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + HybridCodec.length(newView);
    }

    @Override
    public String kind() {
      return "NewView";
    }

    @Override
    public boolean bulk() {
      return true;
    }
  }

  /** NVACK: the sender has validated this NEW-VIEW. */
  record Ack(int instance, long view, Digest newView, Share share) implements HybridMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + Share.BYTES;
    }

    @Override
    public String kind() {
      return "NvAck";
    }
  }

  /** NVPROOF: f+1 have. */
  record Proof(int instance, long view, Digest newView, Certificate certificate)
      implements HybridMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + certificate.encodedLength();
    }

    @Override
    public String kind() {
      return "NvProof";
    }
  }

  /** What can be asked for. */
  enum Wanted {
    /** The body of the VIEW-CHANGE for a view. */
    BODY(1),
    /** The NEW-VIEW of a view, and its NVPROOF. */
    NEW_VIEW(2),
    /** The payload with a digest at a slot. */
    PAYLOAD(3);

    private final int code;

    Wanted(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** ASK: for what another replica refers to. */
  record Ask(int instance, long view, Wanted wanted, long slot, Digest digest)
      implements HybridMessage {
    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + 1 + Digest.BYTES;
    }

    @Override
    public String kind() {
      return "Ask";
    }
  }

  /** PAYLOAD: authentic by its digest. */
  record Payload(int instance, long slot, Value value) implements HybridMessage {
    @Override
    public long view() {
      return 0;
    }

    @Override
    public long sequence() {
      return slot;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + value.encodedLength();
    }

    @Override
    public String kind() {
      return "Payload";
    }

    @Override
    public boolean bulk() {
      return true;
    }
  }

  /**
   * The proposals of the from-view that a VIEW-CHANGE shows.
   *
   * @param first the slot of the first one
   * @param proposals digests with the attestations of the from-view's leader, for consecutive slots
   */
  record Body(long first, List<NewView.Old> proposals) {
    int encodedLength() {
      return 8 + 2 + proposals.size() * (Digest.BYTES + ATTESTATION_BYTES);
    }
  }
}
