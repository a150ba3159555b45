package io.destiny.core.model;

import io.destiny.core.statement.Writer;

/** Where a client is at home before any assignment (00-system-model §6). */
public final class Homes {
  private Homes() {}

  /** H(c) mod N: the first eight bytes of SHA-256 of the client number, unsigned. */
  public static int of(long client, int n) {
    return (int)
        Long.remainderUnsigned(Digest.of(new Writer(16).u64(client).toBytes()).prefix(), n);
  }
}
