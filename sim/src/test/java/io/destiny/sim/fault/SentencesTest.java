package io.destiny.sim.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.sim.world.Frame;
import io.destiny.sim.world.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a sentence means, and what it does to messages and to the budget. */
class SentencesTest {
  private static final long SECOND = 1_000_000_000L;

  /** A network in which everything arrives at once, and what was put off is remembered. */
  private static final class Instant implements Network, Network.Wire {
    private final List<String> arrived = new ArrayList<>();
    private final List<Long> later = new ArrayList<>();
    private long now;

    @Override
    public void send(int from, int to, Frame frame) {
      arrived.add(from + ">" + to);
    }

    @Override
    public long now() {
      return now;
    }

    @Override
    public void in(long delay, Runnable action) {
      later.add(delay);
    }

    @Override
    public long clientDelay() {
      return 0;
    }

    @Override
    public void deliver(int from, int to, Frame frame) {
      arrived.add(from + ">" + to);
    }
  }

  private static void pass(Faults faults, Instant wire, int from, int to) {
    faults.network(wire, wire).send(from, to, Frame.forged("D0.Prepare", new byte[32]));
  }

  @Test
  void machinesAndTrustedSubsystemsHaveSentencesOfTheirOwn() {
    Sentences faults = new Sentences();
    faults.crash(2).at(1);
    faults.restart(2).at(3);
    faults.rollbackTrusted(1).between(1, 2);
    faults.cloneTrusted(0);
    assertThat(faults.faults(1).plan())
        .containsExactly(
            Fault.of(Fault.Kind.CRASH, SECOND, Long.MAX_VALUE, List.of(2)),
            Fault.of(Fault.Kind.RESTART, 3 * SECOND, Long.MAX_VALUE, List.of(2)),
            Fault.of(Fault.Kind.ROLLBACK_TRUSTED, SECOND, 2 * SECOND, List.of(1)),
            Fault.of(Fault.Kind.CLONE_TRUSTED, 0, Long.MAX_VALUE, List.of(0)));
    assertThat(faults.faults(1).byzantine()).containsEntry(0, Behaviour.TWIN);
    assertThat(faults.faults(1).verdict(9, 4).within()).isFalse();
  }

  @Test
  void aPartitionCanBeOneWay() {
    Sentences faults = new Sentences();
    faults.oneWayPartition(List.of(0), List.of(1, 2)).between(1, 2);
    Faults bound = faults.faults(1);
    Instant wire = new Instant();
    pass(bound, wire, 0, 1);
    wire.now = SECOND;
    pass(bound, wire, 0, 1);
    pass(bound, wire, 0, 2);
    pass(bound, wire, 0, 3);
    pass(bound, wire, 1, 0);
    wire.now = 2 * SECOND;
    pass(bound, wire, 0, 2);
    assertThat(wire.arrived).containsExactly("0>1", "0>3", "1>0", "0>2");
    assertThat(bound.injected()).containsEntry("drop", 2L);
  }

  /** The sum of both would be an instant before the beginning, to which no run comes. */
  @Test
  void aClogWithoutEndHoldsDelayedMessagesForGood() {
    Sentences faults = new Sentences();
    faults.when(Sentences.from(0)).clog().at(0);
    faults.when(Sentences.from(0)).delay(0.1);
    faults.when(Sentences.from(0)).duplicate(1);
    Instant wire = new Instant();
    wire.now = 5;
    pass(faults.faults(1), wire, 0, 1);
    pass(faults.faults(1), wire, 1, 0);
    assertThat(wire.arrived).containsExactly("1>0");
    assertThat(wire.later).isEmpty();
  }

  @Test
  void whatMetNothingIsSaid() {
    Sentences faults = new Sentences();
    faults.when(Sentences.from(0)).drop();
    faults.when(Sentences.from(1)).drop();
    Faults bound = faults.byzantine(2, Behaviour.FLOOD).faults(1);
    pass(bound, new Instant(), 0, 1);
    assertThat(bound.withoutEffect())
        .containsExactly("R2 is Byzantine: flood", "drop at 0 ms from [1] to all");
  }

  @Test
  void aClockThatWouldStandStillIsRefused() {
    Sentences faults = new Sentences();
    faults.clockDrift(-1000, 0);
    assertThatThrownBy(() -> DriftingClock.perMille(faults.faults(1).plan().getFirst()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stands still");
  }

  /** Three of five may fail in all; who is down at the end is one of the f = 2, once. */
  @Test
  void whoIsDownForGoodCountsInARunThatIsJudgedByItsEnd() {
    Sentences faults = new Sentences().byzantine(1, Behaviour.SILENT);
    faults.crash(1, 2).at(1);
    Faults two = faults.faults(1);
    assertThat(two.verdictToTheEnd(5, 2, Set.of(), 9 * SECOND).within()).isTrue();
    assertThat(two.verdictToTheEnd(5, 2, Set.of(2), 9 * SECOND).within()).isTrue();
    assertThat(two.verdictToTheEnd(5, 2, Set.of(4), 9 * SECOND).within()).isFalse();
    assertThat(two.verdict(5, 2).within()).as("the swarm brings them back").isTrue();

    faults.crash(3).at(2).restartAfter(3);
    assertThat(faults.faults(1).verdictToTheEnd(5, 2, Set.of(), 9 * SECOND).within()).isTrue();
    assertThat(faults.faults(1).verdictToTheEnd(5, 2, Set.of(), 4 * SECOND).within())
        .as("the run ends before it is back")
        .isFalse();
    faults.restart(3).at(3.5);
    assertThat(faults.faults(1).verdictToTheEnd(5, 2, Set.of(), 4 * SECOND).within()).isTrue();
    assertThat(new Faults(List.of(), Map.of(), 1).verdictToTheEnd(3, 1, Set.of(1, 2), 1).why())
        .isEqualTo("2 faulty replicas of 3, the model has 1");
  }
}
