package io.destiny.protocols.dqbft;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.machine.InstanceStatus;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What an operator and the oracles are shown of a replica; it changes nothing. */
final class Report {
  private final Settings settings;
  private final Dqbft dqbft;

  Report(Settings settings, Dqbft dqbft) {
    this.settings = settings;
    this.dqbft = dqbft;
  }

  Status status() {
    TreeMap<String, Long> views = new TreeMap<>();
    for (int n = 0; n < settings.n(); n++) {
      views.put(Instances.name(n), dqbft.dissemination(n).view());
    }
    views.put(Instances.name(Instances.ORDER), dqbft.ordering().view());
    return new Status(
        views,
        dqbft.order().position(),
        dqbft.order().commands(),
        dqbft.recovery().checkpoints().stable(),
        digest(),
        dqbft.pending().size(),
        slots(),
        dqbft.recovery().behind() || dqbft.recovery().transfer().active());
  }

  List<InstanceStatus> instances() {
    GlobalOrder order = dqbft.order();
    List<InstanceStatus> all = new ArrayList<>(settings.n() + 1);
    for (int n = 0; n < settings.n(); n++) {
      ConsensusEngine engine = dqbft.dissemination(n);
      all.add(instance(n, engine, order.covered(n), order.needed(n), order.executed(n)));
    }
    ConsensusEngine ordering = dqbft.ordering();
    long decided = ordering.frontier();
    all.add(instance(Instances.ORDER, ordering, decided, decided, order.nextList() - 1));
    return all;
  }

  private static InstanceStatus instance(
      int number, ConsensusEngine engine, long ordered, long demanded, long executed) {
    long decided = engine.frontier();
    long open = Math.max(engine.highest(), demanded) > decided ? decided + 1 : 0;
    ConsensusEngine.Held held = engine.held(decided + 1);
    return new InstanceStatus(
        Instances.name(number),
        engine.view(),
        engine.entered(),
        engine.primary(),
        engine.stable(),
        decided,
        engine.highest(),
        ordered,
        demanded,
        executed,
        open,
        held.proposal(),
        held.payload(),
        held.commit(),
        held.votes());
  }

  private int slots() {
    int slots = dqbft.ordering().slots() + dqbft.certifier().slots();
    for (int n = 0; n < settings.n(); n++) {
      slots += dqbft.dissemination(n).slots();
    }
    return slots;
  }

  /** Over the last checkpoint's state and every result since the beginning. */
  private Digest digest() {
    return Digest.of(
        new Writer(64).digest(dqbft.recovery().state()).digest(dqbft.order().history()).toBytes());
  }
}
