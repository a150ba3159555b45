package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Homes;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** An ordered RECONFIG ends an epoch and begins the next (dqbft.md §8), under load. */
class DestinyEpochTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long RETRANSMIT = SECOND / 2;

  private final List<Request> asked = new ArrayList<>();

  private static World world(int n, long seed) {
    return World.of(DestinySimTest.options(n).withTuning(DestinySimTest.small(1)).withSeed(seed));
  }

  /** The administrators ask for an epoch with so many members. */
  private Request reconfigure(World world, long epoch, int members) {
    ClientStub admin = world.administrators();
    byte[] command = new Reconfiguration(epoch, members, new byte[] {1, 2, 3}).encode();
    Request request = admin.request(List.of(command));
    admin.send(Homes.of(admin.id(), world.options().rule().n()), request);
    admin.retransmit(request, RETRANSMIT);
    asked.add(request);
    return request;
  }

  private static boolean tookEffect(World world, Request request) {
    ClientStub.Accepted answer = world.administrators().accepted(request.timestamp()).orElseThrow();
    return answer.results().getFirst()[0] == 1;
  }

  private static boolean answered(World world, Request request) {
    return world.administrators().accepted(request.timestamp()).isPresent();
  }

  private static boolean all(World world, int members, long epoch) {
    for (int i = 0; i < members; i++) {
      if (!world.up(i) || world.epoch(i) != epoch) {
        return false;
      }
    }
    return true;
  }

  private static void oneHistory(World world, int members) {
    assertThat(
            world.runUntil(
                () -> {
                  Object first = ((TinyStore) world.application(0)).history();
                  for (int i = 1; i < members; i++) {
                    if (!((TinyStore) world.application(i)).history().equals(first)) {
                      return false;
                    }
                  }
                  return true;
                },
                20 * SECOND))
        .as("all end with one history")
        .isTrue();
  }

  @Test
  void keysAreRotatedUnderLoad() {
    World world = world(3, 1);
    Oracles oracles = Oracles.on(world, null);
    world.start();
    Workload load = new Workload(world, 6, 200, 1);
    load.start();
    world.run(SECOND / 2);
    long before = load.accepted();
    assertThat(before).isPositive();
    Request request = reconfigure(world, 1, 3);
    assertThat(world.runUntil(() -> all(world, 3, 1), 5 * SECOND)).isTrue();
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    assertThat(answered(world, request)).isTrue();
    assertThat(tookEffect(world, request)).isTrue();
    oneHistory(world, 3);
    oracles.finish();
    assertThat(Objects.requireNonNull(world.ledger(1)).domain().epoch()).isEqualTo(1);
  }

  /** Only the command that names the next epoch takes effect, and of two of them the first. */
  @Test
  void anotherEpochThanTheNextIsWithoutEffect() {
    World world = world(3, 2);
    Oracles oracles = Oracles.on(world, null);
    world.start();
    Workload load = new Workload(world, 4, 60, 1);
    load.start();
    Request late = reconfigure(world, 0, 3);
    Request early = reconfigure(world, 2, 3);
    assertThat(world.runUntil(() -> answered(world, early), 5 * SECOND)).isTrue();
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    assertThat(tookEffect(world, early)).isFalse();
    assertThat(answered(world, late) && tookEffect(world, late)).isFalse();
    assertThat(all(world, 3, 0)).isTrue();
    oracles.finish();
  }

  /** A member leaves, another joins without any state, and catches up. */
  @Test
  void membersLeaveAndJoin() {
    World world = world(5, 3);
    Oracles oracles = Oracles.on(world, null);
    world.start();
    Workload load = new Workload(world, 8, 300, 1);
    load.start();
    world.run(SECOND / 2);
    reconfigure(world, 1, 4);
    assertThat(world.runUntil(() -> all(world, 4, 1), 5 * SECOND)).isTrue();
    assertThat(world.runUntil(() -> world.epoch(4) == 1 && !world.up(4), 5 * SECOND)).isTrue();
    long before = load.accepted();
    world.run(SECOND);
    assertThat(load.accepted()).isGreaterThan(before);
    reconfigure(world, 2, 5);
    assertThat(world.runUntil(() -> all(world, 4, 2), 5 * SECOND)).isTrue();
    world.join(4);
    assertThat(world.runUntil(load::done, 60 * SECOND)).isTrue();
    assertThat(all(world, 5, 2)).isTrue();
    oneHistory(world, 5);
    oracles.finish();
  }

  /**
   * A replica whose trusted subsystem was restarted only observes (trusted-subsystem.md §7 R1); the
   * next epoch's keys let it vote again, and then another one may fail.
   */
  @Test
  void aRestartedTrustedSubsystemVotesAgainInTheNextEpoch() {
    World world = world(3, 4);
    Oracles oracles = Oracles.on(world, null);
    world.start();
    Workload load = new Workload(world, 6, 300, 1);
    load.start();
    world.run(SECOND / 2);
    world.crash(2);
    world.enclave(2).restart();
    world.restart(2);
    world.run(SECOND);
    reconfigure(world, 1, 3);
    assertThat(world.runUntil(() -> all(world, 3, 1), 10 * SECOND)).isTrue();
    world.crash(1);
    // Whose home is down finds out with every command again.
    assertThat(world.runUntil(load::done, 300 * SECOND)).isTrue();
    world.restart(1);
    oneHistory(world, 3);
    oracles.finish();
  }

  /** Crashes around the boundary: whoever comes up is in the one epoch or the other, whole. */
  @Test
  void aCrashAtAnyInstantOfTheChangeIsTakenUpAgain() {
    for (int step = 0; step < 40; step++) {
      World world = world(3, 100 + step);
      Oracles oracles = Oracles.on(world, null);
      world.start();
      Workload load = new Workload(world, 4, 60, 1);
      load.start();
      world.run(SECOND / 4);
      reconfigure(world, 1, 3);
      world.run(step * SECOND / 500);
      int victim = step % 3;
      world.crash(victim);
      world.run(SECOND / 10);
      world.restart(victim);
      assertThat(world.runUntil(load::done, 60 * SECOND)).as("step %d", step).isTrue();
      assertThat(world.runUntil(() -> all(world, 3, 1), 20 * SECOND)).as("step %d", step).isTrue();
      oneHistory(world, 3);
      oracles.finish();
    }
  }

  /**
   * One went over, one is down, one has lost its disk while the epoch ended: who went over brings
   * it to the end of the epoch before, since alone it is nobody's quorum.
   */
  @Test
  void whoWasLeftBehindIsBroughtOver() {
    World world = world(3, 5);
    Oracles oracles = Oracles.on(world, null);
    world.start();
    Workload load = new Workload(world, 4, 60, 1);
    load.start();
    world.run(SECOND / 2);
    reconfigure(world, 1, 3);
    assertThat(world.runUntil(() -> firstOver(world) >= 0, 5 * SECOND)).isTrue();
    int behind = (firstOver(world) + 1) % 3;
    int down = (firstOver(world) + 2) % 3;
    assertThat(world.epoch(behind)).isZero();
    world.crash(down);
    world.wipe(behind);
    world.restart(behind);
    assertThat(world.runUntil(() -> world.epoch(behind) == 1, 20 * SECOND)).isTrue();
    assertThat(world.runUntil(load::done, 300 * SECOND)).isTrue();
    world.restart(down);
    oneHistory(world, 3);
    oracles.finish();
  }

  private static int firstOver(World world) {
    for (int i = 0; i < 3; i++) {
      if (world.epoch(i) == 1) {
        return i;
      }
    }
    return -1;
  }
}
