package io.destiny.client;

import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** How a submission ended. Every submission ends with one of these, never with an exception. */
public sealed interface Answer {
  /**
   * The commands were executed, once, in the global order.
   *
   * @param results one for each command, in order
   * @param receipt the proof; null where f+1 replicas answered alike but the proof was gone
   */
  record Success(List<byte[]> results, @Nullable Receipt receipt) implements Answer {
    /** The place in the global order, where a proof names it. */
    public OptionalLong position() {
      return receipt == null ? OptionalLong.empty() : OptionalLong.of(receipt.position());
    }
  }

  /** A request with a higher timestamp of the same session was executed; this one was not. */
  record Stale(String detail) implements Answer {}

  /** The home replica's queue was full until the deadline. The request was perhaps executed. */
  record Busy(String detail) implements Answer {}

  /** Not enough evidence before the deadline. Whether the request was executed is not known. */
  record Unavailable(String detail) implements Answer {}

  /** f+1 replicas refused the request for the same reason: it was not executed. */
  record Refused(Refusal reason, String detail) implements Answer {}

  /** The request was never sent. */
  record Rejected(Rejection reason, String detail) implements Answer {}

  /** The client was closed before an answer came. Whether the request was executed is not known. */
  record Closed(String detail) implements Answer {}

  /** Why replicas refuse a request for good. */
  enum Refusal {
    BAD_SIGNATURE,
    UNKNOWN_CLIENT,
    MALFORMED
  }

  /** Why the client did not send a request. */
  enum Rejection {
    /** As many submissions as the options allow wait for a session. */
    QUEUE_FULL,
    /** The session has a request outstanding. */
    SESSION_IN_USE,
    /** No commands, too many, or too long for one request. */
    BAD_GROUP
  }

  /** One line for people. */
  default String describe() {
    return switch (this) {
      case Success s ->
          s.receipt == null
              ? "executed, vouched for by f+1 replicas"
              : "executed at position " + s.receipt.position() + " with proof";
      case Stale s -> "STALE: " + s.detail;
      case Busy b -> "BUSY: " + b.detail;
      case Unavailable u -> "UNAVAILABLE: " + u.detail;
      case Refused r -> r.reason + ": " + r.detail;
      case Rejected r -> r.reason + ": " + r.detail;
      case Closed c -> "CLOSED: " + c.detail;
    };
  }
}
