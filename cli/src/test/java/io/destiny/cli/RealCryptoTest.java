package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.fault.Swarm;
import io.destiny.sim.ghost.RealKeys;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldFailure;
import io.destiny.sim.world.WorldOptions;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Simulated runs that sign and verify in earnest. */
class RealCryptoTest {
  private static final ProtocolEntry DESTINY = Catalog.find("destiny").orElseThrow();
  private static final QuorumRule THREE = new QuorumRule(3, FaultModel.HYBRID);
  private static final Domain DOMAIN = new Domain(new byte[16], 0);
  private static final int PRINCIPALS = 96;

  private static JsonNode json(String... args) throws IOException {
    CommandLineRun run = CommandLineRun.of(args);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return Output.JSON.readTree(run.out());
  }

  @Test
  void theSameSeedGivesTheSameTraceWithRealKeysToo() throws IOException {
    String[] args = {
      "sim",
      "--replicas",
      "3",
      "--wan",
      "lan",
      "--clients",
      "2",
      "--batch",
      "5",
      "--seconds",
      "1",
      "--crypto",
      "real",
      "--json",
      "-"
    };
    JsonNode first = json(args);
    assertThat(first.get("crypto").textValue()).isEqualTo("real");
    assertThat(first.get("committed").longValue()).isPositive();
    assertThat(first.get("oracles").get("checked").get("S3").longValue()).isPositive();
    assertThat(json(args).get("traceHash")).isEqualTo(first.get("traceHash"));
  }

  @ParameterizedTest
  @EnumSource(Swarm.Mode.class)
  void seedsOfTheSwarmHoldWithRealKeys(Swarm.Mode mode) {
    Swarm swarm =
        new Swarm(
            new Swarm.Subject("destiny", DESTINY::rule, DESTINY::create, DESTINY::codec, true),
            mode,
            (d, rule, seed) -> new SimulatedKeys(d, rule, seed, PRINCIPALS));
    for (long seed : new long[] {2, 5, 36}) {
      Swarm.Outcome o = swarm.run(seed);
      assertThat(o.oracle()).as("seed %d: %s", seed, o.message()).isNull();
      assertThat(o.committed()).isPositive();
    }
  }

  private static World world(RealKeys keys) {
    return World.of(WorldOptions.of(THREE, DESTINY::create, DESTINY::codec).withKeys(keys));
  }

  @Test
  void keysThatAcceptWhatNobodySignedAreFound() {
    RealKeys honest = new SimulatedKeys(DOMAIN, THREE, 1, 8);
    CryptoProvider believer = new Credulous(honest.replica(0));
    World world = world(new Replaced(honest, believer, honest.trusted(0)));
    world.start();
    // A request that its client never signed, handed to a replica that believes everything.
    long client = 1L << 32;
    assertThatThrownBy(
            () -> {
              for (int to = 0; to < 3; to++) {
                world
                    .client(client)
                    .send(to, world.client(client).forgery(1, List.of(new byte[1])));
              }
              world.run(1_000_000_000L);
            })
        .isInstanceOf(WorldFailure.class)
        .hasMessageContaining("forged");
  }

  @Test
  void aTrustedSubsystemThatGrantsWhatItMustRefuseIsFound() {
    RealKeys honest = new SimulatedKeys(DOMAIN, THREE, 1, 8);
    ThreshSign forgetful = new Forgetful(honest);
    World world = world(new Replaced(honest, honest.replica(0), forgetful));
    TrustedCall.IndependentShare first =
        new TrustedCall.IndependentShare(0, 0, 5, DOMAIN.proposal(0, 0, 5, SOME));
    TrustedCall.IndependentShare lower =
        new TrustedCall.IndependentShare(0, 0, 4, DOMAIN.proposal(0, 0, 4, SOME));
    world.enclave(0).call(List.of(first));
    assertThatThrownBy(() -> world.enclave(0).call(List.of(lower)))
        .isInstanceOf(WorldFailure.class)
        .hasMessageContaining("the real trusted subsystem answers");
  }

  private static final Digest SOME = Digest.of(new byte[0]);

  /** Finds every signature good. */
  private record Credulous(CryptoProvider inner) implements CryptoProvider {
    @Override
    public Result run(Work work) {
      return work instanceof Work.VerifyRequests ? new Result.Verdict(true) : inner.run(work);
    }

    @Override
    public List<Result> runAll(List<Work> works) {
      return works.stream().map(this::run).toList();
    }
  }

  /** Has a fresh subsystem for each call: counters at 0 for ever. */
  private record Forgetful(RealKeys keys) implements ThreshSign {
    @Override
    public List<Result> call(List<TrustedCall> calls) {
      return keys.trusted(0).call(calls);
    }

    @Override
    public long read(int instance, int counter) {
      return 0;
    }

    @Override
    public Quote attest(byte[] nonce) {
      return keys.trusted(0).attest(nonce);
    }
  }

  /** The same keys, but other machinery at replica 0. */
  private record Replaced(RealKeys keys, CryptoProvider crypto, ThreshSign subsystem)
      implements RealKeys {
    @Override
    public CryptoProvider replica(int replica) {
      return replica == 0 ? crypto : keys.replica(replica);
    }

    @Override
    public CryptoProvider verifier() {
      return keys.verifier();
    }

    @Override
    public byte[] signClient(int principal, byte[] statement) {
      return keys.signClient(principal, statement);
    }

    @Override
    public ThreshSign trusted(int replica) {
      return replica == 0 ? subsystem : keys.trusted(replica);
    }
  }
}
