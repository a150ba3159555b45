package io.destiny.node;

import io.destiny.node.storage.RocksStore;
import io.destiny.node.toy.ToyCluster;
import io.destiny.node.toy.ToyCrypto;
import io.destiny.node.toy.ToyMachine;
import io.destiny.node.toy.ToyMessage;
import io.destiny.node.toy.ToyProtocol;
import io.destiny.node.toy.ToyStore;
import io.destiny.node.toy.ToyTrusted;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A running node with all its toys at hand. */
final class ToyReplica implements AutoCloseable {
  /** Clients below this number are enrolled. */
  static final long CLIENTS = 1000;

  final ToyProtocol protocol;
  final ToyCrypto crypto = new ToyCrypto();
  final ToyMachine machine = new ToyMachine();
  final ToyTrusted trusted = new ToyTrusted();
  final ToyStore store;
  final Node node;

  private final NodeConfig config;

  private ToyReplica(NodeConfig config, ToyProtocol protocol, @Nullable Witness given)
      throws IOException {
    this.config = config;
    this.protocol = protocol;
    store = new ToyStore(RocksStore.open(config.dataFolder(), config.settings()));
    node =
        Node.start(
            config,
            new Node.Parts(
                protocol,
                ToyMessage.CODEC,
                crypto,
                given == null ? new Witness.TrustedCounters(trusted) : given,
                machine,
                client -> client >= 0 && client < CLIENTS,
                Successors.NONE),
            store);
  }

  static ToyReplica start(NodeConfig config, ToyProtocol protocol) throws IOException {
    return new ToyReplica(config, protocol, null);
  }

  static ToyReplica start(NodeConfig config, ToyProtocol protocol, Witness witness)
      throws IOException {
    return new ToyReplica(config, protocol, witness);
  }

  static ToyReplica start(ToyCluster cluster, int self, ToyProtocol protocol) throws IOException {
    return start(cluster.config(self), protocol);
  }

  int maxMessageBytes() {
    return config.settings().limits().maxMessageBytes();
  }

  @Override
  public void close() {
    store.release();
    crypto.release();
    node.close();
  }
}
