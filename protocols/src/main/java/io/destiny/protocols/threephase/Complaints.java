package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Signed COMPLAINs for the one purpose that a VIEW-CHANGE alone does not serve: to give an instance
 * back to its owner (dqbft.md §7). f+1 that name one view release the VIEW-CHANGE for it.
 */
final class Complaints {
  private record Said(long target, byte[] signature) {}

  private final ThreePhaseEngine engine;

  /** The latest of each sender, verified. */
  private final TreeMap<Integer, Said> said = new TreeMap<>();

  /** Whose complaint is being checked; one at a time. */
  private final TreeMap<Integer, Boolean> checking = new TreeMap<>();

  private boolean signing;
  private long sentAt = Long.MIN_VALUE / 2;

  Complaints(ThreePhaseEngine engine) {
    this.engine = engine;
  }

  /** This replica complains; the caller repeats it while the cause lasts. */
  void complain(long target, Port port) {
    Said own = said.get(engine.settings.self());
    if (own == null || own.target != target) {
      if (!signing) {
        signing = true;
        engine.jobs.compute(
            new Work.SignReplica(statement(target)),
            port,
            (result, turn) -> signed(target, ((Result.Signature) result).bytes(), turn));
      }
    } else if (port.now() - sentAt >= engine.settings.tuning().resendDelay()) {
      broadcast(own, port);
    }
  }

  private byte[] statement(long target) {
    return ViewChange.complaint(engine.settings.domain(), engine.instance, target);
  }

  private void broadcast(Said own, Port port) {
    sentAt = port.now();
    port.broadcast(new ThreePhaseMessage.Complain(engine.instance, own.target, own.signature));
  }

  void onComplain(int from, ThreePhaseMessage.Complain m, Port port) {
    Said before = said.get(from);
    if (m.view() <= engine.view()) {
      engine.views.lead(from, port);
      port.drop(DropReason.OLD, from, m.kind());
    } else if (checking.containsKey(from) || (before != null && before.target == m.view())) {
      port.drop(DropReason.DUPLICATE, from, m.kind());
    } else {
      checking.put(from, true);
      engine.jobs.compute(
          new Work.VerifyReplica(from, statement(m.view()), m.signature()),
          port,
          (result, turn) -> checked(from, m, ((Result.Verdict) result).valid(), turn));
    }
  }

  private void signed(long target, byte[] signature, Port port) {
    signing = false;
    Said mine = new Said(target, signature);
    said.put(engine.settings.self(), mine);
    broadcast(mine, port);
    release(target, port);
  }

  private void checked(int from, ThreePhaseMessage.Complain m, boolean valid, Port port) {
    checking.remove(from);
    if (valid) {
      said.put(from, new Said(m.view(), m.signature()));
      release(m.view(), port);
    } else {
      port.drop(DropReason.BAD_SIGNATURE, from, m.kind());
    }
  }

  private void release(long target, Port port) {
    List<ViewChange.Complaint> proof = new ArrayList<>();
    said.forEach(
        (from, s) -> {
          if (s.target == target) {
            proof.add(new ViewChange.Complaint(from, s.signature));
          }
        });
    if (target > engine.view() && proof.size() >= engine.settings.rule().weak()) {
      engine.views.leave(target, proof, port);
    }
  }
}
