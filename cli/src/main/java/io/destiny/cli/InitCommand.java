package io.destiny.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.model.QuorumRule;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.Scheme;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.server.ClusterFolder;
import io.destiny.server.ClusterInit;
import java.nio.file.Path;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code destiny init}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = "Write a new cluster's folder: manifest, keys, one enrolled client.",
    footer = {"", "Example: destiny init --dir cluster --replicas 3 --base-port 17000"})
final class InitCommand implements Runnable {
  static final int BASE_PORT = 17_000;

  @Option(
      names = "--dir",
      required = true,
      paramLabel = "D",
      description = "Folder to write; it must not hold a cluster.")
  private Path dir;

  @Option(
      names = "--protocol",
      paramLabel = "P",
      defaultValue = Protocols.DEFAULT,
      description = "Protocol, see `destiny protocols` (default: ${DEFAULT-VALUE}).")
  private String protocol;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "Number of replicas (default: the smallest of the protocol).")
  private @Nullable Integer replicas;

  @Option(
      names = "--base-port",
      paramLabel = "B",
      defaultValue = "" + BASE_PORT,
      description =
          "Replica i: peers B+3i, clients B+3i+1, admin B+3i+2 (default: ${DEFAULT-VALUE}).")
  private int basePort;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = "127.0.0.1",
      description = "Where the replicas are reached (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--scheme",
      paramLabel = "S",
      defaultValue = "multisig",
      description = "Certificates: multisig or threshold (default: ${DEFAULT-VALUE}).")
  private String scheme;

  @Option(
      names = "--client-signature",
      paramLabel = "A",
      defaultValue = "ed25519",
      description = "Client signatures: ed25519 or ecdsa-p256 (default: ${DEFAULT-VALUE}).")
  private String clientSignature;

  @Mixin private Output output;

  @Override
  public void run() {
    ProtocolEntry entry = Protocols.named(protocol);
    QuorumRule rule = Protocols.rule(entry, replicas);
    ClusterFolder cluster =
        ClusterInit.of(protocol, rule, host, basePort)
            .withScheme(scheme())
            .withClientAlgorithm(algorithm())
            .write(dir);
    String id = HexFormat.of().formatHex(cluster.keys().domain().cluster());
    output.say(
        "%s: cluster %s of %d replicas (f = %d), protocol %s, ports %d to %d"
            .formatted(
                dir, id, rule.n(), rule.f(), protocol, basePort, basePort + 3 * rule.n() - 1));
    output.say("start a replica with: destiny start --dir " + dir + " --replica 0");
    ObjectNode report = Output.object();
    report
        .put("dir", dir.toString())
        .put("cluster", cluster.keys().domain().cluster())
        .put("protocol", protocol)
        .put("replicas", rule.n())
        .put("f", rule.f())
        .put("faultModel", rule.model().name())
        .put("basePort", basePort);
    output.report(report);
  }

  private Scheme scheme() {
    return switch (scheme) {
      case "multisig" -> Scheme.MULTI_SIGNATURE;
      case "threshold" -> Scheme.THRESHOLD;
      default -> throw Failure.usage("--scheme is multisig or threshold, not " + scheme);
    };
  }

  private ClientAlgorithm algorithm() {
    return switch (clientSignature) {
      case "ed25519" -> ClientAlgorithm.ED25519;
      case "ecdsa-p256" -> ClientAlgorithm.ECDSA_P256;
      default ->
          throw Failure.usage(
              "--client-signature is ed25519 or ecdsa-p256, not " + clientSignature);
    };
  }
}
