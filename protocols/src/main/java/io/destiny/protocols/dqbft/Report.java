package io.destiny.protocols.dqbft;

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
      all.add(dqbft.frame().status(n, order.covered(n), order.needed(n), order.executed(n)));
    }
    long decided = dqbft.ordering().frontier();
    all.add(dqbft.frame().status(Instances.ORDER, decided, decided, order.next() - 1));
    return all;
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
