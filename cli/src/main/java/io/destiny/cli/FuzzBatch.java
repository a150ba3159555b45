package io.destiny.cli;

import io.destiny.sim.fault.Behaviour;
import io.destiny.sim.fault.Swarm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/**
 * Whether a batch of seeds that found nothing tried anything (V1 and V3 of the reliability rules).
 *
 * @param homes whether replicas have D-instances of their own
 * @param barren seeds in which nothing was committed
 * @param injected how often each kind of fault and each behaviour struck
 * @param checked how often each oracle checked something
 */
record FuzzBatch(
    Swarm.Mode mode,
    boolean homes,
    long seeds,
    long barren,
    Map<String, Long> injected,
    Map<String, Long> checked) {
  /** A smaller batch may miss a kind of fault by chance. */
  static final long ENOUGH = 500;

  /** Some behaviours come with one seed in a hundred: half a thousand seeds may miss them. */
  static final long ENOUGH_FOR_LIARS = 2000;

  /** What is missing, in lines for people; empty if nothing is. */
  List<String> vacuous() {
    List<String> lines = new ArrayList<>();
    if (mode == Swarm.Mode.NO_LEADER_LOSS && barren > 0) {
      lines.add(barren + " seeds committed nothing");
    }
    if (seeds < ENOUGH) {
      return lines;
    }
    SortedSet<String> never = Swarm.injectable(mode, homes);
    never.removeIf(word -> injected.getOrDefault(word, 0L) > 0);
    if (seeds < ENOUGH_FOR_LIARS) {
      for (Behaviour behaviour : Behaviour.values()) {
        never.remove(behaviour.word());
      }
    }
    if (!never.isEmpty()) {
      lines.add("never injected: " + String.join(", ", never));
    }
    checked.forEach(
        (oracle, count) -> {
          if (count == 0) {
            lines.add("oracle " + oracle + " never checked anything");
          }
        });
    return lines;
  }
}
