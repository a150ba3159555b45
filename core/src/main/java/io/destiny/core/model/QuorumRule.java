package io.destiny.core.model;

/**
 * Quorum arithmetic (00-system-model §2): sizes are data, never subclasses.
 *
 * @param n number of replicas, 1..65535
 * @param model the fault model
 */
public record QuorumRule(int n, FaultModel model) {
  public QuorumRule {
    if (n < 1 || n >= Instances.ORDER) {
      throw new IllegalArgumentException("a cluster has 1 to 65534 replicas, not " + n);
    }
  }

  /** The number of faulty replicas tolerated. */
  public int f() {
    return model == FaultModel.BFT ? (n - 1) / 3 : (n - 1) / 2;
  }

  /** Q: the size wherever quorums must intersect (votes, view changes, ordering threshold). */
  public int quorum() {
    return model == FaultModel.BFT ? (n + f() + 2) / 2 : n / 2 + 1;
  }

  /** How many vouch for a stable checkpoint (00-system-model §7). */
  public int vouchers() {
    return model == FaultModel.BFT ? quorum() : weak();
  }

  /** f+1: any set of this size holds a correct replica. */
  public int weak() {
    return f() + 1;
  }
}
