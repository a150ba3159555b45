package io.destiny.core.model;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/**
 * ASSIGN_REQ(c, ver, n, sig_c) of 00-system-model §6: a client asks for another home. It is a
 * request under the client's second number, which differs from the first in the top bit of the
 * session: signed, verified, sent and relayed like any other, and neither can pass for the other.
 * Its timestamp is ver, its one command is n. It is ordered in the O-instance, and no application
 * ever sees it.
 *
 * @param home n
 */
public record Assignment(Request request, int home) {
  /** Longest operation of such a request: a group of one command of two bytes. */
  public static final int MOST_OPERATION_BYTES = 2 + 4 + 2;

  /** No principal has as many sessions. */
  private static final long ASKS = 1L << 31;

  /** Whether this is a client's second number. */
  public static boolean asks(long client) {
    return (client & ASKS) != 0;
  }

  /** The client's second number. */
  public static long asking(long client) {
    return client | ASKS;
  }

  /** The client whose second number this is. */
  public static long asker(long asking) {
    return asking & ~ASKS;
  }

  /** The command of such a request. */
  public static byte[] command(int home) {
    return new Writer(2).u16(home).toBytes();
  }

  /** What the request asks for, or null if it asks for no home. */
  public static @Nullable Assignment of(Request request) {
    if (!asks(request.client()) || request.commands().size() != 1) {
      return null;
    }
    try {
      Reader r = new Reader(request.commands().getFirst());
      int home = r.u16();
      r.end();
      return new Assignment(request, home);
    } catch (MalformedException e) {
      return null;
    }
  }

  /** c. */
  public long client() {
    return asker(request.client());
  }

  /** ver. */
  public long version() {
    return request.timestamp();
  }
}
