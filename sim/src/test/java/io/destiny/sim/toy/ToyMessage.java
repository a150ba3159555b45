package io.destiny.sim.toy;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;

/** The leader proposes, all acknowledge to it, it shows the certificate. */
public sealed interface ToyMessage extends Message {
  @Override
  default int instance() {
    return 0;
  }

  @Override
  default boolean bulk() {
    return this instanceof Propose;
  }

  @Override
  default String kind() {
    return getClass().getSimpleName();
  }

  record Propose(long sequence, Batch batch) implements ToyMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + batch.encodedLength();
    }
  }

  record Ack(long sequence, Digest digest, Share share) implements ToyMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + Share.BYTES;
    }
  }

  record Decide(long sequence, Digest digest, Certificate certificate) implements ToyMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES + Digest.BYTES + certificate.encodedLength();
    }
  }

  record Fetch(long sequence) implements ToyMessage {
    @Override
    public int wireSize() {
      return HEADER_BYTES;
    }
  }
}
