package io.destiny.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.Scheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterFolderTest {
  private static final QuorumRule RULE = new QuorumRule(3, FaultModel.HYBRID);

  @TempDir Path dir;
  private Path cluster;
  private ClusterFolder written;

  @BeforeEach
  void init() {
    cluster = dir.resolve("cluster");
    written = ClusterInit.of("destiny", RULE, "127.0.0.1", 17_000).write(cluster);
  }

  @Test
  void whatIsWrittenIsReadBack() {
    ClusterFolder read = ClusterFolder.open(cluster);
    assertThat(read.manifest().statement()).isEqualTo(written.manifest().statement());
    assertThat(read.manifest().members().get(2).adminPort()).isEqualTo(17_008);
    assertThat(read.client().principal()).isEqualTo(1);
    assertThat(read.keys().enrolled(1L << 32 | 4095)).isTrue();
    assertThat(read.keys().enrolled(1L << 32 | 4096)).isFalse();
    for (int i = 0; i < 3; i++) {
      assertThat(read.replica(i).executionKey()).isNotEmpty();
    }
  }

  @Test
  void thresholdKeysAndOtherTuningAreReadBackToo() {
    ClusterInit init = ClusterInit.of("destiny", RULE, "localhost", 1);
    ClusterFolder other =
        init.withScheme(Scheme.THRESHOLD)
            .withClientAlgorithm(ClientAlgorithm.ECDSA_P256)
            .write(dir.resolve("other"));
    assertThat(other.keys().scheme()).isEqualTo(Scheme.THRESHOLD);
    assertThat(other.client().algorithm()).isEqualTo(ClientAlgorithm.ECDSA_P256);
    assertThat(other.manifest().tuning()).isEqualTo(init.tuning());
  }

  /** sbft.md §2: the default of a server alone. */
  @Test
  void sbftAlonePermutesItsCollectors() {
    QuorumRule four = new QuorumRule(4, FaultModel.BFT);
    for (String protocol : List.of("sbft", "dqsbft", "pbft")) {
      ClusterInit init = ClusterInit.of(protocol, four, "localhost", 1);
      ClusterFolder folder = init.write(dir.resolve(protocol));
      assertThat(folder.manifest().tuning().permuted()).isEqualTo(protocol.equals("sbft"));
    }
  }

  @Test
  void aProtocolWithoutPillarsIsNotTunedToHaveSome() {
    ClusterInit init = ClusterInit.of("destiny", RULE, "localhost", 1);
    ClusterManifest manifest =
        init.withTuning(init.tuning().change().pillars(2).done())
            .write(dir.resolve("pillars"))
            .manifest();
    assertThatThrownBy(manifest::entry)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("destiny has no pillars");
  }

  @Test
  void secretsAreForTheOwnerOnly() throws IOException {
    for (String secret :
        List.of(
            "client.yaml",
            "provisioner.yaml",
            "replica-0/provision.once",
            "replica-1/tls-key.pem",
            "replica-2/execution.key")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(cluster.resolve(secret))))
          .as(secret)
          .isEqualTo("rw-------");
    }
  }

  /** Nobody would take them. */
  @Test
  void whereThereIsNoTrustedSubsystemThereAreNoKeysForOne() {
    QuorumRule rule = new QuorumRule(4, FaultModel.BFT);
    ClusterFolder bft = ClusterInit.of("pbft", rule, "127.0.0.1", 17_000).write(dir.resolve("bft"));
    for (int i = 0; i < 4; i++) {
      assertThat(bft.replicaFolder(i).resolve("provision.once")).doesNotExist();
      assertThat(bft.replica(i).executionKey()).isNotEmpty();
    }
    assertThat(bft.manifest().entry().trusted()).isFalse();
    NextEpoch.rotate(bft);
    assertThat(bft.replicaFolder(1).resolve("epoch-1/provision.once")).doesNotExist();
    assertThat(bft.replicaFolder(1).resolve("epoch-1/execution.key")).exists();
    NextEpoch.replace(bft, 2, Place.DEFAULT);
    assertThat(bft.path().resolve("replica-2.new/provision.once")).doesNotExist();
  }

  @Test
  void aProtocolOfAnotherFaultModelOrOfNoneIsRefused() {
    assertThatThrownBy(() -> ClusterInit.of("pbft", RULE, "localhost", 1))
        .isInstanceOf(ConfigException.class)
        .hasMessage("protocol pbft is of the fault model BFT, and the cluster of HYBRID");
    assertThatThrownBy(() -> ClusterInit.of("paxos", RULE, "localhost", 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'paxos', which this build does not have");
  }

  @Test
  void aFolderThatHoldsAClusterIsNotOverwritten() {
    assertThatThrownBy(() -> ClusterInit.of("destiny", RULE, "localhost", 1).write(cluster))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("holds a cluster already");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cluster.yaml", "client.yaml", "replica-1/replica.yaml", "replica-1/tls-key.pem"})
  void aMissingFileIsNamed(String file) throws IOException {
    Files.delete(cluster.resolve(file));
    assertThatThrownBy(this::readAll)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(cluster.resolve(file) + " does not exist");
  }

  private void readAll() {
    ClusterFolder folder = ClusterFolder.open(cluster);
    folder.client();
    folder.replica(1);
  }

  private void replace(String file, String pattern, String replacement) throws IOException {
    Path path = cluster.resolve(file);
    String text = Files.readString(path);
    String changed = text.replaceFirst(pattern, Matcher.quoteReplacement(replacement));
    assertThat(changed).isNotEqualTo(text);
    Files.writeString(path, changed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "cluster.yaml | peerPort: 17003 | peerPort: x | 'members[1].peerPort' must be a number",
        "cluster.yaml | peerPort: 17003 | peerPort: 70000 | 'members[1].peerPort' must be a number",
        "cluster.yaml | epoch: 0 | epoch: ~ | 'epoch' is missing",
        "cluster.yaml | epoch: 0 | epoch: -1 | 'epoch' must be a number from 0",
        "cluster.yaml | epoch: 0 | epok: 0 | 'epoch' is missing",
        "cluster.yaml | epoch: 0 | epoch: 1 | 'provisioner.signature' does not fit",
        "cluster.yaml | format: 2 | format: 1 | 'format' must be a number from 2 to 2",
        "cluster.yaml | faultModel: \"hybrid\" | faultModel: crash | 'faultModel' must be one of hybrid, bft",
        "cluster.yaml | replicas: 3 | replicas: 4 | 'members' must name 4 replicas, not 3",
        "cluster.yaml | batchDelay: \"10ms\" | batchDelay: 10 | 'tuning.batchDelay' must be a text",
        "cluster.yaml | batchDelay: \"10ms\" | batchDelay: 1h | 'tuning.batchDelay' must be a time such as 10ms",
        "cluster.yaml | permuted: false | permuted: 0 | 'tuning.permuted' must be true or false",
        "cluster.yaml | pillars: 1 | pillars: 9 | there are 1 to 8 pillars, not 9",
        "cluster.yaml | batchDelay: \"10ms\" | batchDealy: 10ms | 'tuning.batchDealy' is not known",
        "cluster.yaml | batch: 200 | batch: 201 | 'provisioner.signature' does not fit",
        "cluster.yaml | host: \"127.0.0.1\" | host: \"10.0.0.1\" | 'provisioner.signature' does not fit",
        "cluster.yaml | cluster: \"[^\"]*\" | cluster: AAAA | 'cluster' must be 16 bytes",
        "cluster.yaml | cluster: \"[^\"]*\" | cluster: '!' | 'cluster' must be a base64 text",
        "cluster.yaml | format: 2 | [ | is damaged",
        "cluster.yaml | (?s).* | hello | does not hold a YAML mapping",
        "client.yaml | principal: 1 | principal: one | 'principal' must be a number",
        "client.yaml | key: \"[^\"]*\" | key: 5 | 'key' must be a base64 text",
        "client.yaml | cluster: \"[^\"]*\" | cluster: AAAAAAAAAAAAAAAAAAAAAA== | 'cluster' names another cluster",
        "client.yaml | provisionerKey: \"[^\"]*\" | provisionerKey: AAAA | 'provisionerKey' is not the key",
        "replica-1/replica.yaml | replica: 1 | replica: 2 | 'replica' must be a number from 1 to 1",
        "replica-1/replica.yaml | data: \"data\" | dato: data | 'data' is missing",
      })
  void aDamagedFieldIsNamed(String file, String pattern, String replacement, String sentence)
      throws IOException {
    replace(file, pattern, replacement);
    assertThatThrownBy(this::readAll)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(cluster.resolve(file).toString())
        .hasMessageContaining(sentence);
  }

  @Test
  void aManifestThatAnotherProvisionerSignedIsNotTrusted() throws IOException {
    // all of cluster.yaml replaced by another cluster's: consistent in itself
    ClusterInit.of("destiny", RULE, "127.0.0.1", 17_000).write(dir.resolve("other"));
    Files.copy(
        dir.resolve("other/cluster.yaml"),
        cluster.resolve("cluster.yaml"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    ClusterFolder folder = ClusterFolder.open(cluster);
    assertThatThrownBy(() -> folder.replica(0)).isInstanceOf(ConfigException.class);
    assertThatThrownBy(folder::client).isInstanceOf(ConfigException.class);
  }

  @Test
  void aReplicaThatIsNotThereIsSaidSo() {
    assertThatThrownBy(() -> written.replica(3))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("replicas 0 to 2, there is no replica 3");
  }

  @Test
  void portsMustFit() {
    assertThatThrownBy(() -> ClusterInit.of("destiny", RULE, "localhost", 65_530))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no room");
  }
}
