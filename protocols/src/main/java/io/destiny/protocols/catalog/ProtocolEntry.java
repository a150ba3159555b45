package io.destiny.protocols.catalog;

import io.destiny.core.engine.LogSurvey;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.ReplyRule;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One protocol of the catalogue.
 *
 * @param name as users type it
 * @param model its fault model
 * @param homes whether each client has a home replica that proposes for it
 * @param pillars whether its order can be split into several (hybster.md §3)
 * @param replies when its clients believe what they are answered
 * @param factory makes a replica's state machine
 * @param codecs makes the codec of its messages
 * @param surveys makes what reads its instances' logs when nobody runs them any more; null: it
 *     cannot be recovered so
 */
public record ProtocolEntry(
    String name,
    FaultModel model,
    boolean homes,
    boolean pillars,
    ReplyRule replies,
    Function<Settings, Protocol> factory,
    Function<Settings, MessageCodec> codecs,
    @Nullable Function<Settings, LogSurvey> surveys) {

  /** The smallest cluster that tolerates one fault. */
  public int smallest() {
    return model == FaultModel.BFT ? 4 : 3;
  }

  /** Whether each replica has a trusted subsystem. */
  public boolean trusted() {
    return model == FaultModel.HYBRID;
  }

  public QuorumRule rule(int n) {
    return new QuorumRule(n, model);
  }

  /** What a server has that nobody tuned: SBFT alone permutes its collectors (sbft.md §2). */
  public Settings.Tuning tuning(int f) {
    boolean permuted = model == FaultModel.BFT && !homes && replies == ReplyRule.AGGREGATED;
    return Settings.Tuning.defaults(f).change().permuted(permuted).done();
  }

  /**
   * A replica.
   *
   * @throws IllegalArgumentException if the settings ask for pillars that it does not have
   */
  public Protocol create(Settings settings) {
    if (settings.tuning().pillars() > 1 && !pillars) {
      throw new IllegalArgumentException(name + " has no pillars");
    }
    return factory.apply(settings);
  }

  /** What reads the logs of its instances for a recovery; empty where there is no such thing. */
  public Optional<LogSurvey> survey(Settings settings) {
    return Optional.ofNullable(surveys).map(s -> s.apply(settings));
  }

  public MessageCodec codec(Settings settings) {
    return codecs.apply(settings);
  }
}
