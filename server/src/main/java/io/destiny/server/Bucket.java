package io.destiny.server;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The entries whose keys hash to one number. Once frozen by a snapshot it never changes: the store
 * writes to a copy.
 */
final class Bucket {
  /** Of a chunk: bucket u16, entry count u32. */
  static final int CHUNK_HEADER = 2 + 4;

  /** Of an entry: two u32 lengths. */
  static final int ENTRY_HEADER = 4 + 4;

  private final int number;
  private final NavigableMap<byte[], byte[]> entries;
  private boolean frozen;
  private volatile @Nullable List<Digest> digests;

  Bucket(int number) {
    this(number, new TreeMap<>(Arrays::compareUnsigned));
  }

  private Bucket(int number, NavigableMap<byte[], byte[]> entries) {
    this.number = number;
    this.entries = entries;
  }

  byte @Nullable [] get(byte[] key) {
    return entries.get(key);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  boolean frozen() {
    return frozen;
  }

  /** Called by the store's thread before the bucket is shared with other threads. */
  void freeze() {
    frozen = true;
  }

  /** A copy that may be written to. The sorted copy is linear in the number of entries. */
  Bucket thaw() {
    return new Bucket(number, new TreeMap<>(entries));
  }

  byte @Nullable [] put(byte[] key, byte[] value) {
    return entries.put(key, value);
  }

  byte @Nullable [] remove(byte[] key) {
    return entries.remove(key);
  }

  /** Digests of the chunks, computed once; only for frozen buckets. */
  List<Digest> digests() {
    List<Digest> known = digests;
    if (known == null) {
      List<Digest> computed = new ArrayList<>(1);
      for (byte[] chunk : chunks()) {
        computed.add(Digest.of(chunk));
      }
      known = List.copyOf(computed);
      digests = known;
    }
    return known;
  }

  /** Entries in key order, as many to a chunk as fit: a function of the entries alone. */
  List<byte[]> chunks() {
    List<byte[]> chunks = new ArrayList<>(1);
    List<Map.Entry<byte[], byte[]>> open = new ArrayList<>();
    int size = CHUNK_HEADER;
    for (Map.Entry<byte[], byte[]> entry : entries.entrySet()) {
      int length = ENTRY_HEADER + entry.getKey().length + entry.getValue().length;
      if (size + length > SnapshotSource.MAX_CHUNK) {
        chunks.add(chunk(open, size));
        open.clear();
        size = CHUNK_HEADER;
      }
      open.add(entry);
      size += length;
    }
    if (!open.isEmpty()) {
      chunks.add(chunk(open, size));
    }
    return chunks;
  }

  private byte[] chunk(List<Map.Entry<byte[], byte[]>> part, int size) {
    Writer w = new Writer(size).u16(number).u32(part.size());
    part.forEach(e -> w.bytes(e.getKey()).bytes(e.getValue()));
    return w.toBytes();
  }
}
