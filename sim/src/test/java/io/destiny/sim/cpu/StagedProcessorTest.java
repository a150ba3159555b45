package io.destiny.sim.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.Processor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StagedProcessorTest {
  private record Event(long time, long number, Runnable action) {}

  private static final class Clock implements Processor.Clock {
    final PriorityQueue<Event> events =
        new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::number));
    long now;
    long number;

    @Override
    public long now() {
      return now;
    }

    @Override
    public void in(long delay, Runnable action) {
      events.add(new Event(now + delay, number++, action));
    }

    void run() {
      while (!events.isEmpty()) {
        Event e = events.remove();
        now = e.time;
        e.action.run();
      }
    }
  }

  /** Signing takes 500 µs, nothing else takes any time; no kappa. */
  private static CostTable onlySigning() {
    CostTable p2021 = CostTable.p2021().steady();
    TreeMap<String, Double> changed = new TreeMap<>();
    changed.put("kappa", 1.0);
    changed.put("dispatch", 0.0);
    changed.put("enclave_call", 0.0);
    changed.put("enclave_slowdown", 1.0);
    changed.put("ed25519_sign", 0.0);
    return p2021.with(changed);
  }

  private final Clock clock = new Clock();
  private final StagedHardware hardware = new StagedHardware(onlySigning(), 1);
  private final Processor processor = hardware.processor(0, 1, clock);
  private final List<Long> done = new ArrayList<>();

  private void sign(int times) {
    for (int i = 0; i < times; i++) {
      processor.compute(new Work.SignExecution(new byte[0]), () -> done.add(clock.now));
    }
  }

  @Test
  void nineJobsOnEightCoresTakeTwoRounds() {
    sign(9);
    clock.run();
    assertThat(done.subList(0, 8)).containsOnly(500_000L);
    assertThat(done.getLast()).isEqualTo(1_000_000L);
    assertThat(hardware.busyNanos(0)).isEqualTo(9 * 500_000L);
  }

  @Test
  void callsOfOneCounterGoOneByOneAndThoseOfOthersBesideThem() {
    for (int instance : new int[] {1, 1, 2}) {
      TrustedCall call = new TrustedCall.IndependentShare(instance, 0, 1, new Digest(0, 0, 0, 0));
      processor.trusted(call, () -> {}, () -> done.add(clock.now));
    }
    clock.run();
    assertThat(done).containsExactly(500_000L, 500_000L, 1_000_000L);
  }

  @Test
  void executionIsSerial() {
    CostTable table = CostTable.p2021().steady();
    Processor serial = new StagedHardware(table, 1).processor(0, 1, clock);
    for (int i = 0; i < 2; i++) {
      serial.execute(Collections.nCopies(100, null), () -> done.add(clock.now));
    }
    clock.run();
    // 100 puts of 0.6 µs with kappa 1.3, and 3.9 µs of dispatch
    assertThat(done).containsExactly(78_000L + 3_900, 156_000L + 3_900);
  }

  @Test
  void aSenderWithAFullBufferTakesNothingUpUntilItDrains() {
    hardware.block(0, true);
    sign(1);
    clock.run();
    assertThat(done).as("the answer waits for the protocol stage").isEmpty();
    clock.now = 7_000_000;
    hardware.block(0, false);
    clock.run();
    assertThat(done).containsExactly(7_000_000L);
  }

  @Test
  void aProfileNamesAllConstantsAndNothingElse() {
    byte[] some = "cores 8\n".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> CostTable.parse("mine", some)).hasMessageContaining("bls_verify");
    byte[] wrong = "speed of light\n".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> CostTable.parse("mine", wrong)).hasMessageContaining("speed of light");
    assertThat(CostTable.p2021().hash()).hasSize(64).isNotEqualTo(CostTable.measured().hash());
    assertThat(CostTable.p2021().get("bls_verify")).isEqualTo(1600);
  }
}
