package io.destiny.core.composition;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Requests that peers pass on (00-system-model §6): as good as their clients' signatures, which are
 * checked first.
 */
public final class Relayed {
  /** Most whose signatures are being checked. */
  private static final int MOST = 4096;

  private final Frame frame;
  private final Map<Long, Request> checking = new LinkedHashMap<>();

  public Relayed(Frame frame) {
    this.frame = frame;
  }

  /** Begins to check a request that is of use if it is genuine. */
  public void check(int from, Request request) {
    if (checking.size() >= MOST) {
      frame.note(new Effect.Event.Dropped(DropReason.FULL, from, "Request"));
      return;
    }
    Work work = new Work.VerifyRequests(List.of(request));
    checking.put(frame.compute(Frame.REQUESTS, work), request);
  }

  /**
   * The genuine request that this answer of {@link Frame#REQUESTS} is about; null if it is none.
   */
  public @Nullable Request onComputed(long job, Result result) {
    Request request = checking.remove(job);
    if (request == null || !(result instanceof Result.Verdict verdict)) {
      return null;
    }
    if (!verdict.valid()) {
      frame.note(new Effect.Event.Dropped(DropReason.BAD_SIGNATURE, -1, "Request"));
      return null;
    }
    return request;
  }
}
