package io.destiny.node;

import io.destiny.core.crypto.Result;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;

/**
 * What a replica of the BFT model has in place of a trusted subsystem. Its counters read as {@code
 * Input.CounterValues} says of that model.
 *
 * @param whole whether its log is
 */
record NoTrustedSubsystem(boolean whole) implements ThreshSign {
  @Override
  public List<Result> call(List<TrustedCall> calls) {
    throw new IllegalStateException("a protocol of the BFT model calls a trusted subsystem");
  }

  @Override
  public long read(int instance, int counter) {
    return whole ? 0 : -1;
  }

  @Override
  public Quote attest(byte[] nonce) {
    throw new IllegalStateException("there is no trusted subsystem to attest in the BFT model");
  }
}
