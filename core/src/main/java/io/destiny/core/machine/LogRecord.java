package io.destiny.core.machine;

import io.destiny.core.statement.Writer;

/**
 * A record of the protocol log, found again by its key (instance, slot, kind, view); a second
 * record with the same key replaces the first. Immutable. Its bytes are made when the driver writes
 * it, not in the turn that asks for it.
 */
public final class LogRecord {
  /** Writes a record's bytes, the same ones every time, from values that never change. */
  @FunctionalInterface
  public interface Body {
    void encode(Writer w);
  }

  private final int instance;
  private final long slot;
  private final int kind;
  private final long view;
  private final int expected;
  private final Body body;

  /**
   * @param instance whose record
   * @param slot which slot, 0 for records about the instance as a whole
   * @param kind a number of the engine's choosing, 0..255
   * @param view the view, so that records of two views do not replace each other
   * @param expected about how many bytes the body has
   * @param body opaque to the driver
   */
  public LogRecord(int instance, long slot, int kind, long view, int expected, Body body) {
    this.instance = instance;
    this.slot = slot;
    this.kind = kind;
    this.view = view;
    this.expected = expected;
    this.body = body;
  }

  /** A record whose bytes are there already. */
  public LogRecord(int instance, long slot, int kind, long view, byte[] body) {
    this(instance, slot, kind, view, body.length, w -> w.raw(body));
  }

  public int instance() {
    return instance;
  }

  public long slot() {
    return slot;
  }

  public int kind() {
    return kind;
  }

  public long view() {
    return view;
  }

  /** The bytes, made anew by each call. */
  public byte[] body() {
    Writer w = new Writer(expected);
    body.encode(w);
    return w.toBytes();
  }
}
