package io.destiny.core.model;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoded result of a request: one result a command, or STALE (00-system-model §6, execution
 * rule 3).
 */
public final class Outcome {
  /** The constant result of a request whose timestamp is below its client's last. */
  public static byte[] stale() {
    return new byte[] {1};
  }

  private Outcome() {}

  /** status u8 = 0, count u16, then each result with a u32 length. */
  public static byte[] encode(List<byte[]> results) {
    int size = 3;
    for (byte[] result : results) {
      size += 4 + result.length;
    }
    Writer w = new Writer(size).u8(0).u16(results.size());
    for (byte[] result : results) {
      w.bytes(result);
    }
    return w.toBytes();
  }

  /** What stands for a result that was too long to keep for retransmission: executed, once. */
  public static byte[] notKept() {
    return new byte[] {2};
  }

  public static boolean isNotKept(byte[] outcome) {
    return outcome.length == 1 && outcome[0] == 2;
  }

  public static boolean isStale(byte[] outcome) {
    return outcome.length == 1 && outcome[0] == 1;
  }

  /** The results of the commands, in order; an empty list for STALE and for one not kept. */
  public static List<byte[]> decode(byte[] outcome) throws MalformedException {
    if (isStale(outcome) || isNotKept(outcome)) {
      return List.of();
    }
    Reader r = new Reader(outcome);
    if (r.u8() != 0) {
      throw new MalformedException("unknown status of a result");
    }
    int count = r.u16();
    List<byte[]> results = new ArrayList<>(Math.min(count, outcome.length));
    for (int i = 0; i < count; i++) {
      results.add(r.bytes(outcome.length));
    }
    r.end();
    return results;
  }
}
