package io.destiny.node.toy;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A signature is good if it begins with 1. Checking can be held up. */
public final class ToyCrypto implements CryptoProvider {
  /** How many client signatures were checked. */
  public final AtomicInteger requestsChecked = new AtomicInteger();

  private volatile CountDownLatch gate = new CountDownLatch(0);

  public static byte[] good() {
    return new byte[] {1, 0, 0};
  }

  public static byte[] bad() {
    return new byte[] {0, 0, 0};
  }

  /** From now on nothing is answered until {@link #release}. */
  public void hold() {
    gate = new CountDownLatch(1);
  }

  public void release() {
    gate.countDown();
  }

  @Override
  public Result run(Work work) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return switch (work) {
      case Work.VerifyRequests v -> {
        requestsChecked.addAndGet(v.requests().size());
        yield new Result.Verdict(v.requests().stream().allMatch(ToyCrypto::valid));
      }
      default -> new Result.Verdict(true);
    };
  }

  private static boolean valid(Request request) {
    return request.signature().length > 0 && request.signature()[0] == 1;
  }

  @Override
  public List<Result> runAll(List<Work> works) {
    List<Result> results = new ArrayList<>();
    works.forEach(work -> results.add(run(work)));
    return results;
  }
}
