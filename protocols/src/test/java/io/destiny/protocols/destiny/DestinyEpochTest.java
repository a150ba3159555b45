package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An ordered RECONFIG ends an epoch and begins the next (dqbft.md §8), under load. */
class DestinyEpochTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long RETRANSMIT = SECOND / 2;

  /** A cluster under load and all oracles. */
  private static final class Run {
    final World world;
    final Oracles oracles;
    final Workload load;

    Run(int n, long seed, int clients, int requests) {
      world =
          World.of(DestinySimTest.options(n).withTuning(DestinySimTest.small(1)).withSeed(seed));
      oracles = Oracles.on(world, null);
      load = new Workload(world, clients, requests, 1);
      world.start();
      load.start();
    }

    /** The administrators ask for an epoch with so many members. */
    Request reconfigure(long epoch, int members) {
      ClientStub admin = world.administrators();
      byte[] command = new Reconfiguration(epoch, members, new byte[] {1, 2, 3}).encode();
      Request request = admin.request(List.of(command));
      admin.send(Homes.of(admin.id(), world.options().rule().n()), request);
      admin.retransmit(request, RETRANSMIT);
      return request;
    }

    boolean answered(Request request) {
      return world.administrators().accepted(request.timestamp()).isPresent();
    }

    /** One that another overtook is stale, and has no result. */
    boolean tookEffect(Request request) {
      ClientStub.Accepted answer =
          world.administrators().accepted(request.timestamp()).orElseThrow();
      return !answer.results().isEmpty() && answer.results().getFirst()[0] == 1;
    }

    boolean all(int members, long epoch) {
      return IntStream.range(0, members).allMatch(i -> world.up(i) && world.epoch(i) == epoch);
    }

    /** The first replica in the second epoch, -1: none. */
    int firstOver() {
      return IntStream.range(0, 3).filter(i -> world.epoch(i) == 1).findFirst().orElse(-1);
    }

    void within(int seconds, BooleanSupplier condition) {
      assertThat(world.runUntil(condition, seconds * SECOND)).isTrue();
    }

    void endsWithOneHistory(int members) {
      within(20, () -> IntStream.range(0, members).mapToObj(this::history).distinct().count() == 1);
      oracles.finish();
    }

    private Object history(int replica) {
      return ((TinyStore) world.application(replica)).history();
    }
  }

  @Test
  void keysAreRotatedUnderLoad() {
    Run run = new Run(3, 1, 6, 200);
    run.world.run(SECOND / 2);
    assertThat(run.load.accepted()).isPositive();
    Request request = run.reconfigure(1, 3);
    run.within(5, () -> run.all(3, 1));
    run.within(60, run.load::done);
    assertThat(run.tookEffect(request)).isTrue();
    run.endsWithOneHistory(3);
  }

  /** Only the command that names the next epoch takes effect, and of two of them one at most. */
  @Test
  void anotherEpochThanTheNextIsWithoutEffect() {
    Run run = new Run(3, 2, 4, 120);
    Request wrong = run.reconfigure(2, 3);
    run.within(5, () -> run.answered(wrong));
    assertThat(run.tookEffect(wrong)).isFalse();
    assertThat(run.all(3, 0)).isTrue();
    Request one = run.reconfigure(1, 3);
    Request two = run.reconfigure(1, 3);
    run.within(20, () -> run.answered(two) && run.all(3, 1));
    // The first may be overtaken, and gets no answer then.
    boolean first = run.answered(one) && run.tookEffect(one);
    assertThat(first && run.tookEffect(two)).isFalse();
    run.within(60, run.load::done);
    assertThat(run.all(3, 1)).isTrue();
    run.endsWithOneHistory(3);
  }

  /** A member leaves, another joins without any state, and catches up. */
  @Test
  void membersLeaveAndJoin() {
    Run run = new Run(5, 3, 8, 300);
    run.world.run(SECOND / 2);
    run.reconfigure(1, 4);
    run.within(5, () -> run.all(4, 1));
    run.within(5, () -> run.world.epoch(4) == 1 && !run.world.up(4));
    long before = run.load.accepted();
    run.world.run(SECOND);
    assertThat(run.load.accepted()).isGreaterThan(before);
    run.reconfigure(2, 5);
    run.within(5, () -> run.all(4, 2));
    run.world.join(4);
    run.within(60, run.load::done);
    assertThat(run.all(5, 2)).isTrue();
    run.endsWithOneHistory(5);
  }

  /**
   * A replica whose trusted subsystem was restarted only observes (trusted-subsystem.md §7 R1); the
   * next epoch's keys let it vote again, and then another one may fail.
   */
  @Test
  void aRestartedTrustedSubsystemVotesAgainInTheNextEpoch() {
    Run run = new Run(3, 4, 6, 300);
    run.world.run(SECOND / 2);
    run.world.crash(2);
    run.world.enclave(2).restart();
    run.world.restart(2);
    run.world.run(SECOND);
    run.reconfigure(1, 3);
    run.within(10, () -> run.all(3, 1));
    run.world.crash(1);
    // Whose home is down finds out with every command again.
    run.within(300, run.load::done);
    run.world.restart(1);
    run.endsWithOneHistory(3);
  }

  /** Crashes around the boundary: whoever comes up is in the one epoch or the other, whole. */
  @Test
  void aCrashAtAnyInstantOfTheChangeIsTakenUpAgain() {
    for (int step = 0; step < 40; step++) {
      Run run = new Run(3, 100 + step, 4, 60);
      run.world.run(SECOND / 4);
      run.reconfigure(1, 3);
      run.world.run(step * SECOND / 500);
      int victim = step % 3;
      run.world.crash(victim);
      run.world.run(SECOND / 10);
      run.world.restart(victim);
      run.within(60, run.load::done);
      run.within(20, () -> run.all(3, 1));
      run.endsWithOneHistory(3);
    }
  }

  /**
   * One went over, one is down, one has lost its disk while the epoch ended: who went over brings
   * it to the end of the epoch before, since alone it is nobody's quorum.
   */
  @Test
  void whoWasLeftBehindIsBroughtOver() {
    Run run = new Run(3, 5, 4, 60);
    run.world.run(SECOND / 2);
    run.reconfigure(1, 3);
    run.within(5, () -> run.firstOver() >= 0);
    int behind = (run.firstOver() + 1) % 3;
    int down = (run.firstOver() + 2) % 3;
    assertThat(run.world.epoch(behind)).isZero();
    run.world.crash(down);
    run.world.wipe(behind);
    run.world.restart(behind);
    run.within(20, () -> run.world.epoch(behind) == 1);
    run.within(300, run.load::done);
    run.world.restart(down);
    run.endsWithOneHistory(3);
  }

  /**
   * A member that lost its disk hears nobody but clients for a while: as long as it has no state of
   * the epoch it blames nobody for that, and signs nothing at all.
   */
  @Test
  void aMemberWithoutStateSignsNothing() {
    Run run = new Run(3, 6, 6, 100);
    run.reconfigure(1, 3);
    run.within(10, () -> run.all(3, 1));
    run.world.crash(2);
    run.world.wipe(2);
    List<String> signed = new ArrayList<>();
    run.world.listen(
        new TraceListener() {
          private boolean hasState;

          @Override
          public void effect(int replica, long number, Effect effect) {
            hasState |= replica == 2 && effect instanceof Effect.BeginAgain;
            boolean signs =
                effect instanceof Effect.Trusted
                    || effect instanceof Effect.Compute(long job, Work.SignExecution work);
            if (replica == 2 && !hasState && signs) {
              signed.add(effect.toString());
            }
          }
        });
    run.world.network().partition(List.of(List.of(0, 1), List.of(2)));
    run.world.restart(2);
    run.world.run(5 * SECOND);
    assertThat(run.world.status(2).pending()).as("clients wait for it").isPositive();
    run.world.network().heal();
    run.within(300, run.load::done);
    run.endsWithOneHistory(3);
    assertThat(signed).isEmpty();
  }
}
