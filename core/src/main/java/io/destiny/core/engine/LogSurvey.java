package io.destiny.core.engine;

import io.destiny.core.crypto.Work;
import io.destiny.core.machine.LogRecord;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;

/**
 * Reads out of the logs of all reachable replicas what an instance may have decided, when none of
 * them runs any more and too few trusted subsystems are left to ask them (trusted-subsystem.md §7
 * R2). An engine that can be recovered so supplies one.
 */
@FunctionalInterface
public interface LogSurvey {
  /**
   * One instance.
   *
   * @param offset leader(v) = (offset + v) mod N
   * @param window W
   * @param low slots up to here are not asked for
   */
  record Subject(int instance, int offset, int window, long low) {}

  /** One replica's records of the instance. */
  record Log(int replica, List<LogRecord> records) {}

  /**
   * The one value that can have been decided at a slot, as far as the logs tell.
   *
   * @param committed whether a certificate says that it was
   * @param holders the replicas whose logs have it
   */
  record Found(Value value, boolean committed, NavigableSet<Integer> holders) {}

  /** Who checks what the logs claim. */
  interface Judge {
    /** The verdict of a job that is answered with one. */
    boolean holds(Work work);

    /** A record of this replica is damaged or false; it does not count. */
    void rejected(int replica, String why);
  }

  /**
   * The values by slot, with gaps where no log has one. Never throws on account of what a log says.
   */
  NavigableMap<Long, Found> survey(Subject subject, List<Log> logs, Port port, Judge judge);
}
