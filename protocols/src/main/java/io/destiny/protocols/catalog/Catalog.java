package io.destiny.protocols.catalog;

import io.destiny.core.engine.EngineFactory;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.kit.JoinedCodec;
import io.destiny.core.kit.KitCodec;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.model.ReplyRule;
import io.destiny.protocols.dqbft.Dqbft;
import io.destiny.protocols.dqbft.DqbftValues;
import io.destiny.protocols.dqbft.OrderList;
import io.destiny.protocols.hybrid.HybridCodec;
import io.destiny.protocols.hybrid.ordering.OrderingCodec;
import io.destiny.protocols.hybrid.ordering.OrderingEngine;
import io.destiny.protocols.hybrid.ordering.OrderingSurvey;
import io.destiny.protocols.hybrid.ordering.Variant;
import io.destiny.protocols.hybster.Hybster;
import io.destiny.protocols.linearhybster.LinearHybster;
import io.destiny.protocols.pbft.PbftCodec;
import io.destiny.protocols.pbft.PbftEngine;
import io.destiny.protocols.single.Single;
import io.destiny.protocols.single.SingleValues;
import io.destiny.protocols.single.TimedBatch;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** All protocols that this build can run: engines alone, and DQBFT over each of them. */
public final class Catalog {
  private static final List<ProtocolEntry> ENTRIES =
      List.of(
          pbftSingle(),
          hybridSingle("hybster", ReplyRule.MATCHING, new Hybster()),
          hybridSingle("linear-hybster", ReplyRule.AGGREGATED, new LinearHybster()),
          pbftDqbft(),
          hybridDqbft("dqhybster", ReplyRule.MATCHING, new Hybster()),
          // destiny.md: DQBFT over Linear Hybster
          hybridDqbft("destiny", ReplyRule.AGGREGATED, new LinearHybster()));

  private Catalog() {}

  /** An engine of the hybrid family alone. */
  private static ProtocolEntry hybridSingle(String name, ReplyRule replies, Variant variant) {
    return new ProtocolEntry(
        name,
        FaultModel.HYBRID,
        false,
        replies,
        settings ->
            new Single(settings, replies, hybrid(settings, new SingleValues(settings), variant)),
        settings -> hybridCodec(settings, new SingleValues(settings), variant),
        null);
  }

  /** DQBFT over an engine of the hybrid family. */
  private static ProtocolEntry hybridDqbft(String name, ReplyRule replies, Variant variant) {
    return new ProtocolEntry(
        name,
        FaultModel.HYBRID,
        true,
        replies,
        settings ->
            new Dqbft(settings, replies, hybrid(settings, new DqbftValues(settings), variant)),
        settings -> hybridCodec(settings, new DqbftValues(settings), variant),
        settings -> new OrderingSurvey(settings, new DqbftValues(settings), variant));
  }

  private static EngineFactory hybrid(Settings settings, ValueDecoder values, Variant variant) {
    return (instance, offset, window) ->
        new OrderingEngine(
            new OrderingEngine.Place(settings, instance, offset, window), values, variant);
  }

  private static MessageCodec hybridCodec(Settings settings, ValueDecoder values, Variant variant) {
    return new JoinedCodec(
        settings,
        List.of(
            variant.codec(),
            new OrderingCodec(values, variant.form()),
            new HybridCodec(settings.n(), values, variant.form()),
            new KitCodec(settings)));
  }

  /** pbft.md alone. */
  private static ProtocolEntry pbftSingle() {
    return new ProtocolEntry(
        "pbft",
        FaultModel.BFT,
        false,
        ReplyRule.MATCHING,
        settings ->
            new Single(
                settings,
                ReplyRule.MATCHING,
                pbft(settings, new SingleValues(settings), i -> TimedBatch.noop(settings))),
        settings -> pbftCodec(settings, new SingleValues(settings)),
        null);
  }

  /** DQBFT over PBFT (dqbft.md §10). */
  private static ProtocolEntry pbftDqbft() {
    return new ProtocolEntry(
        "dqpbft",
        FaultModel.BFT,
        true,
        ReplyRule.MATCHING,
        settings ->
            new Dqbft(
                settings,
                ReplyRule.MATCHING,
                pbft(
                    settings,
                    new DqbftValues(settings),
                    i -> i == Instances.ORDER ? OrderList.noop(settings) : Batch.NOOP)),
        settings -> pbftCodec(settings, new DqbftValues(settings)),
        null);
  }

  /**
   * @param nulls the null request of an instance
   */
  private static EngineFactory pbft(
      Settings settings, ValueDecoder values, IntFunction<Value> nulls) {
    return (instance, offset, window) ->
        new PbftEngine(settings, instance, offset, window, values, nulls.apply(instance));
  }

  private static MessageCodec pbftCodec(Settings settings, ValueDecoder values) {
    return new JoinedCodec(
        settings, List.of(new PbftCodec(settings.n(), values), new KitCodec(settings)));
  }

  public static List<ProtocolEntry> entries() {
    return ENTRIES;
  }

  /** The protocol of this name, if this build has it. */
  public static Optional<ProtocolEntry> find(String name) {
    return ENTRIES.stream().filter(e -> e.name().equals(name)).findFirst();
  }
}
