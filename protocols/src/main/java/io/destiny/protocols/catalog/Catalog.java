package io.destiny.protocols.catalog;

import io.destiny.core.engine.LogSurvey;
import io.destiny.core.kit.JoinedCodec;
import io.destiny.core.kit.KitCodec;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.protocols.dqbft.Dqbft;
import io.destiny.protocols.dqbft.DqbftValues;
import io.destiny.protocols.dqbft.OrderList;
import io.destiny.protocols.hybrid.HybridCodec;
import io.destiny.protocols.linearhybster.LinearHybsterCodec;
import io.destiny.protocols.linearhybster.LinearHybsterEngine;
import io.destiny.protocols.linearhybster.LinearHybsterSurvey;
import io.destiny.protocols.pbft.PbftCodec;
import io.destiny.protocols.pbft.PbftEngine;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** All protocols that this build can run. */
public final class Catalog {
  private static final List<ProtocolEntry> ENTRIES =
      List.of(
          new ProtocolEntry(
              "destiny",
              FaultModel.HYBRID,
              Catalog::destiny,
              Catalog::destinyCodec,
              settings -> new LinearHybsterSurvey(settings, new DqbftValues(settings))),
          new ProtocolEntry(
              "dqpbft", FaultModel.BFT, Catalog::dqpbft, Catalog::dqpbftCodec, Catalog::noSurvey));

  private Catalog() {}

  /** Destiny = DQBFT over Linear Hybster (destiny.md). */
  private static Protocol destiny(Settings settings) {
    DqbftValues values = new DqbftValues(settings);
    return new Dqbft(
        settings,
        (instance, offset, window) ->
            new LinearHybsterEngine(settings, instance, offset, window, values));
  }

  private static MessageCodec destinyCodec(Settings settings) {
    DqbftValues values = new DqbftValues(settings);
    return new JoinedCodec(
        settings,
        List.of(
            new LinearHybsterCodec(values),
            new HybridCodec(settings.n(), values),
            new KitCodec(settings)));
  }

  /** DQPBFT = DQBFT over PBFT (dqbft.md §10). */
  private static Protocol dqpbft(Settings settings) {
    DqbftValues values = new DqbftValues(settings);
    return new Dqbft(
        settings,
        (instance, offset, window) ->
            new PbftEngine(
                settings,
                instance,
                offset,
                window,
                values,
                instance == Instances.ORDER ? OrderList.noop(settings) : Batch.NOOP));
  }

  private static MessageCodec dqpbftCodec(Settings settings) {
    return new JoinedCodec(
        settings,
        List.of(new PbftCodec(settings.n(), new DqbftValues(settings)), new KitCodec(settings)));
  }

  /** In the BFT model no log proves what was decided: a replica that lost its log stays mute. */
  private static LogSurvey noSurvey(Settings settings) {
    return (subject, logs, port, judge) -> new TreeMap<>();
  }

  public static List<ProtocolEntry> entries() {
    return ENTRIES;
  }

  /** The protocol of this name, if this build has it. */
  public static Optional<ProtocolEntry> find(String name) {
    return ENTRIES.stream().filter(e -> e.name().equals(name)).findFirst();
  }
}
