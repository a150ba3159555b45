package io.destiny.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.app.SnapshotSink;
import io.destiny.core.app.SnapshotSource;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.server.KeyValueOperation.CompareAndSet;
import io.destiny.server.KeyValueOperation.Delete;
import io.destiny.server.KeyValueOperation.Get;
import io.destiny.server.KeyValueOperation.Put;
import io.destiny.server.KeyValueResult.Absent;
import io.destiny.server.KeyValueResult.Different;
import io.destiny.server.KeyValueResult.Done;
import io.destiny.server.KeyValueResult.Found;
import io.destiny.server.KeyValueResult.Rejected;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyValueStoreTest {
  private final KeyValueStore store = new KeyValueStore();

  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static KeyValueResult run(KeyValueStore store, byte[] operation) {
    List<byte[]> results = store.apply(1, 0, List.of(new Command(1, 1, operation)));
    assertThat(results).hasSize(1);
    try {
      return KeyValueResult.decode(results.getFirst());
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private KeyValueResult run(KeyValueOperation operation) {
    return run(store, operation.encode());
  }

  private static Digest digest(KeyValueStore store) {
    return MerkleTree.root(store.snapshot().digests());
  }

  @Test
  void theFourOperationsDoWhatTheySay() {
    assertThat(run(new Get(b("k")))).isEqualTo(new Absent());
    assertThat(run(new Put(b("k"), b("v1")))).isEqualTo(new Done());
    assertThat(((Found) run(new Get(b("k")))).value()).isEqualTo(b("v1"));
    assertThat(((Different) run(new CompareAndSet(b("k"), b("v0"), b("v2")))).actual())
        .isEqualTo(b("v1"));
    assertThat(run(new CompareAndSet(b("k"), b("v1"), b("v2")))).isEqualTo(new Done());
    assertThat(((Different) run(new CompareAndSet(b("k"), null, b("v3")))).actual())
        .isEqualTo(b("v2"));
    assertThat(run(new Delete(b("k")))).isEqualTo(new Done());
    assertThat(run(new Delete(b("k")))).isEqualTo(new Absent());
    assertThat(((Different) run(new CompareAndSet(b("k"), b("v2"), b("v3")))).actual()).isNull();
    assertThat(run(new CompareAndSet(b("k"), null, b("v4")))).isEqualTo(new Done());
    assertThat(((Found) run(new Get(b("k")))).value()).isEqualTo(b("v4"));
  }

  @Test
  void everyTruncationExtensionAndUnknownKindIsRejectedAndChangesNothing() {
    run(new Put(b("key"), b("value")));
    Digest before = digest(store);
    byte[] good = new CompareAndSet(b("key"), b("value"), b("other")).encode();
    for (int length = 0; length < good.length; length++) {
      assertThat(run(store, Arrays.copyOf(good, length))).isInstanceOf(Rejected.class);
    }
    assertThat(run(store, Arrays.copyOf(good, good.length + 1))).isInstanceOf(Rejected.class);
    for (int kind : new int[] {0, 5, 255}) {
      byte[] unknown = good.clone();
      unknown[0] = (byte) kind;
      assertThat(run(store, unknown)).isInstanceOf(Rejected.class);
    }
    assertThat(digest(store)).isEqualTo(before);
    assertThat(run(store, good)).isEqualTo(new Done());
  }

  @Test
  void keysAndValuesHaveLimits() {
    assertThat(run(new Put(new byte[1024], new byte[512 << 10]))).isEqualTo(new Done());
    assertThatThrownBy(() -> new Put(new byte[1025], new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Put(new byte[0], new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Put(new byte[1], new byte[(512 << 10) + 1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFullStateRefusesGrowthButNotShrinking() {
    KeyValueStore small = new KeyValueStore(100);
    assertThat(run(small, new Put(b("a"), new byte[91]).encode())).isEqualTo(new Done());
    assertThat(run(small, new Put(b("b"), new byte[0]).encode())).isInstanceOf(Rejected.class);
    assertThat(run(small, new Put(b("a"), new byte[10]).encode())).isEqualTo(new Done());
    assertThat(run(small, new Put(b("b"), new byte[0]).encode())).isEqualTo(new Done());
  }

  @Test
  void theDigestIsAFunctionOfTheContentNotOfItsHistory() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      order.add(i);
    }
    KeyValueStore other = new KeyValueStore();
    order.forEach(i -> run(new Put(b("key" + i), b("value" + i))));
    Collections.shuffle(order, new Random(1));
    for (int i : order) {
      run(other, new Put(b("key" + i), b("to be replaced")).encode());
      other.snapshot().digests();
      run(other, new Put(b("gone" + i), b("x")).encode());
    }
    for (int i : order) {
      run(other, new Put(b("key" + i), b("value" + i)).encode());
      run(other, new Delete(b("gone" + i)).encode());
    }
    assertThat(digest(other)).isEqualTo(digest(store));
    run(other, new Put(b("key7"), b("changed")).encode());
    assertThat(digest(other)).isNotEqualTo(digest(store));
  }

  @Test
  void aSnapshotStandsStillWhileTheStateMovesOnAndRestoresElsewhere() {
    for (int i = 0; i < 2000; i++) {
      run(new Put(b("key" + i), new byte[i]));
    }
    SnapshotSource snapshot = store.snapshot();
    Digest then = MerkleTree.root(snapshot.digests());
    for (int i = 0; i < 2000; i += 2) {
      run(new Delete(b("key" + i)));
    }
    KeyValueStore copy = restored(snapshot);
    assertThat(digest(copy)).isEqualTo(then).isNotEqualTo(digest(store));
    assertThat(run(copy, new Get(b("key4")).encode())).isInstanceOf(Found.class);
    for (int i = 0; i < 2000; i += 2) {
      run(copy, new Delete(b("key" + i)).encode());
    }
    assertThat(digest(copy)).isEqualTo(digest(store));
  }

  @Test
  void aBucketLargerThanAChunkIsCutAndRestored() {
    byte[] large = new byte[400 << 10];
    int stored = 0;
    for (int i = 0; stored < 7; i++) {
      if (KeyValueStore.bucketOf(b("key" + i)) == 3) {
        run(new Put(b("key" + i), large));
        stored++;
      }
    }
    SnapshotSource snapshot = store.snapshot();
    assertThat(snapshot.digests()).hasSize(4);
    for (int i = 0; i < 4; i++) {
      byte[] chunk = snapshot.chunk(i);
      assertThat(chunk.length).isLessThanOrEqualTo(SnapshotSource.MAX_CHUNK);
      assertThat(Digest.of(chunk)).isEqualTo(snapshot.digests().get(i));
    }
    assertThat(digest(restored(snapshot))).isEqualTo(digest(store));
  }

  @Test
  @SuppressWarnings("ReferenceEquality") // identity tells whether it was computed again
  void onlyWhatChangedIsHashedAgain() {
    for (int i = 0; i < 5000; i++) {
      run(new Put(b("key" + i), b("value")));
    }
    SnapshotSource first = store.snapshot();
    run(new Put(b("key7"), b("new")));
    SnapshotSource second = store.snapshot();
    int same = 0;
    for (int i = 0; i < first.digests().size(); i++) {
      // the very object: it was kept, not computed again
      same += first.digests().get(i) == second.digests().get(i) ? 1 : 0;
    }
    assertThat(same).isEqualTo(first.digests().size() - 1);
  }

  @Test
  void aDamagedOrMisplacedChunkIsRefusedAndTheOldStateStays() {
    run(new Put(b("kept"), b("1")));
    Digest before = digest(store);
    KeyValueStore other = new KeyValueStore();
    for (int i = 0; i < 50; i++) {
      run(other, new Put(b("key" + i), b("value")).encode());
    }
    SnapshotSource source = other.snapshot();
    SnapshotSink sink = store.restore();
    sink.accept(source.chunk(1));
    assertThatThrownBy(() -> sink.accept(source.chunk(0)))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] damaged = source.chunk(2);
    damaged[damaged.length - 10] ^= 1;
    assertThatThrownBy(() -> store.restore().accept(damaged))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store.restore().accept(new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(digest(store)).isEqualTo(before);
  }

  private static KeyValueStore restored(SnapshotSource snapshot) {
    KeyValueStore copy = new KeyValueStore();
    SnapshotSink sink = copy.restore();
    for (int i = 0; i < snapshot.digests().size(); i++) {
      sink.accept(snapshot.chunk(i));
    }
    sink.finish();
    return copy;
  }
}
