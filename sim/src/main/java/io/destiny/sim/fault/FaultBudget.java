package io.destiny.sim.fault;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a run stays within its model: at most f replicas that are Byzantine, lost their log or
 * lost their trusted subsystem, and no trusted subsystem that goes back or exists twice.
 */
public final class FaultBudget {
  /**
   * @param within whether the protocol's promises hold at all
   * @param why what is beyond the model; empty if it is within
   */
  public record Verdict(boolean within, String why) {}

  private FaultBudget() {}

  static Verdict judge(List<Fault> plan, Set<Integer> byzantine, int n, int f) {
    Set<Integer> faulty = new HashSet<>(byzantine);
    for (Fault fault : plan) {
      switch (fault.kind()) {
        case WIPE, RESTART_TRUSTED -> faulty.addAll(fault.replicas());
        case ROLLBACK_TRUSTED, CLONE_TRUSTED -> {
          return new Verdict(false, fault.kind().word() + " is outside the model");
        }
        default -> {}
      }
    }
    return faulty.size() > f
        ? new Verdict(
            false, "%d faulty replicas of %d, the model has %d".formatted(faulty.size(), n, f))
        : new Verdict(true, "");
  }
}
