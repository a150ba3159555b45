package io.destiny.sim.fault;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a run stays within its model: at most f replicas that are Byzantine, lost their log or
 * lost their trusted subsystem, and no trusted subsystem that goes back or exists twice. In a run
 * whose end is judged, a replica that is down for good is one of the f as well.
 */
public final class FaultBudget {
  /**
   * @param within whether the protocol's promises hold at all
   * @param why what is beyond the model; empty if it is within
   */
  public record Verdict(boolean within, String why) {}

  private FaultBudget() {}

  /**
   * @param absent replicas that are never started, but for a restart in the plan
   * @param end of the run: who comes back only after it is down for good
   */
  static Verdict judgeToTheEnd(
      List<Fault> plan, Set<Integer> byzantine, Set<Integer> absent, long end, int n, int f) {
    Set<Integer> faulty = new HashSet<>(byzantine);
    absent.stream().filter(r -> !comesBack(plan, r, 0, end)).forEach(faulty::add);
    for (Fault fault : plan) {
      if (fault.kind() == Fault.Kind.CRASH && fault.until() >= end) {
        fault.replicas().stream()
            .filter(r -> !comesBack(plan, r, fault.at(), end))
            .forEach(faulty::add);
      }
    }
    return judge(plan, faulty, n, f);
  }

  static boolean comesBack(List<Fault> plan, int replica, long after, long end) {
    return plan.stream()
        .anyMatch(
            f ->
                f.kind() == Fault.Kind.RESTART
                    && f.replicas().contains(replica)
                    && f.at() >= after
                    && f.at() < end);
  }

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
