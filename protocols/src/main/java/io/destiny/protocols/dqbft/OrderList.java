package io.destiny.protocols.dqbft;

import io.destiny.core.engine.Value;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The payload of an O-slot (dqbft.md §2): the O-primary's time and 1 to E_max entries, in the order
 * of execution, ASSIGN after ORDER. The digest is in every vote.
 */
public final class OrderList implements Value {
  private static final int ORDER = 1;
  private static final int ASSIGN = 2;

  /** ORDER(n, s), cumulative: execute everything of D_n not yet executed up to s. */
  public record Entry(int instance, long slot) {}

  private final long timeMillis;
  private final List<Entry> entries;
  private final List<Assignment> assignments;
  private final Digest digest;
  private final int encodedLength;

  private OrderList(
      Settings settings,
      long time,
      List<Entry> entries,
      List<Assignment> assigns,
      @Nullable Digest reserved) {
    this.timeMillis = time;
    this.entries = List.copyOf(entries);
    this.assignments = List.copyOf(assigns);
    Writer w = settings.domain().begin(StatementKind.ORDER_LIST, Instances.ORDER, 0, 0);
    int before = w.size();
    encode(w);
    this.encodedLength = w.size() - before;
    this.digest = reserved == null ? Digest.of(w.toBytes()) : reserved;
  }

  /** A list; {@code entries} name each instance at most once. */
  public static OrderList of(Settings settings, long timeMillis, List<Entry> entries) {
    return of(settings, timeMillis, entries, List.of());
  }

  /** A list; {@code assignments} name each client at most once. */
  public static OrderList of(
      Settings settings, long timeMillis, List<Entry> entries, List<Assignment> assignments) {
    return new OrderList(settings, timeMillis, entries, assignments, null);
  }

  /** The null request: nothing is executed, and its digest is the reserved one (00 §5). */
  public static OrderList noop(Settings settings) {
    return new OrderList(settings, 0, List.of(), List.of(), Batch.NOOP.digest());
  }

  /** Reads a list and refuses what is deterministically invalid. */
  static OrderList decode(Settings settings, Reader r) throws MalformedException {
    long time = r.u64();
    int count = r.u16();
    if (time < 0 || count == 0 || count > settings.limits().maxEntries()) {
      throw new MalformedException("no such list");
    }
    List<Entry> entries = new ArrayList<>(count);
    List<Assignment> assignments = new ArrayList<>(0);
    BitSet seen = new BitSet(settings.n());
    Set<Long> clients = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      int kind = r.u8();
      if (kind == ASSIGN) {
        Assignment a = assignment(settings, r);
        if (!clients.add(a.client())) {
          throw new MalformedException("a client is named twice");
        }
        assignments.add(a);
        continue;
      }
      int n = r.u16();
      long slot = r.u64();
      boolean ordered = kind == ORDER && assignments.isEmpty();
      if (!ordered || r.u8() != 0 || n >= settings.n() || slot <= 0 || seen.get(n)) {
        throw new MalformedException("no such entry");
      }
      seen.set(n);
      entries.add(new Entry(n, slot));
    }
    return of(settings, time, entries, assignments);
  }

  private static Assignment assignment(Settings settings, Reader r) throws MalformedException {
    Request request = Request.decode(settings.domain(), r, Assignment.MOST_OPERATION_BYTES);
    Assignment a = Assignment.of(request);
    if (a == null) {
      throw new MalformedException("no ASSIGN_REQ");
    }
    return a;
  }

  /** Milliseconds since 1970 by the O-primary's clock. */
  public long timeMillis() {
    return timeMillis;
  }

  public List<Entry> entries() {
    return entries;
  }

  /** ASSIGN entries. */
  public List<Assignment> assignments() {
    return assignments;
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public int encodedLength() {
    return encodedLength;
  }

  @Override
  public void encode(Writer w) {
    w.u64(timeMillis).u16(entries.size() + assignments.size());
    for (Entry e : entries) {
      w.u8(ORDER).u16(e.instance).u64(e.slot).u8(0);
    }
    for (Assignment a : assignments) {
      a.request().encode(w.u8(ASSIGN));
    }
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
    for (Assignment a : assignments) {
      text.append(" c").append(Long.toHexString(a.client())).append("->R").append(a.home());
    }
    return text.append(')').toString();
  }
}
