package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import java.util.BitSet;

/**
 * Notices when a run gives an oracle something to check, from other news than the oracle itself
 * reads, so that one that has gone blind is found (V1).
 */
final class Occasions implements TraceListener {
  /** By then somebody has been up at a full second. */
  private static final long LONG_UP = 4_000_000_000L;

  private final Scope scope;
  private final boolean conduct;

  private final BitSet up = new BitSet();

  /** All were down at once: who looks once a second may have looked just then. */
  private boolean dark;

  /**
   * @param conduct whether anybody asks how replicas behave
   */
  Occasions(Scope scope, boolean conduct) {
    this.scope = scope;
    this.conduct = conduct;
  }

  private void of(String... ids) {
    for (String id : ids) {
      scope.count(id).occasions++;
    }
  }

  @Override
  public void started(int replica) {
    up.set(replica);
  }

  @Override
  public void crashed(int replica) {
    up.clear(replica);
    dark |= up.isEmpty();
  }

  /** What was answered was committed, ordered, executed and proved. */
  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    of("S2", "S3", "S4", "S5", "S6", "S7", "S8", "S10");
    if (!answer.results().isEmpty()) {
      of("S9");
    }
    if (answer.at() > LONG_UP && !dark) {
      of("S18");
    }
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    of("S11", "S12");
  }

  @Override
  public void input(int replica, Input input) {
    if (conduct && input instanceof Input.Started) {
      of("S19");
    }
    if (scope.correct(replica) && input instanceof Input.Snapshot(Input.SnapshotEvent event)) {
      if (event instanceof Input.SnapshotEvent.Durable) {
        of("S15", "S20");
      } else if (event instanceof Input.SnapshotEvent.Installed) {
        of("S16");
      }
    }
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Note(Effect.Event.Ordered o)
        && !Instances.orders(o.instance())
        && scope.correct(replica)) {
      of("S1");
    }
    if (scope.correct(replica)
        && effect instanceof Effect.Note(Effect.Event.Gauge g)
        && g.name().equals("checkpoint_stable")
        && g.value() > 0) {
      of("S17");
    }
  }
}
