package io.destiny.sim.workload;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What clients saw between two instants: throughput and latency by the reply rule. */
public final class Measurement {
  /**
   * @param count answers
   * @param meanMillis not a number if there are none
   */
  public record Region(String name, long count, double meanMillis) {}

  private static final class Samples {
    long[] nanos = new long[64];
    int size;

    void add(long value) {
      if (size == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * size);
      }
      nanos[size++] = value;
    }

    double mean() {
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += nanos[i];
      }
      return size == 0 ? Double.NaN : sum / size / 1e6;
    }
  }

  private static final long SECOND = 1_000_000_000L;

  private final List<String> names;
  private final List<Samples> regions = new ArrayList<>();
  private final Samples all = new Samples();
  private long from;
  private long lastAnswer;
  private long longestGap;
  private long commands;
  private long answers;

  /** Commands acknowledged in each second since the world began. */
  private long[] bySecond = new long[64];

  Measurement(List<String> names) {
    this.names = names;
    names.forEach(n -> regions.add(new Samples()));
  }

  void answered(int region, long sent, long at, int group) {
    commands += group;
    answers++;
    int second = (int) (at / SECOND);
    if (second >= bySecond.length) {
      bySecond = Arrays.copyOf(bySecond, Math.max(second + 1, 2 * bySecond.length));
    }
    bySecond[second] += group;
    regions.get(region).add(at - sent);
    all.add(at - sent);
    longestGap = Math.max(longestGap, at - lastAnswer);
    lastAnswer = at;
  }

  /** Forgets the warm-up. */
  public void reset(long now) {
    from = now;
    lastAnswer = now;
    longestGap = 0;
    commands = 0;
    answers = 0;
    all.size = 0;
    regions.forEach(s -> s.size = 0);
  }

  /** Commands acknowledged since the last reset. */
  public long commands() {
    return commands;
  }

  /** Requests acknowledged since the last reset. */
  public long answers() {
    return answers;
  }

  /** Commands a second between the last reset and now. */
  public double throughput(long now) {
    return now == from ? 0 : commands * 1e9 / (now - from);
  }

  public double meanMillis() {
    return all.mean();
  }

  /** The latency that this share of answers did not exceed, by rank; not a number without any. */
  public double percentileMillis(double share) {
    if (all.size == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(all.nanos, all.size);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)] / 1e6;
  }

  /** The longest time in which nobody got an answer, up to now. */
  public double longestGapMillis(long now) {
    return Math.max(longestGap, now - lastAnswer) / 1e6;
  }

  /** Commands acknowledged in each whole second up to now, since the world began. */
  public long[] bySecond(long now) {
    return Arrays.copyOf(bySecond, (int) (now / SECOND));
  }

  /** By region, those without clients too. */
  public List<Region> regions() {
    List<Region> list = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      list.add(new Region(names.get(i), regions.get(i).size, regions.get(i).mean()));
    }
    return list;
  }
}
