package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;

/**
 * A message of an instance: those here are common to the family, each engine adds its votes
 * (pbft.md §1, sbft.md §3).
 */
public interface ThreePhaseMessage extends Message {
  /** Messages above this travel on the bulk lane. */
  int BULK_BYTES = 16 << 10;

  long view();

  long slot();

  @Override
  default long sequence() {
    return slot();
  }

  @Override
  default boolean bulk() {
    return wireSize() > BULK_BYTES;
  }

  /**
   * A PRE-PREPARE without its payload. Transferable.
   *
   * @param signature of the primary of its view, 64 bytes
   */
  record Header(long view, long slot, Digest value, byte[] signature) {
    static final int BODY_BYTES = Digest.BYTES + Work.VerifyReplica.SIGNATURE_BYTES;
  }

  /** PRE-PREPARE: from the primary of its view, with the payload. */
  record PrePrepare(int instance, Header header, Value value) implements ThreePhaseMessage {
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
      return "PrePrepare";
    }
  }

  /** A header passed on by any replica; gives its sender no role. */
  record Forward(int instance, Header header) implements ThreePhaseMessage {
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
      return HEADER_BYTES + Header.BODY_BYTES;
    }

    @Override
    public String kind() {
      return "Forward";
    }
  }

  /**
   * FETCH: asks for what is held of some slots, payloads apart.
   *
   * @param view the view whose proposals are missing
   * @param slot the first slot
   * @param mask bit i: slot + i is wanted
   */
  record Fetch(int instance, long view, long slot, long mask) implements ThreePhaseMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + 8;
    }

    @Override
    public String kind() {
      return "Fetch";
    }
  }

  /**
   * Asks for something by its digest.
   *
   * @param slot that of a payload; 0: a VIEW-CHANGE for {@code view} is wanted
   */
  record Ask(int instance, long view, long slot, Digest wanted) implements ThreePhaseMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES;
    }

    @Override
    public String kind() {
      return "Ask";
    }
  }

  /** FETCH-REPLY: a payload, authentic by its digest. */
  record Payload(int instance, long slot, Value value) implements ThreePhaseMessage {
    @Override
    public long view() {
      return 0;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + value.encodedLength();
    }

    @Override
    public String kind() {
      return "Payload";
    }
  }

  /** VIEW-CHANGE, of its sender or passed on. */
  record ViewChangeMessage(int instance, ViewChange viewChange) implements ThreePhaseMessage {
    @Override
    public long view() {
      return viewChange.view();
    }

    @Override
    public long slot() {
      return 0;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + viewChange.encodedLength();
    }

    @Override
    public String kind() {
      return "ViewChange";
    }
  }

  /** NEW-VIEW, of its primary or passed on. */
  record NewViewMessage(int instance, NewView newView) implements ThreePhaseMessage {
    @Override
    public long view() {
      return newView.view();
    }

    @Override
    public long slot() {
      return newView.base();
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + newView.encodedLength();
    }

    @Override
    public String kind() {
      return "NewView";
    }
  }

  /**
   * COMPLAIN: wants the owner of the instance, who leads {@code view}, reinstated.
   *
   * @param signature of {@link ViewChange#complaint}
   */
  record Complain(int instance, long view, byte[] signature) implements ThreePhaseMessage {
    @Override
    public long slot() {
      return 0;
    }

    @Override
    public int wireSize() {
      return HEADER_BYTES + Work.VerifyReplica.SIGNATURE_BYTES;
    }

    @Override
    public String kind() {
      return "Complain";
    }
  }
}
