package io.destiny.server;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/**
 * An operation on the key-value state machine, and its encoding: kind u8, key with a u32 length,
 * then what the kind needs. Keys have 1 to {@value #MAX_KEY} bytes, values 0 to {@value
 * #MAX_VALUE}; arrays are not to be modified.
 */
public sealed interface KeyValueOperation {
  /** Longest key in bytes. */
  int MAX_KEY = 1 << 10;

  /** Longest value in bytes. */
  int MAX_VALUE = 512 << 10;

  byte[] key();

  /** Sets the key. Answered by {@code Done}. */
  record Put(byte[] key, byte[] value) implements KeyValueOperation {
    public Put {
      checkKey(key);
      checkValue(value);
    }
  }

  /**
   * Reads the key, in the order like everything else. Answered by {@code Found} or {@code Absent}.
   */
  record Get(byte[] key) implements KeyValueOperation {
    public Get {
      checkKey(key);
    }
  }

  /** Removes the key. Answered by {@code Done} or {@code Absent}. */
  record Delete(byte[] key) implements KeyValueOperation {
    public Delete {
      checkKey(key);
    }
  }

  /**
   * Sets the key if it holds {@code expected}. Answered by {@code Done} or {@code Different}.
   *
   * @param expected null: the key must not exist
   */
  record CompareAndSet(byte[] key, byte @Nullable [] expected, byte[] value)
      implements KeyValueOperation {
    public CompareAndSet {
      checkKey(key);
      if (expected != null) {
        checkValue(expected);
      }
      checkValue(value);
    }
  }

  private static void checkKey(byte[] key) {
    if (key.length == 0 || key.length > MAX_KEY) {
      throw new IllegalArgumentException("a key has 1 to 1024 bytes, not " + key.length);
    }
  }

  private static void checkValue(byte[] value) {
    if (value.length > MAX_VALUE) {
      throw new IllegalArgumentException("a value has at most 512 KiB, not " + value.length + " B");
    }
  }

  /** The command's bytes. */
  default byte[] encode() {
    Writer w = new Writer(16 + key().length);
    switch (this) {
      case Put p -> w.u8(1).bytes(p.key).bytes(p.value);
      case Get g -> w.u8(2).bytes(g.key);
      case Delete d -> w.u8(3).bytes(d.key);
      case CompareAndSet c -> {
        w.u8(4).bytes(c.key).u8(c.expected == null ? 0 : 1);
        if (c.expected != null) {
          w.bytes(c.expected);
        }
        w.bytes(c.value);
      }
    }
    return w.toBytes();
  }

  /** Reads {@link #encode}'s form and nothing else. */
  static KeyValueOperation decode(byte[] bytes) throws MalformedException {
    Reader r = new Reader(bytes);
    int kind = r.u8();
    byte[] key = r.bytes(MAX_KEY);
    if (key.length == 0) {
      throw new MalformedException("empty key");
    }
    KeyValueOperation operation =
        switch (kind) {
          case 1 -> new Put(key, r.bytes(MAX_VALUE));
          case 2 -> new Get(key);
          case 3 -> new Delete(key);
          case 4 -> new CompareAndSet(key, expected(r), r.bytes(MAX_VALUE));
          default -> throw new MalformedException("unknown operation");
        };
    r.end();
    return operation;
  }

  private static byte @Nullable [] expected(Reader r) throws MalformedException {
    return switch (r.u8()) {
      case 0 -> null;
      case 1 -> r.bytes(MAX_VALUE);
      default -> throw new MalformedException("neither absent nor present");
    };
  }
}
