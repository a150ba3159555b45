package io.destiny.protocols.dqbft;

import io.destiny.core.composition.Frame;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.AssignmentTable;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ASSIGN_REQs that are known here and not settled, at most one a client (00-system-model §6): sent
 * on to the O-primary, and watched until they are ordered.
 */
final class Assigning {
  /** Most clients whose ASSIGN_REQ is held. */
  private static final int MOST = 4096;

  /** Most whose signatures are being checked. */
  private static final int MOST_RELAYED = 256;

  /** Most sent on within T_resend. */
  private static final int MOST_FORWARDED = 64;

  private static final class Held {
    final Assignment assignment;

    /** How much of T_prop has passed, and when that was counted. */
    long waited;

    long counted;

    /** The O-slot that it was proposed in here, in the present view. */
    long proposedAt;

    Held(Assignment assignment, long now) {
      this.assignment = assignment;
      this.counted = now;
    }
  }

  private final Settings settings;
  private final Dqbft dqbft;
  private final Map<Long, Held> held = new LinkedHashMap<>();
  private final Map<Long, Request> relayed = new LinkedHashMap<>();

  Assigning(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
  }

  private AssignmentTable table() {
    return dqbft.order().assignments();
  }

  /** ASSIGN_REQ from a client, its signature verified. */
  void submitted(Request request) {
    Assignment a = Assignment.of(request);
    if (a == null || a.home() >= settings.n()) {
      drop(DropReason.INVALID, -1);
    } else if (settled(a)) {
      drop(DropReason.STALE_REQUEST, -1);
    } else if (known(a)) {
      drop(DropReason.DUPLICATE, -1);
    } else if (held.size() >= MOST && !held.containsKey(a.client())) {
      drop(DropReason.FULL, -1);
    } else {
      held.put(a.client(), new Held(a, dqbft.step().now()));
      forward(a);
    }
  }

  /** One that another replica sent on to the O-primary. */
  void relayed(int from, Request request) {
    Assignment a = Assignment.of(request);
    if (!dqbft.ordering().leading()) {
      drop(DropReason.UNEXPECTED, from);
    } else if (relayed.size() >= MOST_RELAYED) {
      drop(DropReason.FULL, from);
    } else if (a == null || settled(a) || known(a)) {
      drop(DropReason.DUPLICATE, from);
    } else {
      Work work = new Work.VerifyRequests(List.of(request));
      relayed.put(dqbft.compute(Frame.ASSIGNMENTS, work), request);
    }
  }

  void onComputed(long job, Result result) {
    Request request = relayed.remove(job);
    if (request != null && result instanceof Result.Verdict verdict) {
      if (verdict.valid()) {
        submitted(request);
      } else {
        drop(DropReason.BAD_SIGNATURE, -1);
      }
    }
  }

  /** Without effect from now on, or for so long that the client has to ask again. */
  private boolean settled(Assignment a) {
    return table().version(a.client()) >= a.version()
        || table().tooEarly(a.client(), dqbft.order().next());
  }

  private boolean known(Assignment a) {
    Held before = held.get(a.client());
    return before != null && before.assignment.version() >= a.version();
  }

  private void drop(DropReason reason, int from) {
    dqbft.note(new Effect.Event.Dropped(reason, from, "AssignReq"));
  }

  private void forward(Assignment a) {
    int primary = dqbft.ordering().primary();
    if (primary != settings.self()) {
      dqbft.step().emit(new Effect.Send(primary, new KitMessage.Relay(a.request())));
    }
  }

  /** A view of O was entered: its primary knows of none of them. */
  void orderEntered() {
    for (Held h : held.values()) {
      h.waited = 0;
      h.proposedAt = 0;
    }
  }

  /** What the O-primary has to put into lists, at most so many. */
  List<Assignment> toOrder(int most) {
    if (held.isEmpty()) {
      return List.of();
    }
    List<Assignment> all = new ArrayList<>();
    for (Held h : held.values()) {
      // One that was executed without effect is proposed once more, unless it is settled.
      if (all.size() < most && h.proposedAt < dqbft.order().next() && !settled(h.assignment)) {
        all.add(h.assignment);
      }
    }
    return all;
  }

  /** These are in the list of this O-slot. */
  void proposed(List<Assignment> assignments, long slot) {
    for (Assignment a : assignments) {
      Held h = held.get(a.client());
      if (h != null) {
        h.proposedAt = slot;
      }
    }
  }

  /** Every T_resend: T_prop, as for commands (00-system-model §6). */
  void tick() {
    if (held.isEmpty()) {
      return;
    }
    long now = dqbft.step().now();
    ConsensusEngine ordering = dqbft.ordering();
    boolean still =
        !ordering.entered()
            || ordering.highest() >= ordering.stable() + settings.tuning().orderWindow()
            || dqbft.recovery().behind()
            || dqbft.recovery().transfer().active();
    Map<Long, Long> ordered = dqbft.order().assigned();
    boolean expired = false;
    int forwarded = 0;
    for (Iterator<Held> all = held.values().iterator(); all.hasNext(); ) {
      Held h = all.next();
      long elapsed = now - h.counted;
      h.counted = now;
      if (settled(h.assignment)) {
        all.remove();
      } else if (ordered.getOrDefault(h.assignment.client(), -1L) >= h.assignment.version()) {
        // Ordered: that it commits is what T_ocommit watches.
        h.waited = 0;
      } else {
        h.waited += still ? 0 : elapsed;
        expired |= h.waited >= settings.tuning().proposalTimeout();
        if (forwarded++ < MOST_FORWARDED) {
          forward(h.assignment);
        }
      }
    }
    if (expired) {
      dqbft.suspect(Instances.ORDER, Suspicion.ORDERING);
    }
  }
}
