package io.destiny.sim.script;

import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import java.util.Optional;
import java.util.function.Function;

/** The protocols that scripts may name. */
@FunctionalInterface
public interface ProtocolRegistry {
  Optional<Entry> find(String name);

  /**
   * One protocol.
   *
   * @param model decides how many replicas tolerate f faults
   */
  record Entry(
      FaultModel model,
      Function<Settings, Protocol> protocol,
      Function<Settings, MessageCodec> codec) {}
}
