package io.destiny.core.composition;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Validity;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.kit.ExecCertifier;
import io.destiny.core.kit.Turn;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests as they come (00-system-model §6, retransmission): from clients, and from peers that
 * pass them on, which is as good as their clients' signatures, checked first.
 */
public final class Intake {
  /** Most relayed ones whose signatures are being checked. */
  private static final int MOST_CHECKED = 4096;

  /** Who keeps what is not executed. */
  public interface Holder {
    /** The client's request with the highest t that is held; null if none is. */
    @Nullable Request held(long client);

    /** A genuine request that is not executed. */
    void hold(Request request);
  }

  private final Frame frame;
  private final Supplier<ClientTable> clients;
  private final ExecCertifier certifier;
  private final Turn certifierTurn;
  private final Holder holder;
  private final Map<Long, Request> checking = new LinkedHashMap<>();

  /**
   * @param clients the table as it is now
   */
  public Intake(
      Frame frame, Supplier<ClientTable> clients, ExecCertifier certifier, Holder holder) {
    this.frame = frame;
    this.clients = clients;
    this.certifier = certifier;
    this.certifierTurn = frame.turn(Frame.CERTIFIER);
    this.holder = holder;
  }

  /** Whether requests that are proposed are genuine: their clients' signatures say so. */
  public static Validity genuine(List<Request> signed) {
    return signed.isEmpty()
        ? new Validity.Valid()
        : new Validity.Depends(new Work.VerifyRequests(signed));
  }

  /** A genuine REQUEST: rules b, c and e. */
  public void submitted(Request request) {
    ClientTable.Entry entry = clients.get().get(request.client());
    if (entry != null && request.timestamp() < entry.timestamp()) {
      drop(DropReason.STALE_REQUEST, -1);
    } else if (entry != null && request.timestamp() == entry.timestamp()) {
      certifier.answer(request, entry, certifierTurn);
    } else {
      holder.hold(request);
    }
  }

  /** A request that a peer passes on to this replica, which has a part in proposing it. */
  public void relayed(int from, Request request) {
    Request held = holder.held(request.client());
    if (checking.size() >= MOST_CHECKED) {
      drop(DropReason.FULL, from);
    } else if (request.timestamp() <= clients.get().lastTimestamp(request.client())) {
      drop(DropReason.STALE_REQUEST, from);
    } else if (held == null || held.timestamp() < request.timestamp()) {
      Work work = new Work.VerifyRequests(List.of(request));
      checking.put(frame.compute(Frame.REQUESTS, work), request);
    } else {
      drop(DropReason.DUPLICATE, from);
    }
  }

  /** The answer to a job of {@link Frame#REQUESTS}. */
  public void onComputed(long job, Result result) {
    Request request = checking.remove(job);
    if (request != null && result instanceof Result.Verdict verdict) {
      if (verdict.valid()) {
        submitted(request);
      } else {
        drop(DropReason.BAD_SIGNATURE, -1);
      }
    }
  }

  /** A request that is not acted upon; {@code from} is -1 for a client. */
  public void drop(DropReason reason, int from) {
    frame.note(new Effect.Event.Dropped(reason, from, "Request"));
  }
}
