package io.destiny.node.storage;

import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a checkpoint consists of.
 *
 * @param slot the O-slot
 * @param parts chunk digests of each part; part 0 is the application, which always exists
 */
public record Manifest(long slot, List<List<Digest>> parts) {
  public Manifest {
    List<List<Digest>> copy = new ArrayList<>(parts.size());
    parts.forEach(part -> copy.add(List.copyOf(part)));
    parts = List.copyOf(copy);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a checkpoint has at least the application's part");
    }
  }

  /** The chunks of all parts, in order. */
  public List<Digest> chunks() {
    return parts.stream().flatMap(List::stream).toList();
  }

  byte[] encode() {
    Writer w = new Writer(64 + chunks().size() * Digest.BYTES);
    w.u64(slot).u32(parts.size());
    for (List<Digest> part : parts) {
      w.u32(part.size());
      part.forEach(w::digest);
    }
    return w.toBytes();
  }

  static Manifest decode(byte[] bytes) throws MalformedException {
    Reader r = new Reader(bytes);
    long slot = r.u64();
    long count = r.u32();
    List<List<Digest>> parts = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      long chunks = r.u32();
      List<Digest> part = new ArrayList<>();
      for (long c = 0; c < chunks; c++) {
        part.add(r.digest());
      }
      parts.add(part);
    }
    r.end();
    if (parts.isEmpty()) {
      throw new MalformedException("a checkpoint without parts");
    }
    return new Manifest(slot, parts);
  }
}
