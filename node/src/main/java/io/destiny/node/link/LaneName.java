package io.destiny.node.link;

import io.destiny.wire.replica.Lane;
import org.jspecify.annotations.Nullable;

/** The two lanes to a peer, each a connection of its own. */
enum LaneName {
  /** Small protocol messages. */
  CONTROL(0, Lane.LANE_CONTROL, "control"),
  /** Batches and chunks. */
  BULK(1, Lane.LANE_BULK, "bulk");

  /** How many lanes there are. */
  static final int COUNT = 2;

  private final int index;
  private final Lane wire;
  private final String label;

  LaneName(int index, Lane wire, String label) {
    this.index = index;
    this.wire = wire;
    this.label = label;
  }

  /** Its place in an array of lanes. */
  int index() {
    return index;
  }

  Lane wire() {
    return wire;
  }

  String label() {
    return label;
  }

  static LaneName of(boolean bulk) {
    return bulk ? BULK : CONTROL;
  }

  /** Null for a lane that does not exist. */
  static @Nullable LaneName of(Lane wire) {
    for (LaneName lane : values()) {
      if (lane.wire == wire) {
        return lane;
      }
    }
    return null;
  }
}
