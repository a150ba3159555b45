package io.destiny.core.statement;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against a tree that is split from the top, where the code under test joins from the bottom. */
class MerkleTreeTest {
  private static final int MOST = 70;

  private static List<Digest> contents(int size) {
    List<Digest> contents = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      contents.add(Digest.of(new byte[] {(byte) i, 77}));
    }
    return contents;
  }

  /**
   * Promoting odd nodes gives the tree whose left side is the largest full one that leaves
   * something for the right.
   */
  private static Digest dumb(List<Digest> contents) {
    if (contents.size() == 1) {
      return Digest.of(new byte[] {0}, contents.getFirst().toBytes());
    }
    int left = Integer.highestOneBit(contents.size() - 1);
    return Digest.of(
        new byte[] {1},
        dumb(contents.subList(0, left)).toBytes(),
        dumb(contents.subList(left, contents.size())).toBytes());
  }

  private static List<Digest> path(List<Digest> contents, int index) {
    return MerkleTree.path(MerkleTree.levels(contents), index);
  }

  @Test
  void rootsAreThoseOfTheDumbTree() {
    for (int size = 1; size <= MOST; size++) {
      assertThat(MerkleTree.root(contents(size))).as("%d", size).isEqualTo(dumb(contents(size)));
    }
    assertThat(MerkleTree.root(List.of())).isEqualTo(Digest.of(new byte[] {0}));
  }

  @Test
  void everyPathLeadsToTheRoot() {
    for (int size = 1; size <= MOST; size++) {
      List<Digest> contents = contents(size);
      Digest root = dumb(contents);
      for (int i = 0; i < size; i++) {
        assertThat(MerkleTree.rootOf(contents.get(i), i, size, path(contents, i)))
            .as("%d of %d", i, size)
            .isEqualTo(root);
      }
    }
  }

  @Test
  void aPathHoldsForNoOtherPlaceAndNoOtherLeaf() {
    for (int size = 1; size <= MOST; size++) {
      List<Digest> contents = contents(size);
      Digest root = dumb(contents);
      for (int i = 0; i < size; i++) {
        List<Digest> path = path(contents, i);
        for (int other = -1; other <= size; other++) {
          if (other != i) {
            assertThat(MerkleTree.rootOf(contents.get(i), other, size, path)).isNotEqualTo(root);
          }
        }
        assertThat(MerkleTree.rootOf(Digest.of(new byte[9]), i, size, path)).isNotEqualTo(root);
      }
    }
  }

  @Test
  void aPathOfAnotherLengthIsNone() {
    for (int size = 1; size <= MOST; size++) {
      List<Digest> contents = contents(size);
      for (int i = 0; i < size; i++) {
        List<Digest> longer = new ArrayList<>(path(contents, i));
        longer.add(contents.getFirst());
        assertThat(MerkleTree.rootOf(contents.get(i), i, size, longer)).isNull();
        if (longer.size() > 1) {
          List<Digest> shorter = longer.subList(0, longer.size() - 2);
          assertThat(MerkleTree.rootOf(contents.get(i), i, size, shorter)).isNull();
        }
      }
    }
  }

  @Test
  void eachSiblingCounts() {
    List<Digest> contents = contents(13);
    for (int i = 0; i < 13; i++) {
      List<Digest> path = path(contents, i);
      for (int p = 0; p < path.size(); p++) {
        List<Digest> changed = new ArrayList<>(path);
        changed.set(p, Digest.of(new byte[] {1, 2, 3}));
        assertThat(MerkleTree.rootOf(contents.get(i), i, 13, changed)).isNotEqualTo(dumb(contents));
      }
    }
  }

  /** A leaf is never a node: two leaves and the one "leaf" that joins them have other roots. */
  @Test
  void leavesAndNodesAreKeptApart() {
    List<Digest> two = contents(2);
    assertThat(MerkleTree.root(List.of(MerkleTree.root(two)))).isNotEqualTo(MerkleTree.root(two));
  }
}
