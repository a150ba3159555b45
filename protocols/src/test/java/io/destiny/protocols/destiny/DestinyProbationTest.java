package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.fault.Faults;
import io.destiny.sim.fault.Sentences;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * L7: an owner crashes, comes back and behaves. While its instance is on probation the O-primary
 * orders what is committed; after it, what is proposed, as before.
 */
class DestinyProbationTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final int N = 5;
  private static final int OWNER = 1;
  private static final int ORDER_PRIMARY = 0;

  /** Header, digest, share, attestation, and the list's time. */
  private static final int BEFORE_ENTRIES = 24 + 32 + 48 + 64 + 8;

  /** What the O-primary does with one instance. */
  private static final class Ordering implements TraceListener {
    private final TreeSet<Long> committed = new TreeSet<>();

    /** By slot: whether it was committed here when a list first named it. */
    final TreeMap<Long, Boolean> ordered = new TreeMap<>();

    long begin;
    long end;

    @Override
    public void effect(int replica, long number, Effect effect) {
      if (replica != ORDER_PRIMARY) {
        return;
      }
      switch (effect) {
        case Effect.Note(Effect.Event.Committed c) when c.instance() == OWNER ->
            committed.add(c.slot());
        case Effect.Note(Effect.Event.Entered e)
            when e.instance() == OWNER && (OWNER + e.view()) % N == OWNER ->
            begin = e.max();
        case Effect.Note(Effect.Event.Probation p) when p.instance() == OWNER -> end = p.end();
        default -> {}
      }
    }

    @Override
    public void sent(int from, int to, Frame frame) {
      if (from != ORDER_PRIMARY
          || !frame.name().equals(Instances.name(Instances.ORDER) + ".Prepare")) {
        return;
      }
      try {
        Reader r = new Reader(frame.bytes());
        r.raw(BEFORE_ENTRIES);
        for (int left = r.u16(); left > 0; left--) {
          r.u8();
          int instance = r.u16();
          long slot = r.u64();
          r.u8();
          if (instance == OWNER) {
            ordered.putIfAbsent(slot, committed.contains(slot));
          }
        }
      } catch (MalformedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void anOwnerThatIsBackAndBehavesIsOrderedOptimisticallyAgain() {
    Sentences sentences = new Sentences();
    sentences.crash(OWNER).at(2).restartAfter(4);
    Faults faults = sentences.faults(1);
    LinkModel links = new LinkModel(20 * MILLISECOND, 25 * MILLISECOND, 0, 0, false);
    WorldOptions options = DestinySimTest.options(N).withSeed(3);
    World world =
        World.of(
            faults.options(options),
            wire -> faults.network(wire, new RandomNetwork(wire, N, 7, links)));
    Oracles oracles = Oracles.on(world, faults.correct(N));
    Ordering ordering = new Ordering();
    world.listen(ordering);
    faults.on(world);
    world.start();
    new Workload(world, 2 * N, 1_000_000, 1).start();
    world.run(60_000 * MILLISECOND);
    oracles.finish();
    assertThat(oracles.checked().get("L7")).isPositive();
    assertThat(ordering.end).as("it got its instance back").isGreaterThan(ordering.begin);
    assertThat(ordering.ordered.subMap(ordering.begin, false, ordering.end, true).values())
        .as("on probation")
        .hasSizeGreaterThan(30)
        .doesNotContain(false);
    assertThat(ordering.ordered.tailMap(ordering.end, false).values())
        .as("after it")
        .hasSizeGreaterThan(30)
        .doesNotContain(true);
  }
}
