package io.destiny.server;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.SnapshotSource;
import io.destiny.core.app.StateMachine;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.server.KeyValueOperation.CompareAndSet;
import io.destiny.server.KeyValueOperation.Delete;
import io.destiny.server.KeyValueOperation.Get;
import io.destiny.server.KeyValueOperation.Put;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The key-value state machine that ships: put, get, delete and compare-and-set, in memory.
 *
 * <p>Keys are cut into {@value #BUCKETS} buckets by their hash. A snapshot keeps references to the
 * buckets, and the first later write to one copies it; chunk digests are kept with a bucket, so a
 * snapshot costs what changed since the last.
 */
public final class KeyValueStore implements StateMachine {
  /** Number of buckets: a part of the format of snapshots. */
  public static final int BUCKETS = 1024;

  /** State limit where none is given: 1 GiB. */
  public static final long DEFAULT_MAX_BYTES = 1L << 30;

  private final long maxBytes;
  private Bucket[] buckets = empty();
  private long bytes;

  public KeyValueStore() {
    this(DEFAULT_MAX_BYTES);
  }

  /**
   * @param maxBytes keys, values and 8 bytes an entry may have at most this many bytes together;
   *     must be equal at all replicas, since it decides results
   */
  public KeyValueStore(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  private static Bucket[] empty() {
    Bucket[] buckets = new Bucket[BUCKETS];
    Arrays.setAll(buckets, Bucket::new);
    return buckets;
  }

  static int bucketOf(byte[] key) {
    return (int) (Digest.of(key).prefix() >>> 54);
  }

  @Override
  public List<byte[]> apply(long position, long timeMillis, List<Command> commands) {
    List<byte[]> results = new ArrayList<>(commands.size());
    for (Command command : commands) {
      results.add(apply(command.operation()).encode());
    }
    return results;
  }

  private KeyValueResult apply(byte[] operation) {
    try {
      KeyValueOperation decoded = KeyValueOperation.decode(operation);
      int bucket = bucketOf(decoded.key());
      byte[] old = buckets[bucket].get(decoded.key());
      return switch (decoded) {
        case Get g -> old == null ? new KeyValueResult.Absent() : new KeyValueResult.Found(old);
        case Put p -> put(bucket, p.key(), old, p.value());
        case Delete d -> delete(bucket, d.key(), old);
        case CompareAndSet c ->
            Arrays.equals(c.expected(), old)
                ? put(bucket, c.key(), old, c.value())
                : new KeyValueResult.Different(old);
      };
    } catch (MalformedException e) {
      return new KeyValueResult.Rejected(KeyValueResult.Reason.MALFORMED);
    }
  }

  private KeyValueResult put(int bucket, byte[] key, byte @Nullable [] old, byte[] value) {
    long grown = bytes + size(key, value) - (old == null ? 0 : size(key, old));
    if (grown > maxBytes) {
      return new KeyValueResult.Rejected(KeyValueResult.Reason.FULL);
    }
    bytes = grown;
    writable(bucket).put(key, value);
    return new KeyValueResult.Done();
  }

  private KeyValueResult delete(int bucket, byte[] key, byte @Nullable [] old) {
    if (old == null) {
      return new KeyValueResult.Absent();
    }
    bytes -= size(key, old);
    writable(bucket).remove(key);
    return new KeyValueResult.Done();
  }

  private static long size(byte[] key, byte[] value) {
    return (long) Bucket.ENTRY_HEADER + key.length + value.length;
  }

  private Bucket writable(int bucket) {
    if (buckets[bucket].frozen()) {
      buckets[bucket] = buckets[bucket].thaw();
    }
    return buckets[bucket];
  }

  @Override
  public SnapshotSource snapshot() {
    Bucket[] kept = buckets.clone();
    for (Bucket bucket : kept) {
      bucket.freeze();
    }
    return new View(kept);
  }

  @Override
  public SnapshotSink restore() {
    return new Restoration();
  }

  /** The frozen buckets; empty ones have no chunk. */
  private static final class View implements SnapshotSource {
    private final Bucket[] kept;
    private @Nullable List<Digest> digests;

    View(Bucket[] kept) {
      this.kept = kept;
    }

    @Override
    public synchronized List<Digest> digests() {
      if (digests == null) {
        List<Digest> all = new ArrayList<>();
        for (Bucket bucket : kept) {
          all.addAll(bucket.digests());
        }
        digests = List.copyOf(all);
      }
      return digests;
    }

    @Override
    public byte[] chunk(int index) {
      int first = 0;
      for (Bucket bucket : kept) {
        int count = bucket.digests().size();
        if (index < first + count) {
          return bucket.chunks().get(index - first);
        }
        first += count;
      }
      throw new IndexOutOfBoundsException("no chunk " + index);
    }
  }

  /** Collects the chunks of another store's snapshot. */
  private final class Restoration implements SnapshotSink {
    private final Bucket[] restored = empty();
    private long size;
    private byte @Nullable [] lastKey;
    private int lastBucket = -1;

    @Override
    public void accept(byte[] chunk) {
      try {
        Reader r = new Reader(chunk);
        int bucket = r.u16();
        long count = r.u32();
        if (bucket < lastBucket || bucket >= BUCKETS || count == 0) {
          throw new MalformedException("chunk out of order");
        }
        for (long i = 0; i < count; i++) {
          entry(bucket, r.bytes(KeyValueOperation.MAX_KEY), r.bytes(KeyValueOperation.MAX_VALUE));
        }
        r.end();
      } catch (MalformedException e) {
        throw new IllegalArgumentException("no chunk of a key-value state", e);
      }
    }

    private void entry(int bucket, byte[] key, byte[] value) throws MalformedException {
      boolean follows =
          bucket > lastBucket || (lastKey != null && Arrays.compareUnsigned(lastKey, key) < 0);
      if (!follows || key.length == 0 || bucketOf(key) != bucket) {
        throw new MalformedException("entry out of place");
      }
      lastBucket = bucket;
      lastKey = key;
      size += size(key, value);
      restored[bucket].put(key, value);
    }

    private long size(byte[] key, byte[] value) {
      return KeyValueStore.size(key, value);
    }

    @Override
    public void finish() {
      buckets = restored;
      bytes = size;
    }
  }
}
