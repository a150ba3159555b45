package io.destiny.protocols.catalog;

import io.destiny.core.engine.EngineFactory;
import io.destiny.core.engine.Place;
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
import io.destiny.protocols.hybrid.ordering.VoteCodec;
import io.destiny.protocols.hybster.Hybster;
import io.destiny.protocols.linearhybster.LinearHybster;
import io.destiny.protocols.pbft.Pbft;
import io.destiny.protocols.sbft.Sbft;
import io.destiny.protocols.single.Single;
import io.destiny.protocols.single.SingleValues;
import io.destiny.protocols.single.TimedBatch;
import io.destiny.protocols.threephase.ThreePhase;
import io.destiny.protocols.threephase.ThreePhaseCodec;
import io.destiny.protocols.threephase.ThreePhaseEngine;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** All protocols that this build can run: engines alone, and DQBFT over each of them. */
public final class Catalog {
  private static final List<ProtocolEntry> ENTRIES =
      List.of(
          bftSingle("pbft", ReplyRule.MATCHING, new Pbft()),
          bftSingle("sbft", ReplyRule.AGGREGATED, new Sbft()),
          hybridSingle("hybster", true, ReplyRule.MATCHING, new Hybster()),
          hybridSingle("linear-hybster", false, ReplyRule.AGGREGATED, new LinearHybster()),
          bftDqbft("dqpbft", ReplyRule.MATCHING, new Pbft()),
          bftDqbft("dqsbft", ReplyRule.AGGREGATED, new Sbft()),
          hybridDqbft("dqhybster", ReplyRule.MATCHING, new Hybster()),
          // destiny.md: DQBFT over Linear Hybster
          hybridDqbft("destiny", ReplyRule.AGGREGATED, new LinearHybster()));

  private Catalog() {}

  /** An engine of the hybrid family alone. */
  private static ProtocolEntry hybridSingle(
      String name, boolean pillars, ReplyRule replies, Variant variant) {
    return new ProtocolEntry(
        name,
        FaultModel.HYBRID,
        false,
        pillars,
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
        false,
        replies,
        settings ->
            new Dqbft(settings, replies, hybrid(settings, new DqbftValues(settings), variant)),
        settings -> hybridCodec(settings, new DqbftValues(settings), variant),
        settings -> new OrderingSurvey(settings, new DqbftValues(settings), variant));
  }

  private static EngineFactory hybrid(Settings settings, ValueDecoder values, Variant variant) {
    return (instance, offset, window) ->
        new OrderingEngine(new Place(settings, instance, offset, window), values, variant);
  }

  private static MessageCodec hybridCodec(Settings settings, ValueDecoder values, Variant variant) {
    return new JoinedCodec(
        settings,
        List.of(
            new VoteCodec(variant),
            new OrderingCodec(values, variant.form()),
            new HybridCodec(settings.n(), values, variant.form()),
            new KitCodec(settings)));
  }

  /** An engine of the BFT model alone. */
  private static ProtocolEntry bftSingle(String name, ReplyRule replies, ThreePhase variant) {
    return new ProtocolEntry(
        name,
        FaultModel.BFT,
        false,
        false,
        replies,
        settings ->
            new Single(
                settings,
                replies,
                bft(settings, new SingleValues(settings), i -> TimedBatch.noop(settings), variant)),
        settings -> bftCodec(settings, new SingleValues(settings), variant),
        null);
  }

  /** DQBFT over an engine of the BFT model (dqbft.md §10). */
  private static ProtocolEntry bftDqbft(String name, ReplyRule replies, ThreePhase variant) {
    return new ProtocolEntry(
        name,
        FaultModel.BFT,
        true,
        false,
        replies,
        settings ->
            new Dqbft(
                settings,
                replies,
                bft(
                    settings,
                    new DqbftValues(settings),
                    i -> i == Instances.ORDER ? OrderList.noop(settings) : Batch.NOOP,
                    variant)),
        settings -> bftCodec(settings, new DqbftValues(settings), variant),
        null);
  }

  /**
   * @param nulls the null request of an instance
   */
  private static EngineFactory bft(
      Settings settings, ValueDecoder values, IntFunction<Value> nulls, ThreePhase variant) {
    return (instance, offset, window) ->
        new ThreePhaseEngine(
            new Place(settings, instance, offset, window), values, nulls.apply(instance), variant);
  }

  private static MessageCodec bftCodec(Settings settings, ValueDecoder values, ThreePhase variant) {
    return new JoinedCodec(
        settings,
        List.of(
            variant.codec(),
            new ThreePhaseCodec(settings.n(), values, variant),
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
