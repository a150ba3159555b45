package io.destiny.wire;

import io.destiny.core.model.Reconfiguration;

/** What both ends of a stream agree on beside the protobuf definitions. */
public final class WireLimits {
  /** The version that a hello names. */
  public static final int VERSION = 1;

  /** Most canonical messages, requests or replies in one frame. */
  public static final int MAX_PER_FRAME = 4096;

  /** A sender closes a frame at this size; one larger message makes a frame of its own. */
  public static final int FRAME_BYTES = 64 << 10;

  /** Longest result of one request that a client has to accept. */
  public static final int MAX_RESULT_BYTES = 4 << 20;

  /** Longest manifest of a later epoch that is shown to who is in an earlier one. */
  public static final int MAX_MANIFEST_BYTES = Reconfiguration.MOST_MANIFEST_BYTES;

  private WireLimits() {}

  /** Longest frame whose longest single message has {@code longest} bytes. */
  public static int maxFrameBytes(int longest) {
    return longest + FRAME_BYTES + 4096;
  }
}
