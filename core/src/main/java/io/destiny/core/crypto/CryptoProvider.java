package io.destiny.core.crypto;

import java.util.List;

/**
 * Runs {@link Work}. Thread-safe; blocks for as long as the mathematics takes; throws for no input
 * a peer can cause.
 */
public interface CryptoProvider {
  /** Runs one job. */
  Result run(Work work);

  /**
   * Runs several at once, cheaper where they can be checked as a batch; answers in the same order.
   */
  List<Result> runAll(List<Work> works);
}
