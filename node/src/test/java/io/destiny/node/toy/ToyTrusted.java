package io.destiny.node.toy;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counters without keys. */
public final class ToyTrusted implements ThreshSign {
  private final Map<Long, Long> counters = new HashMap<>();

  @Override
  public synchronized List<Result> call(List<TrustedCall> calls) {
    List<Result> results = new ArrayList<>();
    for (TrustedCall call : calls) {
      long current = read(call.instance(), call.counter());
      if (call.value() <= current) {
        results.add(new Result.Refused(Result.Refusal.COUNTER, current));
      } else {
        counters.put(key(call.instance(), call.counter()), call.value());
        results.add(new Result.Shared(new Share(0, new byte[Share.SIGNATURE_BYTES]), new byte[64]));
      }
    }
    return results;
  }

  private static long key(int instance, int counter) {
    return (long) instance << 8 | counter;
  }

  @Override
  public synchronized long read(int instance, int counter) {
    return counters.getOrDefault(key(instance, counter), 0L);
  }

  @Override
  public Quote attest(byte[] nonce) {
    return new Quote(true, 0, 0, 0, new byte[32], new byte[96], new byte[64]);
  }
}
