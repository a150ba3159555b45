package io.destiny.sim.world;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Links with random delays, losses and duplicates from one seed. */
public final class RandomNetwork implements Network {
  /** Decides about single frames, for tests that lose one message on purpose. */
  @FunctionalInterface
  public interface Filter {
    boolean passes(int from, int to, Frame frame);
  }

  private final Wire wire;
  private final SplittableRandom random;
  private final int n;
  private final long[] lastArrival;
  private final boolean[] cut;
  private final Map<Integer, LinkModel> special = new HashMap<>();
  private LinkModel model;
  private Filter filter = (from, to, frame) -> true;
  private long lost;

  public RandomNetwork(Wire wire, int n, long seed, LinkModel model) {
    this.wire = wire;
    this.n = n;
    this.random = new SplittableRandom(seed);
    this.model = model;
    this.lastArrival = new long[n * n];
    this.cut = new boolean[n * n];
  }

  /** Changes all links that have no model of their own. */
  public void model(LinkModel links) {
    model = links;
  }

  /** Gives one link, in one direction, a model of its own. */
  public void link(int from, int to, LinkModel own) {
    special.put(from * n + to, own);
  }

  public void filter(Filter rule) {
    filter = rule;
  }

  /** Loses everything between replicas of different groups; who is in no group is alone. */
  public void partition(List<List<Integer>> groups) {
    int[] group = new int[n];
    for (int i = 0; i < n; i++) {
      group[i] = -1 - i;
    }
    for (int g = 0; g < groups.size(); g++) {
      for (int member : groups.get(g)) {
        group[member] = g;
      }
    }
    for (int i = 0; i < n * n; i++) {
      cut[i] = group[i / n] != group[i % n];
    }
  }

  /** Cuts or mends one direction of one link. */
  public void cut(int from, int to, boolean off) {
    cut[from * n + to] = off;
  }

  /** Ends all partitions. */
  public void heal() {
    Arrays.fill(cut, false);
  }

  /** Frames that were lost on purpose or by chance. */
  public long lost() {
    return lost;
  }

  @Override
  public void send(int from, int to, Frame frame) {
    LinkModel link = special.getOrDefault(from * n + to, model);
    if (cut[from * n + to]
        || !filter.passes(from, to, frame)
        || random.nextInt(1000) < link.loss()) {
      lost++;
      return;
    }
    carry(link, from, to, frame);
    if (random.nextInt(1000) < link.duplication()) {
      carry(link, from, to, frame);
    }
  }

  private void carry(LinkModel link, int from, int to, Frame frame) {
    long arrival = wire.now() + random.nextLong(link.minDelay(), link.maxDelay() + 1);
    if (!link.reordering()) {
      arrival = Math.max(arrival, lastArrival[from * n + to]);
      lastArrival[from * n + to] = arrival;
    }
    wire.in(arrival - wire.now(), () -> wire.deliver(from, to, frame));
  }
}
