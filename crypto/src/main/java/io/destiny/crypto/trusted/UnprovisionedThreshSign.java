package io.destiny.crypto.trusted;

import io.destiny.core.crypto.Result;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import java.util.Collections;
import java.util.List;

/** A trusted subsystem without keys: it refuses everything (rule R1). */
final class UnprovisionedThreshSign implements ThreshSign {
  private static final byte[] NONE = {};

  @Override
  public List<Result> call(List<TrustedCall> calls) {
    return Collections.nCopies(
        calls.size(), new Result.Refused(Result.Refusal.NOT_PROVISIONED, -1));
  }

  @Override
  public long read(int instance, int counter) {
    return -1;
  }

  @Override
  public Quote attest(byte[] nonce) {
    return new Quote(false, 0, -1, 0, NONE, NONE, NONE);
  }
}
