package io.destiny.core.kit;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.machine.Invariant;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The replicated client table of 00-system-model §6: c → (lastT, reqDigest, reply). Part of the
 * checkpointed state, cut into buckets whose chunks are made anew only where something changed.
 */
public final class ClientTable {
  /** Results longer than this are not kept for retransmission once their slot proof is gone. */
  public static final int MAX_KEPT_RESULT = 16 << 10;

  private static final int BUCKETS = 256;
  private static final int CHUNK_BYTES = 256 << 10;

  /** What is known of a client. The result is null while the execution is under way. */
  public record Entry(long timestamp, Digest request, byte @Nullable [] result) {}

  /** What execution does with a request (00-system-model §6, execution rule). */
  public enum Disposition {
    /** t &gt; lastT: apply it. */
    FRESH,
    /** t = lastT: no effect, the cached reply. */
    REPEATED,
    /** t &lt; lastT: no effect, STALE. */
    STALE
  }

  /** What is executed. */
  private final List<TreeMap<Long, Entry>> buckets = new ArrayList<>(BUCKETS);

  /**
   * What is ordered and not executed, the last of each client. Kept apart, so that a repeated
   * request finds the reply it would find if each batch were executed before the next is ordered:
   * replicas that are ahead and those that catch up then answer alike.
   */
  private final LongMap<Entry> ordered = new LongMap<>();

  private final List<@Nullable List<byte[]>> encoded = new ArrayList<>(BUCKETS);

  public ClientTable() {
    for (int i = 0; i < BUCKETS; i++) {
      buckets.add(new TreeMap<>());
      encoded.add(null);
    }
  }

  private static int bucket(long client) {
    return (int) (client ^ (client >>> 32)) & (BUCKETS - 1);
  }

  /** The client's last request in the order, executed or not. */
  public @Nullable Entry get(long client) {
    Entry waiting = ordered.get(client);
    return waiting != null ? waiting : executed(client);
  }

  /** The client's last request of which the result is known. */
  public @Nullable Entry executed(long client) {
    return buckets.get(bucket(client)).get(client);
  }

  /**
   * The result of this very request; null if it is not the client's last, or was too long to keep.
   */
  public byte @Nullable [] result(Request request) {
    Entry e = executed(request.client());
    if (e == null || e.result == null || Outcome.isNotKept(e.result)) {
      return null;
    }
    boolean last = e.timestamp == request.timestamp() && e.request.equals(request.digest());
    return last ? e.result : null;
  }

  /**
   * The last executed timestamp, -1 for a client never seen. Timestamps are unsigned and below
   * 2^63.
   */
  public long lastTimestamp(long client) {
    Entry e = get(client);
    return e == null ? -1 : e.timestamp;
  }

  /** Takes a request's place in the order; a fresh one is from now on the client's last. */
  public Disposition order(Request request) {
    long last = lastTimestamp(request.client());
    if (request.timestamp() > last) {
      ordered.put(request.client(), new Entry(request.timestamp(), request.digest(), null));
      return Disposition.FRESH;
    }
    return request.timestamp() == last ? Disposition.REPEATED : Disposition.STALE;
  }

  /** Stores the result of a fresh request; results come in the order of the requests. */
  public void store(Request request, byte[] result) {
    byte[] kept = result.length > MAX_KEPT_RESULT ? Outcome.notKept() : result;
    put(request.client(), new Entry(request.timestamp(), request.digest(), kept));
    Entry waiting = ordered.get(request.client());
    if (waiting != null && waiting.timestamp == request.timestamp()) {
      ordered.remove(request.client());
    }
  }

  private void put(long client, Entry entry) {
    int b = bucket(client);
    buckets.get(b).put(client, entry);
    encoded.set(b, null);
  }

  /** The table as chunks; every result must be known. */
  public List<byte[]> chunks() {
    Invariant.check(ordered.isEmpty(), "a checkpoint is cut when all results are known");
    List<byte[]> all = new ArrayList<>();
    for (int b = 0; b < BUCKETS; b++) {
      List<byte[]> chunks = encoded.get(b);
      if (chunks == null) {
        chunks = encode(buckets.get(b));
        encoded.set(b, chunks);
      }
      all.addAll(chunks);
    }
    return all;
  }

  private static List<byte[]> encode(SortedMap<Long, Entry> bucket) {
    List<byte[]> chunks = new ArrayList<>(1);
    Writer w = new Writer(64);
    for (var client : bucket.entrySet()) {
      if (w.size() > CHUNK_BYTES) {
        chunks.add(w.toBytes());
        w = new Writer(CHUNK_BYTES);
      }
      Entry e = client.getValue();
      byte[] result = e.result == null ? new byte[0] : e.result;
      w.u64(client.getKey()).u64(e.timestamp).digest(e.request).bytes(result);
    }
    if (w.size() > 0) {
      chunks.add(w.toBytes());
    }
    return chunks;
  }

  /**
   * The table of these chunks.
   *
   * @throws IllegalArgumentException if they are none, which a certified root rules out
   */
  public static ClientTable of(List<byte[]> chunks) {
    ClientTable table = new ClientTable();
    try {
      for (byte[] chunk : chunks) {
        Reader r = new Reader(chunk);
        while (r.remaining() > 0) {
          long client = r.u64();
          table.put(client, new Entry(r.u64(), r.digest(), r.bytes(SnapshotSource.MAX_CHUNK)));
        }
      }
    } catch (MalformedException e) {
      throw new IllegalArgumentException("not a client table", e);
    }
    return table;
  }
}
