package io.destiny.sim.world;

import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A message as it travels. Where the world encodes, it is its bytes; where it does not, all
 * receivers get the very object that was sent, and the bytes are made only for who asks.
 */
public final class Frame {
  private final @Nullable Message message;
  private final @Nullable MessageCodec codec;
  private final int sender;
  private final int n;
  private final long epoch;
  private final int size;
  private @Nullable String name;
  private byte @Nullable [] bytes;
  private @Nullable Digest digest;
  private long view = -1;

  private Frame(
      @Nullable Message message,
      @Nullable MessageCodec codec,
      int sender,
      int n,
      long epoch,
      int size) {
    this.message = message;
    this.codec = codec;
    this.sender = sender;
    this.n = n;
    this.epoch = epoch;
    this.size = size;
  }

  /** A message of a replica. */
  static Frame of(Message message, MessageCodec codec, int sender, int n, long epoch) {
    return new Frame(message, codec, sender, n, epoch, message.wireSize());
  }

  /** Bytes that no correct replica sent; they may be anything. */
  public static Frame forged(String name, byte[] bytes) {
    Frame frame = new Frame(null, null, -1, 0, -1, bytes.length);
    frame.name = name;
    frame.bytes = bytes;
    return frame;
  }

  /** The message that was sent; null for forged bytes. */
  public @Nullable Message message() {
    return message;
  }

  /** The epoch that it was sent in; -1 for forged bytes. */
  public long epoch() {
    return epoch;
  }

  /** Instance and kind, such as {@code D1.Prepare}. */
  public String name() {
    String known = name;
    if (known == null) {
      Message m = Objects.requireNonNull(message);
      known = Instances.name(m.instance()) + "." + m.kind();
      name = known;
    }
    return known;
  }

  /** The kind alone, such as {@code Prepare}. */
  public String kind() {
    return message != null ? message.kind() : name().substring(name().indexOf('.') + 1);
  }

  /** Length of the encoded message. */
  public int size() {
    return size;
  }

  /** Whether {@link #size} is the length of what the codec makes. */
  boolean sizeHolds() {
    return bytes().length == size;
  }

  /** The encoded message, not to be modified. */
  public byte[] bytes() {
    byte[] known = bytes;
    if (known == null) {
      if (message == null || codec == null) {
        throw new IllegalStateException("a forged frame has its bytes");
      }
      known = codec.encode(message, sender);
      bytes = known;
    }
    return known;
  }

  /** The view in the header, 0 where there is none. */
  public long view() {
    if (view < 0) {
      view = header()[0];
    }
    return view;
  }

  /** The sequence number in the header, 0 where there is none. */
  public long sequence() {
    return message != null ? message.sequence() : header()[1];
  }

  private long[] header() {
    try {
      Reader r = new Reader(bytes());
      r.raw(8);
      return new long[] {r.u32(), r.u64()};
    } catch (MalformedException e) {
      return new long[2]; // too short to have a header: only a forged one is
    }
  }

  /** Whether no replica sent it. */
  public boolean isForged() {
    return message == null;
  }

  /** All replicas but the sender, in order. */
  public void others(IntConsumer action) {
    for (int to = 0; to < n; to++) {
      if (to != sender) {
        action.accept(to);
      }
    }
  }

  Digest digest() {
    Digest d = digest;
    if (d == null) {
      d = Digest.of(bytes());
      digest = d;
    }
    return d;
  }
}
