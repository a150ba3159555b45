package io.destiny.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who the members of the next epoch are, and what of them is in the folder. */
class NextEpochTest {
  private static final String HOST = "127.0.0.1";

  @TempDir Path dir;

  private ClusterFolder cluster(int n) {
    return cluster(n, FaultModel.HYBRID);
  }

  private ClusterFolder cluster(int n, FaultModel model) {
    String protocol = model == FaultModel.BFT ? "dqpbft" : "destiny";
    return ClusterInit.of(protocol, new QuorumRule(n, model), HOST, 17_000)
        .write(dir.resolve("cluster"));
  }

  private static List<Integer> peerPorts(ClusterManifest manifest) {
    return manifest.members().stream().map(ClusterManifest.Member::peerPort).toList();
  }

  @Test
  void newMembersFollowThePortRuleAndHaveFolders() {
    ClusterFolder cluster = cluster(3);
    NextEpoch next = NextEpoch.add(cluster, 2, Place.DEFAULT);
    assertThat(peerPorts(next.manifest())).containsExactly(17_000, 17_003, 17_006, 17_009, 17_012);
    assertThat(next.manifest().keys().rule().f()).isEqualTo(2);
    assertThat(next.manifest().tuning().collectors()).isEqualTo(2);
    assertThat(next.newcomers()).containsExactly(3, 4);
    assertThat(next.command().n()).isEqualTo(5);
    ClusterFolder after = next.putInForce();
    for (int i = 0; i < 5; i++) {
      assertThat(after.replica(i).executionKey()).isNotEmpty();
    }
    // as one that reads the bytes on the network does
    assertThat(ClusterManifest.successor(cluster.keys(), next.manifestBytes())).isNotNull();
  }

  @Test
  void newMembersGoWhereTheyAreTold() {
    ClusterFolder cluster = cluster(3);
    NextEpoch next = NextEpoch.add(cluster, 2, new Place("other", 17_000));
    assertThat(next.manifest().members().get(4).host()).isEqualTo("other");
    assertThat(next.manifest().members().get(4).adminPort()).isEqualTo(17_005);
  }

  @Test
  void aReplacedOneGoesWhereItIsToldOrStays() {
    ClusterFolder cluster = cluster(3);
    ClusterManifest.Member stays =
        NextEpoch.replace(cluster, 1, Place.DEFAULT).manifest().members().get(1);
    ClusterManifest.Member old = cluster.manifest().members().get(1);
    assertThat(stays.peerPort()).isEqualTo(old.peerPort());
    assertThat(stays.pin()).isNotEqualTo(old.pin());
    NextEpoch moved = NextEpoch.replace(cluster, 1, new Place(null, 18_000));
    assertThat(moved.manifest().members().get(1).clientPort()).isEqualTo(18_001);
    assertThat(moved.newcomers()).containsExactly(1);
    // its own ports are not taken
    NextEpoch.replace(cluster, 1, new Place(null, 17_003));
  }

  @Test
  void theLastOnesLeaveAndTheirFoldersStay() {
    ClusterFolder cluster = cluster(5);
    NextEpoch next = NextEpoch.remove(cluster, List.of(4, 3, 4));
    assertThat(peerPorts(next.manifest())).containsExactly(17_000, 17_003, 17_006);
    assertThat(next.manifest().tuning().collectors()).isEqualTo(1);
    ClusterFolder after = next.putInForce();
    assertThat(ClusterFolder.replicaFolder(after.path(), 4).resolve("execution.key")).exists();
    // and make room for others that come later
    ClusterFolder grown = NextEpoch.add(after, 1, Place.DEFAULT).putInForce();
    assertThat(grown.path().resolve("replica-3.until-2/execution.key")).exists();
    assertThat(grown.replica(3).executionKey()).isNotEmpty();
  }

  /** Of N members at most so many can join and leave at a time. */
  @ParameterizedTest
  @CsvSource({"HYBRID,3,2,0", "HYBRID,4,3,1", "HYBRID,5,4,2", "BFT,4,2,0", "BFT,7,3,2"})
  void thePresentOnesAreAQuorumOfTheNextEpochAndThoseWhoStayOfThePresent(
      FaultModel model, int n, int join, int leave) {
    ClusterFolder cluster = cluster(n, model);
    QuorumRule grown = NextEpoch.add(cluster, join, Place.DEFAULT).manifest().keys().rule();
    assertThat(grown.quorum()).isLessThanOrEqualTo(n);
    assertThatThrownBy(() -> NextEpoch.add(cluster, join + 1, Place.DEFAULT))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("1 to " + join + " new ones at a time");
    List<Integer> last = IntStream.range(n - leave, n).boxed().toList();
    if (leave > 0) {
      assertThat(NextEpoch.remove(cluster, last).manifest().members()).hasSize(n - leave);
    }
    List<Integer> more = IntStream.range(n - leave - 1, n).boxed().toList();
    assertThatThrownBy(() -> NextEpoch.remove(cluster, more))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            n - leave == 3 + (model == FaultModel.BFT ? 1 : 0) ? "tolerate no fault" : "at a time");
  }

  @Test
  void whatCannotBeIsRefusedInOneSentence() {
    ClusterFolder cluster = cluster(7);
    refused(() -> NextEpoch.remove(cluster, List.of(1)), "--replace 1 --host H --base-port B");
    refused(() -> NextEpoch.remove(cluster, List.of(6, 4)), "only the last replicas");
    refused(() -> NextEpoch.remove(cluster, List.of(7)), "no replica 7");
    refused(() -> NextEpoch.remove(cluster, List.of(-1)), "no replica -1");
    refused(() -> NextEpoch.remove(cluster, List.of(3, 4, 5, 6)), "at most 3 can leave");
    refused(() -> NextEpoch.add(cluster, 0, Place.DEFAULT), "1 to 6 new ones");
    refused(() -> NextEpoch.add(cluster, 1, new Place(null, 17_001)), "replica 0 has one of");
    refused(() -> NextEpoch.add(cluster, 2, new Place("h", 65_533)), "no place at port 65536");
    refused(() -> NextEpoch.add(cluster, 1, new Place("a host", null)), "no name of a host");
    refused(() -> NextEpoch.replace(cluster, 7, Place.DEFAULT), "there is no replica 7");
    refused(() -> NextEpoch.replace(cluster, 1, new Place(null, 0)), "no place at port 0");
    refused(() -> NextEpoch.replace(cluster, 1, new Place(null, 17_008)), "replica 2 has one of");
    assertThat(NextEpoch.prepared(cluster)).isNull();
  }

  private static void refused(Runnable change, String sentence) {
    assertThatThrownBy(change::run)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(sentence);
  }

  /** It must not take anybody's place in a later attempt. */
  @Test
  void aNewcomersFolderThatAnAttemptLeftBehindIsNotInstalled() throws IOException {
    ClusterFolder cluster = cluster(3);
    NextEpoch.replace(cluster, 1, Place.DEFAULT);
    Files.delete(cluster.path().resolve("next.yaml"));
    ClusterFolder after = NextEpoch.rotate(cluster).putInForce();
    byte[] pin = NewReplica.pin(after.replica(1).certificatePem());
    assertThat(pin).isEqualTo(cluster.manifest().members().get(1).pin());
  }

  @Test
  void aDiscardedAttemptLeavesNothing() throws IOException {
    ClusterFolder cluster = cluster(3);
    NextEpoch.add(cluster, 2, Place.DEFAULT).discard();
    assertThat(NextEpoch.prepared(cluster)).isNull();
    try (var content = Files.list(cluster.path())) {
      assertThat(content.map(p -> p.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".new") || name.startsWith("replica-3"));
    }
  }
}
