package io.destiny.sim.world;

import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import org.jspecify.annotations.Nullable;

/** A message as it travels: its bytes, and what its header says. */
public final class Frame {
  private final String name;
  private final byte[] bytes;
  private final boolean forged;
  private final long view;
  private final long sequence;
  private @Nullable Digest digest;

  private Frame(String name, byte[] bytes, boolean forged) {
    this.name = name;
    this.bytes = bytes;
    this.forged = forged;
    long v = 0;
    long s = 0;
    try {
      Reader r = new Reader(bytes);
      r.raw(8);
      v = r.u32();
      s = r.u64();
    } catch (MalformedException e) {
      // too short to have a header: only a forged one is
    }
    this.view = v;
    this.sequence = s;
  }

  static Frame of(Message message, byte[] bytes) {
    return new Frame(Instances.name(message.instance()) + "." + message.kind(), bytes, false);
  }

  /** Bytes that no correct replica sent; they may be anything. */
  public static Frame forged(String name, byte[] bytes) {
    return new Frame(name, bytes, true);
  }

  /** Instance and kind, such as {@code D1.Prepare}. */
  public String name() {
    return name;
  }

  /** The kind alone, such as {@code Prepare}. */
  public String kind() {
    return name.substring(name.indexOf('.') + 1);
  }

  /** The encoded message, not to be modified. */
  public byte[] bytes() {
    return bytes;
  }

  public long view() {
    return view;
  }

  public long sequence() {
    return sequence;
  }

  /** Whether no replica sent it. */
  public boolean isForged() {
    return forged;
  }

  Digest digest() {
    Digest d = digest;
    if (d == null) {
      d = Digest.of(bytes);
      digest = d;
    }
    return d;
  }
}
