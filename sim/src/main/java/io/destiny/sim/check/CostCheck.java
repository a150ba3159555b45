package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import java.util.HashSet;
import java.util.Set;

/**
 * What a fault-free, optimistic run costs (S22): at most 5N messages a batch and 3N an O-list
 * (destiny.md §2; N-1 on the links), where votes go from all to all N for each of both in the place
 * of a collector's 2 (hybster.md §7), and without trusted counters twice that (pbft.md §8); and a
 * bounded number of pairings a replica and slot.
 */
public final class CostCheck implements TraceListener {
  /** Repair, checkpoints and relays are not part of the count. */
  private static final Set<String> COUNTED =
      Set.of("PrePrepare", "Prepare", "CommitSig", "Commit", "ExecSig", "ExecProof");

  /** VERIFY of the commit, and of a proof that is asked for; a collector combines two more. */
  private static final int PAIRINGS_A_SLOT = 4;

  private final Scope scope;
  private final Scope.Count s22;
  private final Set<Long> slots = new HashSet<>();
  private long batchMessages;
  private long listMessages;
  private long lists;
  private long pairings;

  /** Votes without shares are combined by nobody: each goes to all. */
  private boolean allToAll;

  public CostCheck(Scope scope) {
    this.scope = scope;
    this.s22 = scope.count("S22");
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    Message m = frame.message();
    if (m != null) {
      sent(m.instance(), m.kind());
    }
  }

  void sent(int instance, String kind) {
    if (!COUNTED.contains(kind)) {
      return;
    }
    if (Instances.orders(instance)) {
      listMessages++;
    } else {
      batchMessages++;
    }
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    allToAll |= call instanceof TrustedCall.IndependentSignature;
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Compute(long job, Work work)) {
      if (work instanceof Work.VerifyCertificate || work instanceof Work.Combine) {
        pairings++;
      }
    } else if (effect instanceof Effect.Note(Effect.Event.Committed c)
        && slots.add(((long) c.instance() << 48) | c.slot())
        && Instances.orders(c.instance())) {
      lists++;
    }
  }

  /**
   * Judges the run as a whole.
   *
   * @throws Violation naming S22
   */
  void judge() {
    s22.checked += slots.size();
    long n = scope.n();
    long batches = slots.size() - lists;
    // Slots under way when the run ends have sent messages and are not committed.
    long underWay = 16 * n;
    // A proposal, then votes to a collector and its commit, or votes to all but oneself.
    long perList = !scope.hybrid() ? 2 * n : allToAll ? n : 3;
    // One engine alone: its slots are executed, and answered for, as batches are.
    long perOrdered = batches == 0 ? perList + 2 : perList;
    if (batchMessages > (perList + 2) * (n - 1) * (batches + underWay)
        || listMessages > perOrdered * (n - 1) * (lists + underWay)) {
      throw new Violation(
          "S22",
          "%d messages for %d batches and %d for %d lists with N = %d"
              .formatted(batchMessages, batches, listMessages, lists, n));
    }
    if (pairings > PAIRINGS_A_SLOT * n * (slots.size() + underWay)) {
      throw new Violation(
          "S22", "%d pairings for %d slots with N = %d".formatted(pairings, slots.size(), n));
    }
  }
}
