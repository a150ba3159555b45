package io.destiny.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.crypto.trusted.DurableFile;
import io.destiny.node.Ending;
import io.destiny.node.storage.RocksStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Going over to another epoch takes three steps: what the replica is to be is written, the data
 * change, what it is takes the name. After a crash between any two of them it is whole.
 */
class ReplicaHomeTest {
  private static final int REPLICA = 4;

  @TempDir Path dir;
  private ClusterFolder cluster;
  private Path folder;
  private NextEpoch next;

  @BeforeEach
  void start() throws IOException {
    cluster =
        ClusterInit.of("destiny", new QuorumRule(5, FaultModel.HYBRID), "127.0.0.1", 17_000)
            .write(dir.resolve("cluster"));
    folder = cluster.replicaFolder(REPLICA);
    ReplicaHome home = open();
    assertThat(home.manifest().epoch()).isZero();
    RocksStore.open(folder.resolve("data"), home.manifest().settings(REPLICA)).close();
    next = NextEpoch.rotate(cluster);
  }

  private ReplicaHome open() throws IOException {
    return ReplicaHome.open(cluster, REPLICA);
  }

  private void firstStep(NextEpoch to) throws IOException {
    new DurableFile(folder.resolve("next.yaml")).replace(to.manifestBytes());
  }

  private void secondStep() throws IOException {
    RocksStore.beginEpoch(
        folder.resolve("data"),
        cluster.manifest().settings(REPLICA),
        next.manifest().settings(REPLICA),
        -1,
        List.of());
  }

  private long dataEpoch() throws IOException {
    return RocksStore.epoch(folder.resolve("data"));
  }

  @Test
  void aCrashBeforeTheDataChangeLeavesTheOldEpochAndItIsRepeated() throws IOException {
    firstStep(next);
    ReplicaHome home = open();
    assertThat(home.manifest().epoch()).isZero();
    assertThat(dataEpoch()).isZero();
    home.join(next.manifestBytes());
    assertThat(home.manifest().epoch()).isEqualTo(1);
    assertInTheNextEpoch();
  }

  /** Another epoch than the crash interrupted may be the one that was ordered. */
  @Test
  void aCrashBeforeTheDataChangeBindsToNothing() throws IOException {
    firstStep(next);
    ClusterFolder inForce = next.putInForce();
    NextEpoch afterNext = NextEpoch.rotate(inForce);
    open().join(afterNext.manifestBytes());
    assertThat(open().manifest().epoch()).isEqualTo(2);
    assertThat(dataEpoch()).isEqualTo(2);
  }

  @Test
  void aCrashAfterTheDataChangeIsFinishedByTheNextStart() throws IOException {
    firstStep(next);
    secondStep();
    assertInTheNextEpoch();
    assertThat(folder.resolve("next.yaml")).doesNotExist();
  }

  @Test
  void aCrashAfterTheLastStepFindsItDone() throws IOException {
    open().join(next.manifestBytes());
    assertThat(folder.resolve("next.yaml")).doesNotExist();
    assertInTheNextEpoch();
  }

  private void assertInTheNextEpoch() throws IOException {
    for (int start = 0; start < 2; start++) {
      ReplicaHome home = open();
      assertThat(home.manifest().epoch()).isEqualTo(1);
      assertThat(home.manifestBytes()).isEqualTo(next.manifestBytes());
      assertThat(dataEpoch()).isEqualTo(1);
      assertThat(home.part().executionKey()).isNotEmpty();
    }
  }

  /** The state at the boundary is not there: nothing has changed, and it can be tried again. */
  @Test
  void dataThatCannotGoOverStayWhereTheyAre() throws IOException {
    Ending.EpochOver over = new Ending.EpochOver(7, next.command(), List.of());
    assertThatThrownBy(() -> open().goOver(over)).hasMessageContaining("no checkpoint at slot 7");
    assertThat(open().manifest().epoch()).isZero();
    assertThat(dataEpoch()).isZero();
  }

  @Test
  void oneThatIsNoMemberChangesNothing() throws IOException {
    next.discard();
    NextEpoch smaller = NextEpoch.remove(cluster, List.of(REPLICA));
    Ending.EpochOver over = new Ending.EpochOver(-1, smaller.command(), List.of());
    assertThatThrownBy(() -> open().goOver(over))
        .isInstanceOf(NoMemberException.class)
        .hasMessage(
            "replica 4 is no member of epoch 1, which has replicas 0 to 3; its data stay as they are");
    assertThat(folder.resolve("next.yaml")).doesNotExist();
    assertThat(dataEpoch()).isZero();
    assertThat(open().dismissed()).isFalse();
    cluster = smaller.putInForce();
    assertThat(open().dismissed()).isTrue();
    assertThat(ReplicaHome.open(cluster, 0).dismissed()).isFalse();
  }

  /** Its folder was copied, and another one has its number now. */
  @Test
  void oneThatWasReplacedIsNoMember() throws IOException {
    next.discard();
    byte[] certificate = cluster.replica(REPLICA).certificatePem();
    cluster = NextEpoch.replace(cluster, REPLICA, Place.DEFAULT).putInForce();
    assertThat(open().dismissed()).isFalse();
    Path old = cluster.path().resolve("replica-4.until-1");
    new DurableFile(folder).moveTo(cluster.path().resolve("new"));
    new DurableFile(old).moveTo(folder);
    assertThat(open().part().certificatePem()).isEqualTo(certificate);
    assertThat(open().dismissed()).isTrue();
    assertThat(open().noMember()).hasMessageContaining("another one has its number 4 now");
  }
}
