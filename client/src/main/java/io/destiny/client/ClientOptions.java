package io.destiny.client;

import io.destiny.core.model.Limits;
import io.destiny.wire.WireLimits;
import java.time.Duration;

/**
 * How a client behaves.
 *
 * @param principal the enrolled key's number, the upper half of client ids
 * @param firstSession first session of the pool
 * @param sessions sessions in the pool, 0 for none: those that {@link DestinyClient#submit} uses
 * @param maxQueued submissions to the pool that wait for a free session
 * @param retransmitAfter T_client: time without an answer after which a request goes to all
 *     replicas; doubles with each repetition, up to eight times
 * @param deadline time after which a submission is given up
 * @param maxOperationBytes longest encoded group of commands that the cluster takes
 * @param maxResultBytes longest encoded result that is accepted
 */
public record ClientOptions(
    int principal,
    int firstSession,
    int sessions,
    int maxQueued,
    Duration retransmitAfter,
    Duration deadline,
    int maxOperationBytes,
    int maxResultBytes) {
  /** Principal 1, 64 pooled sessions from 0, T_client of 2 s, a deadline of 30 s. */
  public static final ClientOptions DEFAULT =
      new ClientOptions(
          1,
          0,
          64,
          10_000,
          Duration.ofSeconds(2),
          Duration.ofSeconds(30),
          Limits.DEFAULT.maxOperationBytes(),
          WireLimits.MAX_RESULT_BYTES);

  public ClientOptions {
    if (firstSession < 0
        || sessions < 0
        || maxQueued < 0
        || maxResultBytes < 1
        || maxOperationBytes < 1) {
      throw new IllegalArgumentException("sessions, queue and result limits are not negative");
    }
    if (retransmitAfter.compareTo(Duration.ofMillis(1)) < 0 || deadline.isNegative()) {
      throw new IllegalArgumentException("T_client is at least a millisecond");
    }
  }

  public ClientOptions withPrincipal(int number) {
    return new ClientOptions(
        number,
        firstSession,
        sessions,
        maxQueued,
        retransmitAfter,
        deadline,
        maxOperationBytes,
        maxResultBytes);
  }

  /** The pool uses {@code count} sessions from {@code first}. */
  public ClientOptions withSessions(int first, int count) {
    return new ClientOptions(
        principal,
        first,
        count,
        maxQueued,
        retransmitAfter,
        deadline,
        maxOperationBytes,
        maxResultBytes);
  }

  public ClientOptions withMaxQueued(int limit) {
    return new ClientOptions(
        principal,
        firstSession,
        sessions,
        limit,
        retransmitAfter,
        deadline,
        maxOperationBytes,
        maxResultBytes);
  }

  public ClientOptions withRetransmitAfter(Duration time) {
    return new ClientOptions(
        principal,
        firstSession,
        sessions,
        maxQueued,
        time,
        deadline,
        maxOperationBytes,
        maxResultBytes);
  }

  public ClientOptions withDeadline(Duration time) {
    return new ClientOptions(
        principal,
        firstSession,
        sessions,
        maxQueued,
        retransmitAfter,
        time,
        maxOperationBytes,
        maxResultBytes);
  }

  public ClientOptions withMaxOperationBytes(int limit) {
    return new ClientOptions(
        principal,
        firstSession,
        sessions,
        maxQueued,
        retransmitAfter,
        deadline,
        limit,
        maxResultBytes);
  }
}
