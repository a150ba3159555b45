package io.destiny.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.statement.Domain;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.PublicKeys;
import io.destiny.crypto.ReplicaKeys;
import io.destiny.crypto.Scheme;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** {@code cluster.yaml}: the manifest as a file. */
final class ManifestFile {
  static final String NAME = "cluster.yaml";
  static final int PIN_BYTES = 32;
  static final int MAX_PORT = 65535;

  private static final int FORMAT = 2;
  private static final String HINT = "make a cluster folder with: destiny init --dir DIR";

  static final Map<String, Scheme> SCHEMES = new LinkedHashMap<>();
  static final Map<String, ClientAlgorithm> ALGORITHMS = new LinkedHashMap<>();
  private static final Map<String, FaultModel> MODELS = new LinkedHashMap<>();

  static {
    SCHEMES.put("multisig", Scheme.MULTI_SIGNATURE);
    SCHEMES.put("threshold", Scheme.THRESHOLD);
    ALGORITHMS.put("ed25519", ClientAlgorithm.ED25519);
    ALGORITHMS.put("ecdsa-p256", ClientAlgorithm.ECDSA_P256);
    MODELS.put("hybrid", FaultModel.HYBRID);
    MODELS.put("bft", FaultModel.BFT);
  }

  private ManifestFile() {}

  private static <T> String name(Map<String, T> names, T value) {
    return names.entrySet().stream()
        .filter(e -> e.getValue().equals(value))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  static ObjectNode write(ClusterManifest m) {
    PublicKeys keys = m.keys();
    ObjectNode root = Fields.YAML.createObjectNode();
    root.put("format", FORMAT);
    root.put("cluster", Fields.base64(keys.domain().cluster()));
    root.put("epoch", keys.domain().epoch());
    root.put("protocol", m.protocol());
    root.put("replicas", keys.rule().n());
    root.put("faultModel", name(MODELS, keys.rule().model()));
    root.put("scheme", name(SCHEMES, keys.scheme()));
    root.put("clientSignature", name(ALGORITHMS, keys.clientAlgorithm()));
    root.put("maxSessions", keys.maxSessions());
    root.put("maxStateBytes", m.maxStateBytes());
    root.set("limits", Fields.YAML.valueToTree(Parameters.written(m.limits())));
    root.set("tuning", Fields.YAML.valueToTree(Parameters.written(m.tuning())));
    if (keys.scheme() == Scheme.THRESHOLD) {
      root.put("orderingGroupKey", Fields.base64(keys.orderingGroupKey()));
      root.put("executionGroupKey", Fields.base64(keys.executionGroupKey()));
    }
    for (int i = 0; i < m.members().size(); i++) {
      member(root.withArray("/members").addObject(), i, m);
    }
    keys.principals()
        .forEach(
            (number, key) ->
                root.withArray("/principals")
                    .addObject()
                    .put("principal", number)
                    .put("key", Fields.base64(key)));
    root.putObject("provisioner")
        .put("key", Fields.base64(m.provisionerKey()))
        .put("signature", Fields.base64(m.signature()));
    return root;
  }

  private static void member(ObjectNode node, int replica, ClusterManifest m) {
    ClusterManifest.Member member = m.members().get(replica);
    ReplicaKeys keys = m.keys().replicas().get(replica);
    node.put("replica", replica);
    node.put("host", member.host());
    node.put("peerPort", member.peerPort());
    node.put("clientPort", member.clientPort());
    node.put("adminPort", member.adminPort());
    node.put("pin", Fields.base64(member.pin()));
    node.put("boot", keys.boot());
    node.put("attestationKey", Fields.base64(keys.attestationKey()));
    node.put("orderingKey", Fields.base64(keys.orderingKey()));
    node.put("executionKey", Fields.base64(keys.executionKey()));
    node.put("signingKey", Fields.base64(keys.signingKey()));
    if (m.keys().scheme() == Scheme.MULTI_SIGNATURE) {
      node.put("orderingPossession", Fields.base64(keys.orderingPossession()));
      node.put("executionPossession", Fields.base64(keys.executionPossession()));
    }
  }

  /** Reads and checks all of it: form, keys, signature. */
  static ClusterManifest read(Path folder) {
    return read(Fields.read(folder.resolve(NAME), HINT));
  }

  /**
   * The same of bytes.
   *
   * @param name what error messages call them
   */
  static ClusterManifest parse(Path name, byte[] bytes) {
    return read(Fields.parse(name, bytes));
  }

  private static ClusterManifest read(Fields f) {
    f.integer("format", FORMAT, FORMAT);
    Domain domain = new Domain(f.bytes("cluster", 16), f.number("epoch", 0, 0xFFFF_FFFFL));
    int n = f.integer("replicas", 1, Reconfiguration.MOST_REPLICAS);
    QuorumRule rule = new QuorumRule(n, f.choice("faultModel", MODELS));
    Scheme scheme = f.choice("scheme", SCHEMES);
    List<ClusterManifest.Member> members = new ArrayList<>();
    List<ReplicaKeys> replicaKeys = new ArrayList<>();
    for (Fields each : f.objects("members")) {
      each.integer("replica", members.size(), members.size());
      members.add(member(each));
      replicaKeys.add(keys(each, scheme));
      each.end();
    }
    if (members.size() != n) {
      throw f.wrong("members", "must name " + n + " replicas, not " + members.size());
    }
    boolean threshold = scheme == Scheme.THRESHOLD;
    Fields provisioner = f.object("provisioner");
    PublicKeys keys =
        new PublicKeys(
            domain,
            rule,
            scheme,
            f.choice("clientSignature", ALGORITHMS),
            replicaKeys,
            threshold ? f.bytes("orderingGroupKey") : new byte[0],
            threshold ? f.bytes("executionGroupKey") : new byte[0],
            principals(f),
            f.integer("maxSessions", 1, Integer.MAX_VALUE),
            provisioner.bytes("key"));
    ClusterManifest manifest =
        new ClusterManifest(
            f.text("protocol"),
            keys,
            Parameters.read(f.object("limits"), Limits.class, Limits.DEFAULT),
            Parameters.read(
                f.object("tuning"), Settings.Tuning.class, Settings.Tuning.defaults(rule.f())),
            f.number("maxStateBytes", 0, Long.MAX_VALUE),
            members,
            provisioner.bytes("signature"));
    provisioner.end();
    f.end();
    check(f, manifest);
    return manifest;
  }

  private static ClusterManifest.Member member(Fields f) {
    return new ClusterManifest.Member(
        f.text("host"),
        f.integer("peerPort", 1, MAX_PORT),
        f.integer("clientPort", 1, MAX_PORT),
        f.integer("adminPort", 1, MAX_PORT),
        f.bytes("pin", PIN_BYTES));
  }

  private static ReplicaKeys keys(Fields f, Scheme scheme) {
    boolean possession = scheme == Scheme.MULTI_SIGNATURE;
    return new ReplicaKeys(
        f.number("boot", Long.MIN_VALUE, Long.MAX_VALUE),
        f.bytes("attestationKey"),
        f.bytes("orderingKey"),
        possession ? f.bytes("orderingPossession") : new byte[0],
        f.bytes("executionKey"),
        possession ? f.bytes("executionPossession") : new byte[0],
        f.bytes("signingKey"));
  }

  private static SortedMap<Integer, byte[]> principals(Fields f) {
    SortedMap<Integer, byte[]> principals = new TreeMap<>();
    for (Fields each : f.objects("principals")) {
      int number = each.integer("principal", 0, Integer.MAX_VALUE);
      if (principals.put(number, each.bytes("key")) != null) {
        throw each.wrong("principal", "names " + number + " a second time");
      }
      each.end();
    }
    return principals;
  }

  /** Replicas are told apart by what they are known by, and by where they are. */
  private static void checkMembers(Fields f, List<ClusterManifest.Member> members) {
    Set<String> known = new HashSet<>();
    for (ClusterManifest.Member m : members) {
      boolean alone =
          known.add(Fields.base64(m.pin()))
              && known.add(m.host() + " " + m.peerPort())
              && known.add(m.host() + " " + m.clientPort())
              && known.add(m.host() + " " + m.adminPort());
      if (!alone) {
        throw f.wrong("members", "names a pin, or a port of a host, a second time");
      }
    }
  }

  private static void check(Fields f, ClusterManifest manifest) {
    checkMembers(f, manifest.members());
    if (!manifest.signed()) {
      throw f.wrong(
          "provisioner.signature",
          "does not fit the content: the file was changed after it was written");
    }
    try {
      manifest.keys().check();
    } catch (IllegalArgumentException e) {
      throw new ConfigException(f.file() + ": " + e.getMessage(), e);
    }
  }
}
