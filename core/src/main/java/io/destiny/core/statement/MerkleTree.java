package io.destiny.core.statement;

import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The Merkle tree of 00-system-model §5: leaf tag 0x00, node tag 0x01, an odd node is promoted. */
public final class MerkleTree {
  /** The root of no leaves at all: H of nothing but a leaf tag. */
  public static final Digest EMPTY = Digest.of(new byte[] {0});

  private MerkleTree() {}

  private static Digest leaf(Digest content) {
    return Digest.of(new Writer(33).u8(0).digest(content).toBytes());
  }

  private static Digest node(Digest left, Digest right) {
    return Digest.of(new Writer(65).u8(1).digest(left).digest(right).toBytes());
  }

  /** The root over {@code contents}, in order. */
  public static Digest root(List<Digest> contents) {
    if (contents.isEmpty()) {
      return EMPTY;
    }
    List<Digest> level = leaves(contents);
    while (level.size() > 1) {
      level = parents(level);
    }
    return level.getFirst();
  }

  private static List<Digest> leaves(List<Digest> contents) {
    List<Digest> level = new ArrayList<>(contents.size());
    for (Digest content : contents) {
      level.add(leaf(content));
    }
    return level;
  }

  private static List<Digest> parents(List<Digest> level) {
    List<Digest> next = new ArrayList<>((level.size() + 1) / 2);
    for (int i = 0; i + 1 < level.size(); i += 2) {
      next.add(node(level.get(i), level.get(i + 1)));
    }
    if (level.size() % 2 == 1) {
      next.add(level.getLast());
    }
    return next;
  }

  /** All levels of a tree, leaves first, to cut many paths from. */
  public static List<List<Digest>> levels(List<Digest> contents) {
    List<List<Digest>> levels = new ArrayList<>();
    levels.add(leaves(contents));
    while (levels.getLast().size() > 1) {
      levels.add(parents(levels.getLast()));
    }
    return levels;
  }

  /** The siblings from leaf {@code index} up to the root; shorter where nodes were promoted. */
  public static List<Digest> path(List<List<Digest>> levels, int index) {
    List<Digest> path = new ArrayList<>(levels.size());
    int i = index;
    for (int l = 0; l < levels.size() - 1; l++) {
      int sibling = i ^ 1;
      if (sibling < levels.get(l).size()) {
        path.add(levels.get(l).get(sibling));
      }
      i /= 2;
    }
    return path;
  }

  /**
   * The root that {@code path} leads to from {@code content} as leaf {@code index} of {@code size},
   * or null if the path has the wrong length for that place. Binding the size binds the index
   * (reliability.md §2.5).
   */
  public static @Nullable Digest rootOf(Digest content, int index, int size, List<Digest> path) {
    if (index < 0 || index >= size) {
      return null;
    }
    Digest current = leaf(content);
    int i = index;
    int width = size;
    int used = 0;
    while (width > 1) {
      if ((i ^ 1) < width) {
        if (used == path.size()) {
          return null;
        }
        Digest sibling = path.get(used++);
        current = (i & 1) == 0 ? node(current, sibling) : node(sibling, current);
      }
      i /= 2;
      width = (width + 1) / 2;
    }
    return used == path.size() ? current : null;
  }
}
