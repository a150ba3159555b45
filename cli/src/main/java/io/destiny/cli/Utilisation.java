package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.sim.cpu.StagedHardware;
import io.destiny.sim.network.WanNetwork;
import org.jspecify.annotations.Nullable;

/** E5 of experiments.md: busy core time over all cores, and bytes in plus bytes out. */
final class Utilisation {
  private final int replicas;
  private final int leader;
  private final @Nullable StagedHardware machines;
  private final @Nullable WanNetwork network;
  private long[] busyBefore;
  private long[] bytesBefore;
  private long from;

  /**
   * @param machines null: nothing is charged, and nothing is reported
   */
  Utilisation(
      int replicas, int leader, @Nullable StagedHardware machines, @Nullable WanNetwork network) {
    this.replicas = replicas;
    this.leader = leader;
    this.machines = machines;
    this.network = network;
    this.busyBefore = new long[replicas];
    this.bytesBefore = new long[replicas];
  }

  /** What was used before does not count. */
  void begin(long now) {
    from = now;
    busyBefore = busy();
    bytesBefore = bytes();
  }

  /** Core-nanoseconds each replica has worked. */
  private long[] busy() {
    long[] busy = new long[replicas];
    for (int i = 0; machines != null && i < busy.length; i++) {
      busy[i] = machines.busyNanos(i);
    }
    return busy;
  }

  /** Bytes in and out of each replica. */
  private long[] bytes() {
    long[] bytes = new long[replicas];
    for (int i = 0; network != null && i < bytes.length; i++) {
      bytes[i] = network.bytesIn(i) + network.bytesOut(i);
    }
    return bytes;
  }

  void report(ObjectNode report, long now) {
    double nanos = now - from;
    if (machines == null || nanos <= 0) {
      return;
    }
    ObjectNode node = report.putObject("utilisation");
    spread(node.putObject("cpuPercent"), busyBefore, busy(), 100 / (nanos * machines.cores()));
    spread(node.putObject("nicMegabitsPerSecond"), bytesBefore, bytes(), 8e3 / nanos);
    if (network != null) {
      node.put("highestBufferBytes", network.highestBuffer());
    }
  }

  private void spread(ObjectNode node, long[] before, long[] after, double scale) {
    double sum = 0;
    double most = 0;
    for (int i = 0; i < after.length; i++) {
      double value = (after[i] - before[i]) * scale;
      sum += value;
      most = Math.max(most, value);
    }
    node.put("orderPrimary", Output.round((after[leader] - before[leader]) * scale))
        .put("mean", Output.round(sum / after.length))
        .put("max", Output.round(most));
  }
}
