package io.destiny.cli;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.ClientSigner;
import io.destiny.crypto.InProcessThreshSign;
import io.destiny.crypto.KeyCeremony;
import io.destiny.sim.ghost.RealKeys;

/** BLS12-381 and Ed25519 for the replicas and clients of a simulation, all from its seed. */
final class SimulatedKeys implements RealKeys {
  private static final int SESSIONS = 1 << 20;

  private final KeyCeremony.Reproducible keys;

  /**
   * @param principals how many clients have a key
   */
  SimulatedKeys(Domain domain, QuorumRule rule, long seed, int principals) {
    keys = KeyCeremony.reproducible(domain, rule, SESSIONS, seed, principals);
  }

  @Override
  public CryptoProvider replica(int replica) {
    return new BlsCrypto(keys.publicKeys(), replica, keys.replicas().get(replica).executionKey());
  }

  @Override
  public CryptoProvider verifier() {
    return new BlsCrypto(keys.publicKeys());
  }

  @Override
  public byte[] signClient(int principal, byte[] statement) {
    if (principal < 1 || principal > keys.clientPrivateKeys().size()) {
      throw Failure.usage(
          "with real keys there are at most %d clients in this run"
              .formatted(keys.clientPrivateKeys().size()));
    }
    return ClientSigner.of(ClientAlgorithm.ED25519, keys.clientPrivateKeys().get(principal - 1))
        .sign(statement);
  }

  @Override
  public ThreshSign trusted(int replica) {
    return new InProcessThreshSign(keys.replicas().get(replica).provision());
  }
}
