package io.destiny.sim.script;

import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.sim.fault.Layout;
import io.destiny.sim.fault.Resigner;
import io.destiny.sim.world.Frame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Changes an encoded message of one kind, without the protocol's own codec. */
final class Forgery {
  /** The digest of nothing that anybody has. */
  static final Digest INVENTED = Digest.of("invented".getBytes(StandardCharsets.US_ASCII));

  private static final int ORDER = 1;
  private static final String NONE = "none";

  /** Flag of a slot of which SBFT's VIEW-CHANGE says only what was accepted. */
  private static final int ACCEPTED = 8;

  /** A VIEW-CHANGE in a NEW-VIEW: whose, and its hash. */
  private static final int REFERENCE = 2 + 32;

  private static final int SIGNATURE = 64;

  private final String kind;
  private byte[] bytes;

  Forgery(Frame original) {
    kind = original.kind();
    bytes = original.bytes().clone();
  }

  byte[] bytes() {
    return bytes;
  }

  void instance(int instance) {
    put(Layout.INSTANCE, new Writer(16).u16(instance));
  }

  void view(long view) {
    put(Layout.VIEW, new Writer(16).u32(view));
  }

  void sequence(long sequence) {
    put(Layout.SEQUENCE, new Writer(16).u64(sequence));
  }

  void sender(int sender) {
    put(Layout.SENDER, new Writer(16).u16(sender));
  }

  /** The digest that a message is about. */
  static Digest digestOf(Frame other) {
    int at = Layout.digest(other.kind());
    return Digest.fromBytes(Arrays.copyOfRange(other.bytes(), at, at + Digest.BYTES));
  }

  /** It is about something else. */
  void digest(Digest value) {
    put(Layout.digest(kind), new Writer(32).digest(value));
  }

  /** Another list in an O-Prepare: {@code D1/2,D0/7}, at the same time. */
  void list(String entries, Domain domain) {
    List<String> all = List.of(entries.split(",", -1));
    int start = Layout.payload(bytes);
    Writer list = new Writer(64).raw(Arrays.copyOfRange(bytes, start, start + 8));
    list.u16(all.size());
    for (String entry : all) {
      int slash = entry.indexOf('/');
      if (slash < 0) {
        throw new ScriptFailure("set-list=D1/2,D0/7, not " + entries);
      }
      int instance = Arguments.instance(entry.substring(0, slash));
      long slot = Arguments.unsigned(entry.substring(slash + 1));
      list.u8(ORDER).u16(instance).u64(slot).u8(0);
    }
    byte[] payload = list.toBytes();
    Writer statement = domain.begin(StatementKind.ORDER_LIST, Instances.ORDER, 0, 0);
    Digest digest = Digest.of(statement.raw(payload).toBytes());
    bytes = new Writer(bytes.length).raw(Arrays.copyOf(bytes, start)).raw(payload).toBytes();
    put(Layout.BODY, new Writer(32).digest(digest));
  }

  // ---- VIEW-CHANGE and NEW-VIEW of the BFT model (pbft.md §1, sbft.md §3)

  /** Another watermark in a VIEW-CHANGE, with the proof of the true one. */
  void base(long slot) {
    put(Layout.BODY + 2, new Writer(16).u64(slot));
  }

  /**
   * What a VIEW-CHANGE says of slots is this alone: PBFT's P and Q that one value was prepared,
   * {@code SLOT/VIEW}, or nothing, {@code none}.
   */
  void claims(String at, Digest value) {
    Writer w = new Writer(128);
    for (int set = 0; set < 2; set++) {
      if (at.equals(NONE)) {
        w.u32(0);
      } else {
        w.u32(1).u64(part(at, 0)).digest(value).u32(part(at, 1));
      }
    }
    evidence(w.toBytes());
  }

  /** The same for SBFT: one value was accepted; no proof, no prepare certificate. */
  void accepted(String at, Digest value) {
    Writer w = new Writer(64);
    if (at.equals(NONE)) {
      w.u32(0);
    } else {
      w.u32(1).u64(part(at, 0)).u8(ACCEPTED).u32(part(at, 1)).digest(value);
    }
    evidence(w.toBytes());
  }

  private static long part(String at, int index) {
    String[] parts = at.split("/", -1);
    if (parts.length != 2) {
      throw new ScriptFailure("SLOT/VIEW or none, not " + at);
    }
    return Arguments.number(parts[index]);
  }

  /** After replica, watermark with its proof, and note; before complaints, none, and signature. */
  private void evidence(byte[] evidence) {
    int start = Layout.BODY + 2 + 8;
    for (int field = 0; field < 2; field++) {
      start += 4 + number(start, 4);
    }
    int end = bytes.length - SIGNATURE - 2;
    if (!kind.equals("ViewChange") || number(end, 2) != 0) {
      throw new ScriptFailure("only in a VIEW-CHANGE without complaints");
    }
    splice(start, end, evidence);
  }

  /** What a NEW-VIEW proposes again: one {@code more}, or an{@code other} in place of the last. */
  void chosen(String how, Digest value) {
    int count = Layout.BODY + 2 + REFERENCE * number(Layout.BODY, 2);
    int chosen = number(count, 4);
    int end = count + 4 + 32 * chosen;
    switch (how) {
      case "more" -> {
        put(count, new Writer(8).u32(chosen + 1L));
        splice(end, end, value.toBytes());
      }
      case "other" -> splice(end - 32, end, value.toBytes());
      default -> throw new ScriptFailure("set-chosen=more|other, not " + how);
    }
  }

  private int number(int at, int length) {
    int number = 0;
    for (int i = 0; i < length; i++) {
      number = (number << 8) | (bytes[at + i] & 0xFF);
    }
    return number;
  }

  private void splice(int start, int end, byte[] between) {
    bytes =
        new Writer(bytes.length + between.length)
            .raw(Arrays.copyOf(bytes, start))
            .raw(between)
            .raw(Arrays.copyOfRange(bytes, end, bytes.length))
            .toBytes();
  }

  // ---- bytes

  /** A fresh signature of the replica whose keys these are, where it would get one. */
  void sign(Resigner keys) {
    keys.again(kind, bytes);
  }

  /** Flips bits: {@code offset:mask}, the offset negative from the end, the mask in hex. */
  void flip(String change) {
    String[] parts = change.split(":", -1);
    if (parts.length != 2) {
      throw new ScriptFailure("flip=OFFSET:MASK, not " + change);
    }
    int offset = (int) Arguments.number(parts[0]);
    int at = offset < 0 ? bytes.length + offset : offset;
    bytes[at] ^= (byte) HexFormat.fromHexDigits(parts[1]);
  }

  /** The first {@code length} bytes only. */
  void cut(int length) {
    bytes = Arrays.copyOf(bytes, length);
  }

  private void put(int at, Writer field) {
    byte[] value = field.toBytes();
    System.arraycopy(value, 0, bytes, at, value.length);
  }
}
