package io.destiny.cli;

import io.destiny.core.machine.Input;
import io.destiny.core.model.Homes;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a protocol can do at its smallest size, tried in simulated runs under closed-loop clients,
 * with its default tuning and all oracles on.
 */
class CatalogScenes {
  private static final long SECOND = 1_000_000_000L;
  private static final int CLIENTS = 12;

  /** Enough for state transfers and view changes with time-outs of a second. */
  private static final long PATIENCE = 40 * SECOND;

  private final ProtocolEntry protocol;
  private final Set<String> lost;

  /**
   * @param lost kinds of messages that never arrive
   */
  CatalogScenes(ProtocolEntry protocol, Set<String> lost) {
    this.protocol = protocol;
    this.lost = lost;
  }

  /** The first leader stops for good: another one leads, and all clients are answered. */
  boolean viewChange() {
    Scene s = new Scene();
    s.world.run(SECOND);
    s.world.crash(0);
    s.world.run(3 * SECOND);
    boolean answered = s.allAreAnswered();
    return s.over(
        answered
            && s.up()
                .allMatch(
                    i -> s.world.status(i).views().values().stream().anyMatch(view -> view > 0)));
  }

  /** Checkpoints become stable one after the other, and logs do not grow with the history. */
  boolean checkpoint() {
    Scene s = new Scene();
    boolean first = s.checkpoints(2);
    int records = s.world.logSize(0);
    boolean later = first && s.checkpoints(8);
    return s.over(later && s.up().allMatch(i -> s.world.logSize(i) <= 2 * records));
  }

  /** A replica was away until nobody had what it misses: it fetches a state. */
  boolean stateTransfer() {
    Scene s = new Scene();
    int away = s.n - 1;
    s.world.run(SECOND);
    s.world.crash(away);
    boolean gone = s.checkpoints(8);
    s.world.restart(away);
    return s.over(gone && s.allAreAnswered() && s.areEqual() && s.installed);
  }

  /** The power fails for all at once: what was answered is there, and all go on. */
  boolean restart() {
    Scene s = new Scene();
    s.world.run(SECOND);
    long answered = s.answered;
    for (int i = 0; i < s.n; i++) {
      powerFails(s.world, i);
    }
    s.world.run(SECOND);
    for (int i = 0; i < s.n; i++) {
      s.world.restart(i);
    }
    s.world.run(SECOND);
    return s.over(
        s.allAreAnswered()
            && s.answered > answered + CLIENTS
            && s.areEqual()
            && s.world.status(0).commands() >= s.answered);
  }

  /** What happens to a replica's memory and disk. */
  void powerFails(World world, int replica) {
    world.crash(replica);
  }

  private final class Scene implements TraceListener {
    final int n = protocol.smallest();
    final World world;
    private final Oracles oracles;
    private boolean stopped;
    private int outstanding;
    long answered;
    boolean installed;

    Scene() {
      world =
          World.of(WorldOptions.of(protocol.rule(n), protocol::create, protocol::codec))
              .listen(this);
      world.network().filter((from, to, frame) -> !lost.contains(frame.kind()));
      oracles = Oracles.on(world, null);
      world.start();
      for (int c = 1; c <= CLIENTS; c++) {
        next(world.client(c));
      }
    }

    private void next(ClientStub client) {
      outstanding++;
      client.retransmit(
          client.submit(Homes.of(client.id(), n), "put:k" + answered % 50 + "=" + answered),
          SECOND / 2);
    }

    @Override
    public void accepted(ClientStub client, ClientStub.Accepted answer) {
      answered++;
      outstanding--;
      client.forget(answer.request().timestamp());
      if (!stopped) {
        next(client);
      }
    }

    @Override
    public void input(int replica, Input input) {
      installed |=
          input instanceof Input.Snapshot(Input.SnapshotEvent event)
              && event instanceof Input.SnapshotEvent.Installed;
    }

    IntStream up() {
      return IntStream.range(0, n).filter(world::up);
    }

    /** R0 has a stable checkpoint so many intervals from the first. */
    boolean checkpoints(int many) {
      int interval = world.options().tuning().checkpointInterval();
      return world.runUntil(() -> world.status(0).checkpoint() >= (long) many * interval, PATIENCE);
    }

    boolean allAreAnswered() {
      stopped = true;
      return world.runUntil(() -> outstanding == 0, PATIENCE);
    }

    boolean areEqual() {
      return world.runUntil(
          () ->
              up().mapToObj(i -> ((TinyStore) world.application(i)).history()).distinct().count()
                  == 1,
          PATIENCE);
    }

    /** Ends the oracles' work: what they find is an error, whatever the outcome. */
    boolean over(boolean outcome) {
      oracles.finish();
      return outcome;
    }
  }
}
