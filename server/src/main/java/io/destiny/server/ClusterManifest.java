package io.destiny.server;

import io.destiny.core.machine.Settings;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.ClientSigner;
import io.destiny.crypto.PublicKeys;
import io.destiny.crypto.ReplicaKeys;
import io.destiny.crypto.sign.SignatureSuite;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What everyone knows of a cluster: the content of {@code cluster.yaml}.
 *
 * @param protocol its name in the catalogue
 * @param maxStateBytes limit of the key-value state, see {@link KeyValueStore}
 * @param members one for each replica, in order
 * @param signature the provisioner's, over {@link #statement}
 */
public record ClusterManifest(
    String protocol,
    PublicKeys keys,
    Limits limits,
    Settings.Tuning tuning,
    long maxStateBytes,
    List<Member> members,
    byte[] signature) {
  public ClusterManifest {
    members = List.copyOf(members);
  }

  /**
   * Where a replica is and how its TLS certificate is known.
   *
   * @param pin SHA-256 of the certificate's SubjectPublicKeyInfo
   */
  public record Member(String host, int peerPort, int clientPort, int adminPort, byte[] pin) {}

  /** Who made the cluster and administers it, the same in all epochs: an Ed25519 key, X.509. */
  public byte[] provisionerKey() {
    return keys.administratorsKey();
  }

  /** The number of the epoch that it describes. */
  public long epoch() {
    return keys.domain().epoch();
  }

  /**
   * What this build has under the protocol's name.
   *
   * @throws ConfigException if it has no such protocol, one of another fault model, or one that
   *     cannot be tuned so
   */
  public ProtocolEntry entry() {
    ProtocolEntry entry = entry(protocol, keys.rule());
    if (tuning.pillars() > 1 && !entry.pillars()) {
      throw new ConfigException(
          "protocol %s has no pillars, and the cluster %d".formatted(protocol, tuning.pillars()));
    }
    return entry;
  }

  static ProtocolEntry entry(String protocol, QuorumRule rule) {
    ProtocolEntry entry =
        Catalog.find(protocol)
            .orElseThrow(
                () ->
                    new ConfigException(
                        "the cluster is of protocol '%s', which this build does not have"
                            .formatted(protocol)));
    if (entry.model() != rule.model()) {
      throw new ConfigException(
          "protocol %s is of the fault model %s, and the cluster of %s"
              .formatted(protocol, entry.model(), rule.model()));
    }
    return entry;
  }

  /** The same, signed with the provisioner's key, PKCS#8. */
  ClusterManifest signedWith(byte[] provisionerPrivateKey) {
    byte[] fresh =
        ClientSigner.of(ClientAlgorithm.ED25519, provisionerPrivateKey).sign(statement());
    return new ClusterManifest(protocol, keys, limits, tuning, maxStateBytes, members, fresh);
  }

  /**
   * Reads the manifest of a later epoch of this cluster, or answers null: it must be well-formed,
   * of the same cluster, and signed by the same provisioner. Never throws on account of the bytes.
   */
  public @Nullable ClusterManifest successor(byte[] bytes) {
    return successor(keys, bytes);
  }

  /** The same for who has nothing but the present epoch's keys. */
  public static @Nullable ClusterManifest successor(PublicKeys present, byte[] bytes) {
    if (bytes.length > Reconfiguration.MOST_MANIFEST_BYTES) {
      return null;
    }
    try {
      ClusterManifest next = ManifestFile.parse(Path.of("the next epoch's manifest"), bytes);
      return follows(present, next) ? next : null;
    } catch (RuntimeException e) {
      // whatever a parser makes of bytes from the network
      return null;
    }
  }

  private static boolean follows(PublicKeys present, ClusterManifest next) {
    return next.epoch() > present.domain().epoch()
        && Arrays.equals(next.keys.domain().cluster(), present.domain().cluster())
        && Arrays.equals(next.provisionerKey(), present.administratorsKey());
  }

  /** What replica {@code self}'s protocol is told. */
  public Settings settings(int self) {
    return new Settings(keys.domain(), keys.rule(), self, limits, tuning);
  }

  /** The canonical bytes that the provisioner signs: all of the content but the signature. */
  byte[] statement() {
    Writer w = keys.domain().begin(StatementKind.MANIFEST, 0, 0, 0);
    text(w, protocol);
    w.u16(keys.rule().n());
    text(w, keys.rule().model().name());
    text(w, keys.scheme().name());
    text(w, keys.clientAlgorithm().name());
    w.bytes(keys.orderingGroupKey()).bytes(keys.executionGroupKey()).u32(keys.maxSessions());
    SortedMap<Integer, byte[]> principals = keys.principals();
    w.u32(principals.size());
    principals.forEach((number, key) -> w.u32(number).bytes(key));
    for (int i = 0; i < members.size(); i++) {
      member(w, members.get(i), keys.replicas().get(i));
    }
    Parameters.of(limits).forEach((name, value) -> text(w, name).u64(value));
    Parameters.of(tuning).forEach((name, value) -> text(w, name).u64(value));
    return w.u64(maxStateBytes).bytes(provisionerKey()).toBytes();
  }

  private static Writer text(Writer w, String text) {
    return w.bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void member(Writer w, Member m, ReplicaKeys k) {
    text(w, m.host).u16(m.peerPort).u16(m.clientPort).u16(m.adminPort).bytes(m.pin);
    w.u64(k.boot()).bytes(k.attestationKey());
    w.bytes(k.orderingKey()).bytes(k.orderingPossession());
    w.bytes(k.executionKey()).bytes(k.executionPossession()).bytes(k.signingKey());
  }

  /** Whether the provisioner that it names signed it as it is. */
  boolean signed() {
    try {
      return SignatureSuite.ED25519.verify(
          SignatureSuite.ED25519.publicKey(provisionerKey()), statement(), signature);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
