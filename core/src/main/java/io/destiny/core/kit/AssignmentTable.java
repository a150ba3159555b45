package io.destiny.core.kit;

import io.destiny.core.model.Assignment;
import io.destiny.core.model.Homes;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The replicated table assign[c] = (ver, n, k) of 00-system-model §6. Part of the checkpointed
 * state: clients that never asked for another home are not in it.
 */
public final class AssignmentTable {
  /** A: a client's next ASSIGN takes effect this many O-slots after its last. */
  public static final int EVERY = 64;

  private static final int ENTRIES_A_CHUNK = 8192;
  private static final int ENTRY_BYTES = 8 + 8 + 2 + 8;

  private record Entry(long version, int home, long slot) {}

  private final TreeMap<Long, Entry> entries = new TreeMap<>();
  private @Nullable List<byte[]> encoded;

  /** The client's home among N replicas: H(c) mod N where the table names none of them. */
  public int home(long client, int n) {
    Entry e = entries.get(client);
    return e == null || e.home >= n ? Homes.of(client, n) : e.home;
  }

  /** ver of the last effective ASSIGN; -1: there was none. */
  public long version(long client) {
    Entry e = entries.get(client);
    return e == null ? -1 : e.version;
  }

  /** Whether the client's next ASSIGN would come too early in this O-slot. */
  public boolean tooEarly(long client, long slot) {
    Entry e = entries.get(client);
    return e != null && slot < e.slot + EVERY;
  }

  /**
   * Executes an ASSIGN entry of an O-slot.
   *
   * @return whether it took effect
   */
  public boolean apply(long slot, Assignment a) {
    if (a.version() <= version(a.client()) || tooEarly(a.client(), slot)) {
      return false;
    }
    entries.put(a.client(), new Entry(a.version(), a.home(), slot));
    encoded = null;
    return true;
  }

  /** The table as chunks: how many clients it has, and their entries. */
  public List<byte[]> chunks() {
    List<byte[]> known = encoded;
    if (known == null) {
      known = encode();
      encoded = known;
    }
    return known;
  }

  private List<byte[]> encode() {
    List<byte[]> chunks = new ArrayList<>();
    // Never without a chunk: a part without any leaves no trace in a snapshot.
    Writer w = new Writer(4 + ENTRY_BYTES).u32(entries.size());
    for (Map.Entry<Long, Entry> client : entries.entrySet()) {
      if (w.size() >= ENTRIES_A_CHUNK * ENTRY_BYTES) {
        chunks.add(w.toBytes());
        w = new Writer(ENTRIES_A_CHUNK * ENTRY_BYTES);
      }
      Entry e = client.getValue();
      w.u64(client.getKey()).u64(e.version).u16(e.home).u64(e.slot);
    }
    chunks.add(w.toBytes());
    return List.copyOf(chunks);
  }

  /**
   * The table of these chunks.
   *
   * @throws IllegalArgumentException if they are none, which a certified root rules out
   */
  public static AssignmentTable of(List<byte[]> chunks) {
    AssignmentTable table = new AssignmentTable();
    try {
      long left = -1;
      for (byte[] chunk : chunks) {
        Reader r = new Reader(chunk);
        left = left < 0 ? r.u32() : left;
        for (; r.remaining() > 0; left--) {
          table.entries.put(r.u64(), new Entry(r.u64(), r.u16(), r.u64()));
        }
      }
      if (left != 0) {
        throw new MalformedException("entries are missing");
      }
    } catch (MalformedException e) {
      throw new IllegalArgumentException("not an assignment table", e);
    }
    return table;
  }
}
