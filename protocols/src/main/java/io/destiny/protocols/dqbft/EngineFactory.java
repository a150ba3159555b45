package io.destiny.protocols.dqbft;

import io.destiny.core.engine.ConsensusEngine;

/** Makes the instances: the only thing that DQBFT is told about its base protocol. */
@FunctionalInterface
public interface EngineFactory {
  /**
   * Makes one instance.
   *
   * @param offset leader(v) = (offset + v) mod N
   * @param window W
   */
  ConsensusEngine create(int instance, int offset, int window);
}
