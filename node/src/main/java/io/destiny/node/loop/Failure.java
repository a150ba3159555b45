package io.destiny.node.loop;

/** Stops the replica: its own state or code cannot be trusted any more. Thread-safe. */
@FunctionalInterface
public interface Failure {
  void stop(Throwable cause);

  /** The work, with everything it throws turned into a stop. */
  default Runnable guard(Fallible work) {
    return () -> {
      try {
        work.run();
      } catch (Throwable e) {
        stop(e);
      }
    };
  }

  /** Work that may fail. */
  @FunctionalInterface
  interface Fallible {
    void run() throws Exception;
  }
}
