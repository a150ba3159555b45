package io.destiny.sim.script;

import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.sim.fault.Layout;
import io.destiny.sim.fault.Resigner;
import io.destiny.sim.world.Frame;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Changes an encoded message of one kind, without the protocol's own codec. */
final class Forgery {
  private static final int ORDER = 1;

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

  /** The digest that another message is about. */
  void digest(Frame other) {
    int at = Layout.digest(other.kind());
    put(Layout.digest(kind), new Writer(32).raw(Arrays.copyOfRange(other.bytes(), at, at + 32)));
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
