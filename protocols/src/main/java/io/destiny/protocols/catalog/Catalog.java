package io.destiny.protocols.catalog;

import io.destiny.core.engine.EngineFactory;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.kit.JoinedCodec;
import io.destiny.core.kit.KitCodec;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.ReplyRule;
import io.destiny.protocols.dqbft.Dqbft;
import io.destiny.protocols.dqbft.DqbftValues;
import io.destiny.protocols.hybrid.HybridCodec;
import io.destiny.protocols.linearhybster.LinearHybsterCodec;
import io.destiny.protocols.linearhybster.LinearHybsterEngine;
import io.destiny.protocols.linearhybster.LinearHybsterSurvey;
import io.destiny.protocols.single.Single;
import io.destiny.protocols.single.SingleValues;
import java.util.List;
import java.util.Optional;

/** All protocols that this build can run. */
public final class Catalog {
  private static final List<ProtocolEntry> ENTRIES =
      List.of(
          new ProtocolEntry(
              "linear-hybster",
              FaultModel.HYBRID,
              false,
              ReplyRule.AGGREGATED,
              settings ->
                  new Single(
                      settings,
                      ReplyRule.AGGREGATED,
                      linearHybster(settings, new SingleValues(settings))),
              settings -> linearHybsterCodec(settings, new SingleValues(settings)),
              null),
          new ProtocolEntry(
              "destiny",
              FaultModel.HYBRID,
              true,
              ReplyRule.AGGREGATED,
              settings ->
                  new Dqbft(
                      settings,
                      ReplyRule.AGGREGATED,
                      linearHybster(settings, new DqbftValues(settings))),
              settings -> linearHybsterCodec(settings, new DqbftValues(settings)),
              settings -> new LinearHybsterSurvey(settings, new DqbftValues(settings))));

  private Catalog() {}

  private static EngineFactory linearHybster(Settings settings, ValueDecoder values) {
    return (instance, offset, window) ->
        new LinearHybsterEngine(settings, instance, offset, window, values);
  }

  private static MessageCodec linearHybsterCodec(Settings settings, ValueDecoder values) {
    return new JoinedCodec(
        settings,
        List.of(
            new LinearHybsterCodec(values),
            new HybridCodec(settings.n(), values),
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
