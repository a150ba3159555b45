package io.destiny.protocols.dqbft;

import io.destiny.core.engine.Value;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The payload of an O-slot (dqbft.md §2): the O-primary's time and 1 to E_max entries, in the order
 * of execution. The digest is in every vote.
 */
public final class OrderList implements Value {
  private static final int ORDER = 1;

  /** ORDER(n, s), cumulative: execute everything of D_n not yet executed up to s. */
  public record Entry(int instance, long slot) {
    /** kind u8, n u16, s u64, flag u8. */
    static final int BYTES = 12;
  }

  private final long timeMillis;
  private final List<Entry> entries;
  private final Digest digest;

  private OrderList(long timeMillis, List<Entry> entries, Digest digest) {
    this.timeMillis = timeMillis;
    this.entries = entries;
    this.digest = digest;
  }

  /** A list; {@code entries} name each instance at most once. */
  public static OrderList of(Settings settings, long timeMillis, List<Entry> entries) {
    Writer w = settings.domain().begin(StatementKind.ORDER_LIST, Instances.ORDER, 0, 0);
    write(timeMillis, entries, w);
    return new OrderList(timeMillis, List.copyOf(entries), Digest.of(w.toBytes()));
  }

  private static void write(long timeMillis, List<Entry> entries, Writer w) {
    w.u64(timeMillis).u16(entries.size());
    for (Entry e : entries) {
      w.u8(ORDER).u16(e.instance).u64(e.slot).u8(0);
    }
  }

  /** Reads a list and refuses what is deterministically invalid. */
  static OrderList decode(Settings settings, Reader r) throws MalformedException {
    long time = r.u64();
    int count = r.u16();
    if (time < 0 || count == 0 || count > settings.limits().maxEntries()) {
      throw new MalformedException("no such list");
    }
    List<Entry> entries = new ArrayList<>(count);
    BitSet seen = new BitSet(settings.n());
    for (int i = 0; i < count; i++) {
      int kind = r.u8();
      int n = r.u16();
      long slot = r.u64();
      if (kind != ORDER || r.u8() != 0 || n >= settings.n() || slot <= 0 || seen.get(n)) {
        throw new MalformedException("no such entry");
      }
      seen.set(n);
      entries.add(new Entry(n, slot));
    }
    return of(settings, time, entries);
  }

  /** Milliseconds since 1970 by the O-primary's clock. */
  public long timeMillis() {
    return timeMillis;
  }

  public List<Entry> entries() {
    return entries;
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public int encodedLength() {
    return 10 + entries.size() * Entry.BYTES;
  }

  @Override
  public void encode(Writer w) {
    write(timeMillis, entries, w);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("list(");
    for (Entry e : entries) {
      text.append(text.length() > 5 ? " " : "")
          .append("D")
          .append(e.instance)
          .append('/')
          .append(e.slot);
    }
    return text.append(')').toString();
  }
}
