package io.destiny.server;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/** What a {@link KeyValueOperation} gave, and its encoding: kind u8 and what the kind needs. */
public sealed interface KeyValueResult {
  /** The operation took effect. */
  record Done() implements KeyValueResult {}

  /** The key's value. */
  record Found(byte[] value) implements KeyValueResult {}

  /** There is no such key. */
  record Absent() implements KeyValueResult {}

  /**
   * Compare-and-set found another value and changed nothing.
   *
   * @param actual what is there; null if there is no such key
   */
  record Different(byte @Nullable [] actual) implements KeyValueResult {}

  /** Nothing changed, at any replica, for this reason. */
  record Rejected(Reason reason) implements KeyValueResult {}

  /** Why an operation was rejected. */
  enum Reason {
    /** The command's bytes are no operation. */
    MALFORMED(0),
    /** The state has reached its limit. */
    FULL(1);

    private final int code;

    Reason(int code) {
      this.code = code;
    }
  }

  /** The result's bytes. */
  default byte[] encode() {
    return switch (this) {
      case Done d -> new byte[] {1};
      case Found f -> new Writer(5 + f.value.length).u8(2).bytes(f.value).toBytes();
      case Absent a -> new byte[] {3};
      case Different d ->
          d.actual == null
              ? new byte[] {4, 0}
              : new Writer(6 + d.actual.length).u8(4).u8(1).bytes(d.actual).toBytes();
      case Rejected r -> new byte[] {5, (byte) r.reason.code};
    };
  }

  /** Reads {@link #encode}'s form and nothing else. */
  static KeyValueResult decode(byte[] bytes) throws MalformedException {
    Reader r = new Reader(bytes);
    KeyValueResult result =
        switch (r.u8()) {
          case 1 -> new Done();
          case 2 -> new Found(r.bytes(KeyValueOperation.MAX_VALUE));
          case 3 -> new Absent();
          case 4 -> new Different(actual(r));
          case 5 -> new Rejected(reason(r));
          default -> throw new MalformedException("unknown result");
        };
    r.end();
    return result;
  }

  private static byte @Nullable [] actual(Reader r) throws MalformedException {
    return switch (r.u8()) {
      case 0 -> null;
      case 1 -> r.bytes(KeyValueOperation.MAX_VALUE);
      default -> throw new MalformedException("neither absent nor present");
    };
  }

  private static Reason reason(Reader r) throws MalformedException {
    return switch (r.u8()) {
      case 0 -> Reason.MALFORMED;
      case 1 -> Reason.FULL;
      default -> throw new MalformedException("unknown reason");
    };
  }
}
