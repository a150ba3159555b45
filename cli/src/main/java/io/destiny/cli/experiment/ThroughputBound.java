package io.destiny.cli.experiment;

import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The closed throughput formulas of the paper's Figure 2 and of its text (00-system-model.md §9).
 * Each divides the payloads that are committed in a round by the bytes that the busiest replica
 * moves for them, in and out. N replicas; N_F = N-f, f of the bound's fault model; pm, sm: bytes of
 * a payload message and of a state message; B: bytes a second of each replica.
 */
public enum ThroughputBound {
  /** {@code T_p = B / ((N-1)·pm)}: one replica sends each payload to all, and nobody votes. */
  SINGLE_PROPOSER("single-proposer", "single proposer, no votes", null),

  /** {@code B / ((N-1)·(pm+3sm))}: proposals out, Prepares in, Commits both ways. */
  PBFT("pbft", "PBFT", FaultModel.BFT),

  /** {@code B / ((N-1)·(pm+sm))}: Prepares out, Commits in. */
  HYBSTER("hybster", "Hybster", FaultModel.HYBRID),

  /**
   * {@code T_cmax = N_F·B / ((N-1)·pm + (N_F-1)·pm)}: N_F replicas propose and nobody votes; N =
   * 3f+1.
   */
  CONCURRENT_BFT("concurrent-bft", "all propose, no votes, N = 3f+1", FaultModel.BFT),

  /** The same for N = 2f+1. */
  CONCURRENT_HYBRID("concurrent-hybrid", "all propose, no votes, N = 2f+1", FaultModel.HYBRID),

  /** {@code N_F·B / ((N-1)(pm+3sm) + (N_F-1)(pm+4(N-1)sm) + (N-1)·4sm)}. */
  DQPBFT("dqpbft", "DQPBFT", FaultModel.BFT),

  /**
   * {@code N_F·B / ((N-1)(pm+3sm) + (N_F-1)(pm+3sm) + (N-1)·4sm)}. The last term pays for one
   * O-slot in N_F payloads: the formula takes for granted that ordering decisions are batched.
   */
  DESTINY("destiny", "Destiny", FaultModel.HYBRID),

  /**
   * Destiny with an O-slot of its own for each payload, {@code N_F·(N-1)·4sm} at the O-primary: not
   * in the paper, drawn to show what its formula leaves out.
   */
  DESTINY_UNBATCHED(
      "destiny-unbatched", "Destiny, O-slots not batched (our addition)", FaultModel.HYBRID);

  private final String id;
  private final String label;
  private final @Nullable FaultModel model;

  ThroughputBound(String id, String label, @Nullable FaultModel model) {
    this.id = id;
    this.label = label;
    this.model = model;
  }

  /** As files name it: lower case, without spaces and commas. */
  public String id() {
    return id;
  }

  /** As legends name it. */
  public String label() {
    return label;
  }

  /** Empty for {@link #SINGLE_PROPOSER}, to which faults make no difference. */
  public Optional<FaultModel> model() {
    return Optional.ofNullable(model);
  }

  /** The faulty replicas that N of them tolerate; empty where there is no fault model. */
  public OptionalInt f(int n) {
    return model == null ? OptionalInt.empty() : OptionalInt.of(new QuorumRule(n, model).f());
  }

  /**
   * The greatest throughput that bandwidth allows.
   *
   * @param n replicas, 2 or more
   * @return commands a second
   */
  public double commandsPerSecond(int n, Sizes sizes) {
    if (n < 2) {
      throw new IllegalArgumentException("with " + n + " replicas nothing is sent");
    }
    double commands = (double) payloadsPerRound(n) * sizes.commandsPerPayload();
    return commands * sizes.bytesPerSecond() / bytesPerRound(n, sizes);
  }

  /** One for a single proposer; otherwise one for each of the N_F replicas. */
  private long payloadsPerRound(int n) {
    return switch (this) {
      case SINGLE_PROPOSER, PBFT, HYBSTER -> 1;
      case CONCURRENT_BFT, CONCURRENT_HYBRID, DQPBFT, DESTINY, DESTINY_UNBATCHED -> nonFaulty(n);
    };
  }

  private long bytesPerRound(int n, Sizes sizes) {
    long pm = sizes.payloadMessageBytes();
    long sm = sizes.stateMessageBytes();
    long peers = n - 1L;
    long others = nonFaulty(n) - 1L; // slots of a round that other replicas propose
    return switch (this) {
      case SINGLE_PROPOSER -> peers * pm;
      case PBFT -> peers * (pm + 3 * sm);
      case HYBSTER -> peers * (pm + sm);
      case CONCURRENT_BFT, CONCURRENT_HYBRID -> peers * pm + others * pm;
      case DQPBFT -> peers * (pm + 3 * sm) + others * (pm + 4 * peers * sm) + peers * 4 * sm;
      case DESTINY -> peers * (pm + 3 * sm) + others * (pm + 3 * sm) + peers * 4 * sm;
      case DESTINY_UNBATCHED ->
          peers * (pm + 3 * sm) + others * (pm + 3 * sm) + nonFaulty(n) * peers * 4 * sm;
    };
  }

  /** N_F. */
  private long nonFaulty(int n) {
    return (long) n - f(n).orElse(0);
  }

  /**
   * What the formulas are evaluated for.
   *
   * @param bytesPerSecond B, of each replica, in and out together
   * @param payloadMessageBytes pm
   * @param stateMessageBytes sm
   * @param commandsPerPayload commands in a payload message
   */
  public record Sizes(
      long bytesPerSecond, int payloadMessageBytes, int stateMessageBytes, int commandsPerPayload) {
    public Sizes {
      if (bytesPerSecond < 1
          || payloadMessageBytes < 1
          || stateMessageBytes < 1
          || commandsPerPayload < 1) {
        throw new IllegalArgumentException("bandwidth, sizes and commands are at least 1");
      }
    }
  }
}
