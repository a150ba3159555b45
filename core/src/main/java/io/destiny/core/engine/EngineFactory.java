package io.destiny.core.engine;

/** Makes the instances: the only thing that a composer is told about its base protocol. */
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
