package io.destiny.protocols.pbft;

import io.destiny.core.model.Digest;
import io.destiny.protocols.threephase.ThreePhaseMessage;

/** The messages of PBFT's own (pbft.md §1). Every vote carries the digest that it is for. */
public sealed interface PbftMessage extends ThreePhaseMessage {
  Digest value();

  @Override
  default int wireSize() {
    return HEADER_BYTES + Digest.BYTES;
  }

  /** PREPARE: a backup has accepted the proposal. */
  record Prepare(int instance, long view, long slot, Digest value) implements PbftMessage {
    @Override
    public String kind() {
      return "Prepare";
    }
  }

  /** COMMIT: a replica has prepared it. */
  record Commit(int instance, long view, long slot, Digest value) implements PbftMessage {
    @Override
    public String kind() {
      return "Commit";
    }
  }

  /** "Committed here": f+1 equal claims are a decision (rule 6). */
  record Decided(int instance, long slot, Digest value) implements PbftMessage {
    @Override
    public long view() {
      return 0;
    }

    @Override
    public String kind() {
      return "Decided";
    }
  }
}
