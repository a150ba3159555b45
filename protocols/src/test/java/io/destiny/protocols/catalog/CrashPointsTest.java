package io.destiny.protocols.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Input;
import io.destiny.protocols.destiny.Workload;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every protocol at its smallest size: a replica crashes at each of its first turns, and after each
 * kind of message, those of a view change too, loses what was not synced, and comes back. All are
 * answered, and all end with one history. {@code -Dpoints=20 -Dcounts=3} tries more.
 */
class CrashPointsTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;

  static Stream<String> protocols() {
    return Catalog.entries().stream().map(ProtocolEntry::name);
  }

  /** Tells when a replica has had so many turns. */
  private static final class Turns implements TraceListener {
    private final int replica;
    private int left;

    Turns(int replica, int count) {
      this.replica = replica;
      this.left = count;
    }

    @Override
    public void input(int who, Input input) {
      left -= who == replica ? 1 : 0;
    }

    boolean over() {
      return left <= 0;
    }
  }

  /** Which kinds of messages are sent, and who sent a certain one for the k-th time. */
  private static final class Watch implements TraceListener {
    final Set<String> kinds = new TreeSet<>();
    private final String kind;
    private int left;
    int sender = -1;

    Watch(String kind, int count) {
      this.kind = kind;
      this.left = count;
    }

    @Override
    public void sent(int from, int to, Frame frame) {
      kinds.add(frame.kind());
      if (frame.kind().equals(kind) && --left == 0) {
        sender = from;
      }
    }
  }

  private static World world(String name, long seed) {
    ProtocolEntry protocol = Catalog.find(name).orElseThrow();
    WorldOptions options =
        WorldOptions.of(protocol.rule(protocol.smallest()), protocol::create, protocol::codec);
    return Checks.on(World.of(options.withSeed(seed)));
  }

  private static void endsWell(World world, Workload load, String what) {
    assertThat(world.runUntil(load::done, 60 * SECOND))
        .as("%s: %d accepted", what, load.accepted())
        .isTrue();
    assertThat(world.runUntil(() -> equal(world), 30 * SECOND)).as(what).isTrue();
  }

  private static boolean equal(World world) {
    Set<Object> histories = new TreeSet<>();
    for (int i = 0; i < world.options().rule().n(); i++) {
      if (world.up(i)) {
        histories.add(((TinyStore) world.application(i)).history().toString());
      }
    }
    return histories.size() == 1;
  }

  private static void crash(World world, int victim) {
    world.crash(victim);
    world.run(300 * MILLISECOND);
    world.restart(victim);
  }

  @ParameterizedTest
  @MethodSource("protocols")
  void atEachTurn(String protocol) {
    int points = Integer.getInteger("points", 4);
    for (int victim = 0; victim < 2; victim++) {
      for (int point = 1; point <= points; point++) {
        World world = world(protocol, point).start();
        Turns turns = new Turns(victim, point);
        world.listen(turns);
        Workload load = new Workload(world, 4, 3, 1);
        load.start();
        assertThat(world.runUntil(turns::over, 20 * SECOND)).isTrue();
        crash(world, victim);
        endsWell(world, load, "R%d at turn %d".formatted(victim, point));
      }
    }
  }

  /** R0, the first leader, is down from 100 to 2,500 ms, so that there is a view change. */
  private static Watch watched(World world, String kind, int count) {
    Watch watch = new Watch(kind, count);
    world.listen(watch);
    world.at(100 * MILLISECOND, () -> world.crash(0));
    world.at(2500 * MILLISECOND, () -> world.restart(0));
    return watch;
  }

  @ParameterizedTest
  @MethodSource("protocols")
  void afterEachKindOfMessage(String protocol) {
    World calm = world(protocol, 1);
    Watch all = watched(calm, "", 1);
    calm.start();
    Workload work = new Workload(calm, 4, 60, 1);
    work.start();
    calm.run(3500 * MILLISECOND);
    endsWell(calm, work, "without another crash");
    assertThat(all.kinds).contains("ViewChange", "NewView");
    for (String kind : all.kinds) {
      for (int count = 1; count <= Integer.getInteger("counts", 1); count++) {
        World world = world(protocol, 1);
        Watch watch = watched(world, kind, count);
        world.start();
        Workload load = new Workload(world, 4, 60, 1);
        load.start();
        world.runUntil(() -> watch.sender >= 0, 3500 * MILLISECOND);
        int victim = watch.sender;
        if (victim > 0) {
          crash(world, victim);
        }
        world.runUntil(() -> world.now() > 3500 * MILLISECOND, 4 * SECOND);
        endsWell(world, load, "R%d after %s %d".formatted(victim, kind, count));
      }
    }
  }
}
