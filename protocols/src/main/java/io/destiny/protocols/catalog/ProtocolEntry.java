package io.destiny.protocols.catalog;

import io.destiny.core.engine.LogSurvey;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import java.util.function.Function;

/**
 * One protocol of the catalogue.
 *
 * @param name as users type it
 * @param model its fault model
 * @param factory makes a replica's state machine
 * @param codecs makes the codec of its messages
 * @param surveys makes what reads its instances' logs when nobody runs them any more
 */
public record ProtocolEntry(
    String name,
    FaultModel model,
    Function<Settings, Protocol> factory,
    Function<Settings, MessageCodec> codecs,
    Function<Settings, LogSurvey> surveys) {

  /** The smallest cluster that tolerates one fault. */
  public int smallest() {
    return model == FaultModel.BFT ? 4 : 3;
  }

  public QuorumRule rule(int n) {
    return new QuorumRule(n, model);
  }

  public Protocol create(Settings settings) {
    return factory.apply(settings);
  }

  public LogSurvey survey(Settings settings) {
    return surveys.apply(settings);
  }

  public MessageCodec codec(Settings settings) {
    return codecs.apply(settings);
  }
}
