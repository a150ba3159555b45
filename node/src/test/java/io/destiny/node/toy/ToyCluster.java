package io.destiny.node.toy;

import io.destiny.core.machine.Invariant;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.node.NodeConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Certificates, ports and configurations of some replicas on loopback. */
public final class ToyCluster {
  public static final Domain DOMAIN =
      new Domain("a toy's cluster!".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 5);

  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 6_000;

  /** Where this process looks next. */
  private static final AtomicInteger next =
      new AtomicInteger(new SplittableRandom().nextInt(PORTS));

  private final Path folder;
  private final List<Certificates> certificates = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();

  public ToyCluster(Path folder, int n) {
    this.folder = folder;
    for (int i = 0; i < n; i++) {
      certificates.add(Certificates.valid("replica-" + i));
    }
    freePorts(n);
  }

  /**
   * Below the ports that a system gives to connections: one of those may be taken between here and
   * the start of the replica. Test processes that run at once try different ones.
   */
  private void freePorts(int n) {
    for (int tries = 0; ports.size() < n; tries++) {
      Invariant.check(tries < PORTS, "free ports");
      int port = FIRST_PORT + next.getAndIncrement() % PORTS;
      if (free(port)) {
        ports.add(port);
      }
    }
  }

  private static boolean free(int port) {
    try {
      new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  public int n() {
    return certificates.size();
  }

  public Certificates certificate(int replica) {
    return certificates.get(replica);
  }

  /** Gives a replica other keys; only configurations made later know of them. */
  public void replace(int replica, Certificates other) {
    certificates.set(replica, other);
  }

  public int port(int replica) {
    return ports.get(replica);
  }

  public Settings settings(int self) {
    QuorumRule rule = new QuorumRule(n(), FaultModel.HYBRID);
    return new Settings(DOMAIN, rule, self, Limits.DEFAULT, Settings.Tuning.defaults(rule.f()));
  }

  public Path folder(int self) {
    return folder.resolve("replica-" + self);
  }

  public NodeConfig config(int self) {
    return config(self, NodeConfig.Queues.defaults(n()));
  }

  public NodeConfig config(int self, NodeConfig.Queues queues) {
    List<NodeConfig.Endpoint> peers = new ArrayList<>();
    for (int i = 0; i < n(); i++) {
      peers.add(new NodeConfig.Endpoint("127.0.0.1", port(i), certificates.get(i).pin()));
    }
    return new NodeConfig(
        "toy",
        settings(self),
        peers,
        NodeConfig.Bind.of("127.0.0.1", port(self), 0, 0),
        certificates.get(self).certificatePem(),
        certificates.get(self).keyPem(),
        folder(self),
        new byte[0],
        queues);
  }
}
