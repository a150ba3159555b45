package io.destiny.protocols.destiny;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.model.Command;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Request;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Clients that move to another home (00-system-model.md §6). */
class DestinyAssignTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int N = 5;

  /** In which D-instance each command of one client was executed, in order. */
  private static final class Places implements TraceListener {
    private final Map<Long, Integer> instances = new HashMap<>();
    final long client;
    final List<Integer> of = new ArrayList<>();
    final List<Long> timestamps = new ArrayList<>();
    int orderViews;

    /** Bytes of what D-leaders propose to R0. */
    long proposed;

    Places(long client) {
      this.client = client;
    }

    @Override
    public void effect(int replica, long number, Effect effect) {
      if (replica == 0 && effect instanceof Effect.Note(Effect.Event.Ordered o)) {
        instances.put(o.position(), o.instance());
      }
      if (replica == 0 && effect instanceof Effect.Note(Effect.Event.Entered e)) {
        orderViews += e.instance() >= N && e.view() > 0 ? 1 : 0;
      }
    }

    @Override
    public void released(int replica, long number, Effect effect) {
      if (replica == 0 && effect instanceof Effect.Execute e) {
        for (Command c : e.commands()) {
          if (c.client() == client) {
            of.add(instances.get(e.position()));
            timestamps.add(c.timestamp());
          }
        }
      }
    }

    @Override
    public void sent(int from, int to, Frame frame) {
      if (to == 0 && frame.name().startsWith("D") && frame.kind().equals("Prepare")) {
        proposed += frame.bytes().length;
      }
    }
  }

  /** A cluster in which some messages are lost, and one client that is at home at R1. */
  private static final class Run {
    final World world;
    final Oracles oracles;
    final ClientStub client;
    final Places places;

    Run(Predicate<Frame> lost, int victim) {
      world =
          World.of(
              DestinySimTest.options(N)
                  .withTuning(DestinySimTest.small(2))
                  .withSeed(11)
                  .withEncoding(true),
              wire -> {
                RandomNetwork beneath = new RandomNetwork(wire, N, 7, LinkModel.CALM);
                return (from, to, frame) -> {
                  if (to != victim || !lost.test(frame)) {
                    beneath.send(from, to, frame);
                  }
                };
              });
      oracles = Oracles.on(world, null);
      places = new Places(at(1));
      world.listen(places);
      world.start();
      client = world.client(places.client);
    }

    /** A client that is at home there. */
    private static long at(int home) {
      long id = 1L << 32;
      while (Homes.of(id, N) != home) {
        id += 1L << 32;
      }
      return id;
    }

    static Run calm() {
      return new Run(f -> false, -1);
    }

    /** One command, sent to one replica, and its answer. */
    void call(int replica) {
      Request request = client.submit(replica, "put:k=" + world.now());
      client.retransmit(request, SECOND / 2);
      within(5, () -> client.accepted(request.timestamp()).isPresent());
    }

    void within(int seconds, java.util.function.BooleanSupplier condition) {
      assertThat(world.runUntil(condition, seconds * SECOND)).isTrue();
    }

    /** O-slots pass, by calls of another client. */
    void slotsPass() {
      ClientStub other = world.client(at(0));
      for (int i = 0; i < 70; i++) {
        Request request = other.submit(0, "put:o=" + i);
        within(5, () -> other.accepted(request.timestamp()).isPresent());
      }
    }

    void ends() {
      within(20, () -> oneHistory());
      oracles.finish();
    }

    private boolean oneHistory() {
      Object first = ((TinyStore) world.application(0)).history();
      for (int i = 1; i < N; i++) {
        if (!((TinyStore) world.application(i)).history().equals(first)) {
          return false;
        }
      }
      return true;
    }
  }

  @Test
  void aClientMovesAndIsAnsweredAtItsNewHome() {
    Run run = Run.calm();
    run.call(1);
    run.client.send(4, run.client.assignment(1, 3));
    run.world.run(SECOND / 2);
    run.call(3);
    run.call(1);
    assertThat(run.places.of).as("its old home passes on").containsExactly(1, 3, 3);
    run.ends();
  }

  /** What a faulty O-primary may do with what a client signed long ago. */
  @Test
  void anAssignThatIsReplayedMovesNobody() {
    Run run = Run.calm();
    Request first = run.client.assignment(1, 3);
    run.client.sendToAll(first);
    run.world.run(SECOND / 2);
    run.slotsPass();
    run.client.sendToAll(run.client.assignment(2, 4));
    run.world.run(SECOND / 2);
    run.call(4);
    run.slotsPass();
    run.client.sendToAll(first);
    run.world.run(SECOND / 2);
    run.call(4);
    assertThat(run.places.of).containsExactly(4, 4);
    run.ends();
  }

  @Test
  void aClientMovesOnceInSixtyFourSlotsOnly() {
    Run run = Run.calm();
    run.client.sendToAll(run.client.assignment(1, 3));
    run.world.run(SECOND / 2);
    run.client.sendToAll(run.client.assignment(2, 4));
    run.world.run(SECOND / 2);
    run.call(4);
    assertThat(run.places.of).containsExactly(3);
    run.slotsPass();
    run.client.sendToAll(run.client.assignment(2, 4));
    run.world.run(SECOND / 2);
    run.call(4);
    assertThat(run.places.of).containsExactly(3, 4);
    run.ends();
  }

  /** The O-primary hears of no ASSIGN_REQ: it is replaced, and the next one orders it. */
  @Test
  void anOPrimaryThatLeavesItOutIsReplaced() {
    long[] dropped = {0};
    Run run =
        new Run(
            f -> {
              boolean lost = f.kind().equals("Relay");
              dropped[0] += lost ? 1 : 0;
              return lost;
            },
            0);
    Request request = run.client.assignment(1, 3);
    for (int i = 1; i < N; i++) {
      run.client.send(i, request);
    }
    run.within(20, () -> run.places.orderViews > 0);
    run.world.run(2 * SECOND);
    run.call(3);
    assertThat(dropped[0]).isPositive();
    assertThat(run.places.of).containsExactly(3);
    run.ends();
  }

  /** A replica that was away for a checkpoint and longer has the table by state transfer. */
  @Test
  void aReplicaThatCatchesUpKnowsWhoHasMoved() {
    Run run = Run.calm();
    run.call(1);
    run.world.crash(3);
    run.client.sendToAll(run.client.assignment(1, 4));
    run.slotsPass();
    run.world.wipe(3);
    run.world.restart(3);
    run.within(20, () -> run.world.status(3).executed() == run.world.status(0).executed());
    assertThat(run.world.notes().count("state_transfers")).isPositive();
    run.call(3);
    assertThat(run.places.of).containsExactly(1, 4);
    run.ends();
  }

  /** A command on its way while its client moves is executed once. */
  @Test
  void aCommandThatMeetsAMoveIsExecutedOnce() {
    Run run = Run.calm();
    for (int i = 0; i < 10; i++) {
      Request request = run.client.request(List.of(("put:k=" + i).getBytes(UTF_8)));
      run.client.sendToAll(request);
      run.client.sendToAll(run.client.assignment(i + 1, 2 + i % 3));
      run.client.sendToAll(request);
      run.within(5, () -> run.client.accepted(request.timestamp()).isPresent());
      run.slotsPass();
    }
    assertThat(run.places.timestamps).hasSize(10).doesNotHaveDuplicates();
    assertThat(run.places.of).as("it has moved").containsAnyOf(2, 3, 4);
    run.ends();
  }

  /** The duplication attack: whoever sends everything to all is ordered by its home alone. */
  @Test
  void whatIsSentToAllIsProposedByTheHomeAlone() {
    long[] bytes = new long[2];
    for (int attack = 0; attack < 2; attack++) {
      Run run = Run.calm();
      run.client.sendToAll(run.client.assignment(1, 3));
      run.world.run(SECOND / 2);
      long before = run.places.proposed;
      for (int i = 0; i < 50; i++) {
        Request request = run.client.request(List.of(new byte[400]));
        if (attack == 1) {
          run.client.sendToAll(request);
        } else {
          run.client.send(3, request);
        }
        run.within(5, () -> run.client.accepted(request.timestamp()).isPresent());
      }
      run.world.run(5 * SECOND);
      bytes[attack] = run.places.proposed - before;
      run.ends();
    }
    assertThat(bytes[0]).isPositive();
    assertThat(bytes[1]).isLessThanOrEqualTo(bytes[0] * 11 / 10);
  }
}
