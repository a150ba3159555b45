package io.destiny.protocols.catalog;

import io.destiny.core.kit.JoinedCodec;
import io.destiny.core.kit.KitCodec;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.protocols.dqbft.Dqbft;
import io.destiny.protocols.dqbft.DqbftValues;
import io.destiny.protocols.hybrid.HybridCodec;
import io.destiny.protocols.hybrid.ordering.OrderingCodec;
import io.destiny.protocols.hybrid.ordering.OrderingEngine;
import io.destiny.protocols.hybrid.ordering.OrderingSurvey;
import io.destiny.protocols.hybrid.ordering.Variant;
import io.destiny.protocols.hybster.Hybster;
import io.destiny.protocols.linearhybster.LinearHybster;
import java.util.List;
import java.util.Optional;

/** All protocols that this build can run. */
public final class Catalog {
  private static final List<ProtocolEntry> ENTRIES =
      List.of(
          // destiny.md: DQBFT over Linear Hybster
          hybridDqbft("destiny", new LinearHybster()),
          // hybster.md, dqbft.md §10
          hybridDqbft("dqhybster", new Hybster()));

  private Catalog() {}

  /** DQBFT over an engine of the hybrid family. */
  private static ProtocolEntry hybridDqbft(String name, Variant variant) {
    return new ProtocolEntry(
        name,
        FaultModel.HYBRID,
        settings -> dqbft(settings, variant),
        settings -> codec(settings, variant),
        settings -> new OrderingSurvey(settings, new DqbftValues(settings), variant));
  }

  private static Protocol dqbft(Settings settings, Variant variant) {
    DqbftValues values = new DqbftValues(settings);
    return new Dqbft(
        settings,
        (instance, offset, window) ->
            new OrderingEngine(
                new OrderingEngine.Place(settings, instance, offset, window), values, variant));
  }

  private static MessageCodec codec(Settings settings, Variant variant) {
    DqbftValues values = new DqbftValues(settings);
    return new JoinedCodec(
        settings,
        List.of(
            variant.codec(),
            new OrderingCodec(values, variant.form()),
            new HybridCodec(settings.n(), values, variant.form()),
            new KitCodec(settings)));
  }

  public static List<ProtocolEntry> entries() {
    return ENTRIES;
  }

  /** The protocol of this name, if this build has it. */
  public static Optional<ProtocolEntry> find(String name) {
    return ENTRIES.stream().filter(e -> e.name().equals(name)).findFirst();
  }
}
