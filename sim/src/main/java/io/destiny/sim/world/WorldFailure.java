package io.destiny.sim.world;

import org.jspecify.annotations.Nullable;

/** Something happened that must not happen, whatever the faults. */
public final class WorldFailure extends RuntimeException {
  public WorldFailure(String what) {
    super(what);
  }

  public WorldFailure(String what, @Nullable Throwable cause) {
    super(cause == null ? what : what + ": " + cause.getMessage(), cause);
  }
}
