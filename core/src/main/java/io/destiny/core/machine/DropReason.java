package io.destiny.core.machine;

/** Why something was dropped; each is a metric. */
public enum DropReason {
  /** Not from the replica whose role it is. */
  WRONG_SENDER,
  /** A view that was left, or was not entered. */
  WRONG_VIEW,
  /** At or below the low watermark. */
  OLD,
  /** Above the window: early, not wrong. */
  BEYOND_WINDOW,
  /** Already had. */
  DUPLICATE,
  /** A payload or statement that does not match its digest or role. */
  INVALID,
  /** A signature, share or certificate that does not verify. */
  BAD_SIGNATURE,
  /** Bytes that no decoder accepts. */
  MALFORMED,
  /** Of an epoch that is over here, or has not begun. */
  OTHER_EPOCH,
  /** A bounded store is full. */
  FULL,
  /** A message this replica has no use for. */
  UNEXPECTED,
  /** A request with t below the client's last. */
  STALE_REQUEST,
  /** A client that is not enrolled. */
  UNKNOWN_CLIENT
}
