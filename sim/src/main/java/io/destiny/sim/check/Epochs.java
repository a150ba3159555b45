package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.Listeners;
import io.destiny.sim.world.TraceListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Oracles that know one epoch each: slots, views and counters of another mean something else
 * (dqbft.md §8). Each sees what replicas do while they are in its epoch.
 */
final class Epochs implements TraceListener {
  private final LongFunction<List<TraceListener>> oracles;
  private final List<Listeners> byEpoch = new ArrayList<>();
  private final Map<Integer, Integer> epochs = new HashMap<>();

  /**
   * @param oracles makes those of one epoch
   */
  Epochs(LongFunction<List<TraceListener>> oracles) {
    this.oracles = oracles;
    begin();
  }

  private void begin() {
    Listeners all = new Listeners();
    oracles.apply(byEpoch.size()).forEach(all::add);
    byEpoch.add(all);
  }

  private int epochOf(int replica) {
    return epochs.isEmpty() ? 0 : epochs.getOrDefault(replica, 0);
  }

  private Listeners of(int replica) {
    return byEpoch.get(epochOf(replica));
  }

  @Override
  public void epoch(int replica, long epoch) {
    while (byEpoch.size() <= epoch) {
      begin();
    }
    epochs.put(replica, (int) epoch);
  }

  @Override
  public void input(int replica, Input input) {
    of(replica).input(replica, input);
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    of(replica).effect(replica, number, effect);
  }

  @Override
  public void released(int replica, long number, Effect effect) {
    of(replica).released(replica, number, effect);
  }

  @Override
  public void synced(int replica, long number) {
    of(replica).synced(replica, number);
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    of(replica).trusted(replica, call, result);
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    of(from).sent(from, to, frame);
  }

  @Override
  public void delivered(int from, int to, Frame frame) {
    if (frame.isForged() || frame.epoch() == epochOf(to)) {
      of(to).delivered(from, to, frame);
    }
  }

  @Override
  public void crashed(int replica) {
    of(replica).crashed(replica);
  }

  @Override
  public void wiped(int replica) {
    of(replica).wiped(replica);
  }

  @Override
  public void halted(int replica, String reason) {
    of(replica).halted(replica, reason);
  }

  @Override
  public void started(int replica) {
    of(replica).started(replica);
  }
}
