package io.destiny.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others show as the manifest of a later epoch: the genuine one is taken, nothing else. */
class HostileManifestTest {
  private static final QuorumRule RULE = new QuorumRule(3, FaultModel.HYBRID);
  private static final Path NAME = Path.of("shown");

  @TempDir static Path dir;
  private static ClusterFolder cluster;
  private static ClusterManifest genuine;
  private static byte[] bytes;

  @BeforeAll
  static void prepare() {
    cluster = ClusterInit.of("destiny", RULE, "127.0.0.1", 17_000).write(dir.resolve("cluster"));
    NextEpoch next = NextEpoch.rotate(cluster);
    genuine = next.manifest();
    bytes = next.manifestBytes();
  }

  /** Not taken, and nothing but the documented exception. */
  private static void refused(byte[] shown) {
    assertThat(cluster.manifest().successor(shown)).isNull();
    assertThat(ClusterManifest.successor(cluster.keys(), shown)).isNull();
  }

  private static void damaged(byte[] shown) {
    refused(shown);
    assertThatThrownBy(() -> ManifestFile.parse(NAME, shown)).isInstanceOf(ConfigException.class);
  }

  /** Signed anew, by the cluster's own administrators. */
  private static byte[] signed(Consumer<List<ClusterManifest.Member>> change) {
    List<ClusterManifest.Member> members = new ArrayList<>(genuine.members());
    change.accept(members);
    ClusterManifest changed =
        new ClusterManifest(
            genuine.protocol(),
            genuine.keys(),
            genuine.limits(),
            genuine.tuning(),
            genuine.maxStateBytes(),
            members,
            new byte[0]);
    return written(changed.signedWith(cluster.provisionerPrivateKey()));
  }

  private static byte[] written(ClusterManifest manifest) {
    try {
      return FolderWriter.yaml(ManifestFile.write(manifest));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] edited(Consumer<ObjectNode> edit) {
    try {
      ObjectNode root = (ObjectNode) Fields.YAML.readTree(bytes);
      edit.accept(root);
      return FolderWriter.yaml(root);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theGenuineOneIsTaken() {
    assertThat(cluster.manifest().successor(bytes)).isNotNull();
    // and what the helpers of this test leave alone is what it was
    assertThat(cluster.manifest().successor(signed(members -> {}))).isNotNull();
    assertThat(cluster.manifest().successor(edited(root -> {}))).isNotNull();
  }

  @Test
  void oneThatWasChangedAfterItWasSignedIsRefused() {
    damaged(edited(root -> root.put("epoch", 2)));
    damaged(edited(root -> root.put("protocol", "dqpbft")));
    damaged(edited(root -> ((ObjectNode) root.path("members").path(1)).put("host", "evil")));
    damaged(edited(root -> ((ObjectNode) root.path("members").path(1)).put("peerPort", 9)));
    damaged(edited(root -> ((ObjectNode) root.path("provisioner")).put("signature", "")));
    damaged(edited(root -> ((ObjectNode) root.path("provisioner")).put("signature", "AAAA")));
    damaged(edited(root -> ((ObjectNode) root.path("provisioner")).put("key", "")));
  }

  /** Consistent in itself, but of others. */
  @Test
  void anotherClustersOrAnotherProvisionersIsRefused() {
    ClusterFolder other =
        ClusterInit.of("destiny", RULE, "127.0.0.1", 17_000).write(dir.resolve("other"));
    refused(NextEpoch.rotate(other).manifestBytes());
    ClusterManifest usurped =
        new ClusterManifest(
                genuine.protocol(),
                genuine.keys().withAdministrators(other.manifest().provisionerKey()),
                genuine.limits(),
                genuine.tuning(),
                genuine.maxStateBytes(),
                genuine.members(),
                new byte[0])
            .signedWith(other.provisionerPrivateKey());
    ManifestFile.parse(NAME, written(usurped));
    refused(written(usurped));
    refused(written(genuine.signedWith(other.provisionerPrivateKey())));
  }

  @Test
  void theSameOrALowerEpochIsRefused() {
    assertThat(genuine.successor(bytes)).isNull();
    assertThat(genuine.successor(written(cluster.manifest()))).isNull();
    refused(written(cluster.manifest()));
  }

  @Test
  void membersThatCannotBeToldApartAreRefusedEvenIfSigned() {
    damaged(signed(members -> members.set(2, members.get(1))));
    damaged(
        signed(
            members -> {
              ClusterManifest.Member m = members.get(2);
              byte[] pin = members.get(0).pin();
              members.set(2, member(m.peerPort(), m.clientPort(), m.adminPort(), pin));
            }));
    damaged(
        signed(
            members -> {
              ClusterManifest.Member m = members.get(2);
              int taken = members.get(0).clientPort();
              members.set(2, member(m.peerPort(), m.clientPort(), taken, m.pin()));
            }));
    damaged(
        signed(
            members -> {
              ClusterManifest.Member m = members.get(2);
              members.set(2, member(m.peerPort(), m.peerPort(), m.adminPort(), m.pin()));
            }));
  }

  private static ClusterManifest.Member member(int peer, int client, int admin, byte[] pin) {
    return new ClusterManifest.Member("127.0.0.1", peer, client, admin, pin);
  }

  @Test
  void numbersBeyondTheirLimitsAreRefused() {
    for (long n : new long[] {-1, 0, 2, 4, 1025, 65_534, 65_535, 1L << 31, Long.MAX_VALUE}) {
      damaged(edited(root -> root.put("replicas", n)));
    }
    for (long epoch : new long[] {-1, 1L << 32, Long.MAX_VALUE}) {
      damaged(edited(root -> root.put("epoch", epoch)));
    }
    damaged(edited(root -> root.put("maxSessions", 0)));
    damaged(edited(root -> root.put("maxStateBytes", -1)));
    damaged(edited(root -> ((ObjectNode) root.path("limits")).put("maxBatch", -1)));
    damaged(edited(root -> ((ObjectNode) root.path("tuning")).put("orderPrimary", 99)));
    damaged(edited(root -> root.putArray("members")));
    damaged(edited(root -> root.putArray("principals").addObject().put("principal", -1)));
    for (String key : List.of("orderingKey", "executionKey", "attestationKey")) {
      damaged(edited(root -> ((ObjectNode) root.path("members").path(0)).put(key, "AAAA")));
    }
  }

  @Test
  void whatIsCutOffIsRefused() {
    for (int length = 0; length < bytes.length; length += 37) {
      damaged(Arrays.copyOf(bytes, length));
    }
  }

  @Test
  void whatIsTooLargeIsRefused() {
    byte[] padded = Arrays.copyOf(bytes, Reconfiguration.MOST_MANIFEST_BYTES + 1);
    Arrays.fill(padded, bytes.length, padded.length, (byte) '\n');
    refused(padded);
    Arrays.fill(padded, bytes.length, padded.length, (byte) '#');
    refused(padded);
  }

  @Test
  void deepOrRepeatingYamlIsRefused() {
    damaged("[".repeat(200_000).getBytes(StandardCharsets.US_ASCII));
    damaged("{a: ".repeat(100_000).getBytes(StandardCharsets.US_ASCII));
    damaged("- ".repeat(100_000).getBytes(StandardCharsets.US_ASCII));
    StringBuilder laughs = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      laughs.append("a%d: &a%d [*a%d, *a%d]%n".formatted(i, i, i - 1, i - 1));
    }
    damaged(laughs.toString().getBytes(StandardCharsets.US_ASCII));
    damaged("epoch: !!java.net.URL [x]".getBytes(StandardCharsets.US_ASCII));
    damaged("%YAML 9.9\n---\na: b".getBytes(StandardCharsets.US_ASCII));
    damaged(("epoch: 1" + "0".repeat(300_000)).getBytes(StandardCharsets.US_ASCII));
  }

  /** Seeded: some of what they meet no person would think of. */
  @Test
  void randomBytesAndRandomChangesAreRefused() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 3000; i++) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      damaged(noise);
    }
    for (int i = 0; i < 1500; i++) {
      byte[] changed = bytes.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      }
      ClusterManifest read = cluster.manifest().successor(changed);
      // a change that YAML does not see
      assertThat(read == null || Arrays.equals(read.statement(), genuine.statement())).isTrue();
      try {
        ManifestFile.parse(NAME, changed);
      } catch (ConfigException expected) {
        assertThat(expected).hasMessageContaining("shown");
      }
    }
  }
}
