package io.destiny.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.ClientSigner;
import io.destiny.crypto.KeyCeremony;
import io.destiny.crypto.Scheme;
import io.destiny.wire.client.Notice;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing that one faulty replica sends makes a request fail, hang, or get a wrong answer. */
class LyingReplicaTest extends ClientTest {
  private static final byte[] LIE = Outcome.encode(List.of(new byte[] {66}));

  /** Each replaces one part of a valid proof (reliability.md §2.3, ExecProof swap). */
  private enum Swap {
    EPOCH,
    CLIENT,
    TIMESTAMP,
    REQUEST,
    RESULT,
    PROOF_OF_ANOTHER_RESULT,
    OTHER_RESULT_WITH_VALID_PATH,
    INSTANCE,
    SLOT,
    POSITION,
    LEAF,
    OLDER_REPLY
  }

  private Reply swapped(Swap swap, Request request) {
    Reply p = cluster.proof(request);
    Reply.Place at = p.place();
    Reply other = cluster.prove(request, at.position(), LIE);
    return switch (swap) {
      case EPOCH -> with(p, p.epoch() + 1, p.client(), p.timestamp(), p.request(), p.result());
      case CLIENT -> with(p, p.epoch(), p.client() + 1, p.timestamp(), p.request(), p.result());
      case TIMESTAMP -> with(p, p.epoch(), p.client(), p.timestamp() - 1, p.request(), p.result());
      case REQUEST -> with(p, p.epoch(), p.client(), p.timestamp(), Digest.of(COMMAND), p.result());
      case RESULT -> with(p, p.epoch(), p.client(), p.timestamp(), p.request(), LIE);
      case PROOF_OF_ANOTHER_RESULT -> FakeCluster.withEvidence(p, other.evidence());
      case OTHER_RESULT_WITH_VALID_PATH -> FakeCluster.withEvidence(other, p.evidence());
      case INSTANCE -> at(p, 0, at.slot(), at.position(), at.leafIndex());
      case SLOT -> at(p, at.instance(), at.slot() + 1, at.position(), at.leafIndex());
      case POSITION -> at(p, at.instance(), at.slot(), at.position() + 1, at.leafIndex());
      case LEAF -> at(p, at.instance(), at.slot(), at.position(), at.leafIndex() - 1);
      case OLDER_REPLY ->
          cluster.proof(
              Request.of(
                  cluster.domain, request.client(), 5, request.commands(), request.signature()));
    };
  }

  private static Reply with(
      Reply p, long epoch, long client, long timestamp, Digest request, byte[] result) {
    return new Reply(epoch, client, timestamp, request, result, p.place(), p.evidence());
  }

  private static Reply at(Reply p, int instance, long slot, long position, int leaf) {
    Reply.Place old = p.place();
    Reply.Place place =
        new Reply.Place(instance, slot, position, old.root(), leaf, old.leaves(), old.path());
    return new Reply(
        p.epoch(), p.client(), p.timestamp(), p.request(), p.result(), place, p.evidence());
  }

  @ParameterizedTest
  @EnumSource(Swap.class)
  void everySwappedFieldOfAProofIsRefused(Swap swap) {
    cluster.behaviours.put(
        HOME, (r, i, answer) -> answer.addReplies(FakeCluster.bytes(swapped(swap, r))));
    try (DestinyClient client = cluster.client(QUICK)) {
      Answer.Success done = success(once(client));
      assertThat(done.results()).containsExactly(COMMAND);
      assertThat(done.receipt().verify(cluster.keys.publicKeys())).isEmpty();
      // it took others: the swapped reply alone was not accepted
      assertThat(cluster.arrivals).hasSizeGreaterThan(1);
    }
  }

  @Test
  void aBadProofDoesNotSpoilTheHonestProofOfTheSameRoot() {
    Certificate garbage = new Certificate(new byte[Share.SIGNATURE_BYTES], new byte[] {7});
    cluster.behaviours.put(HOME, cluster::silent);
    cluster.behaviours.put(
        OTHER,
        (r, i, answer) ->
            answer.addReplies(
                FakeCluster.bytes(
                    FakeCluster.withEvidence(cluster.proof(r), new Reply.Proof(garbage)))));
    Answer.Success done = success(once(QUICK));
    assertThat(done.receipt().verify(cluster.keys.publicKeys())).isEmpty();
  }

  @Test
  void aShareThatIsGarbageOrInAnotherReplicasNameDoesNotCount() {
    cluster.all(cluster::vote);
    cluster.behaviours.put(
        OTHER,
        (r, i, answer) -> {
          for (int signer = 0; signer < FakeCluster.N; signer++) {
            Share forged = new Share(signer, new byte[Share.SIGNATURE_BYTES]);
            answer.addReplies(
                FakeCluster.bytes(
                    FakeCluster.withEvidence(cluster.proof(r), new Reply.Vote(forged))));
          }
        });
    assertThat(success(once(QUICK)).results()).containsExactly(COMMAND);
  }

  @Test
  void garbageAndUnaskedRepliesAreIgnored() {
    cluster.behaviours.put(
        HOME,
        (r, i, answer) -> {
          answer.addReplies(ByteString.EMPTY).addReplies(ByteString.copyFrom(new byte[500]));
          Notice.Builder unknown = Notice.newBuilder().setCodeValue(99).setClient(r.client());
          answer.addNotices(unknown);
          answer.addNotices(unknown.clone().setTimestamp(r.timestamp()));
          for (int client = 0; client < 100; client++) {
            Reply p = cluster.proof(r);
            answer.addReplies(
                FakeCluster.bytes(with(p, 7, 1L << 32 | client, client, p.request(), LIE)));
          }
        });
    success(once(QUICK));
  }

  @Test
  void aLiarIsNotBelievedAgainWhileTheOthersAre() {
    cluster.behaviours.put(
        HOME,
        (r, i, answer) ->
            answer.addReplies(FakeCluster.bytes(swapped(Swap.OTHER_RESULT_WITH_VALID_PATH, r))));
    try (DestinyClient client = cluster.client(QUICK)) {
      for (int i = 0; i < 5; i++) {
        assertThat(success(once(client)).results()).containsExactly(COMMAND);
      }
    }
  }

  @Test
  void theKeysOfAnotherClusterAcceptNothing() {
    KeyCeremony.Ceremony other =
        KeyCeremony.generate(
            cluster.domain,
            cluster.keys.publicKeys().rule(),
            Scheme.MULTI_SIGNATURE,
            ClientAlgorithm.ED25519,
            64);
    try (DestinyClient client =
        DestinyClient.connect(
            new ClusterDescription(other.publicKeys(), cluster.description.replicas()),
            ClientSigner.of(ClientAlgorithm.ED25519, other.clientPrivateKey()),
            PATIENT.withDeadline(Duration.ofSeconds(3)))) {
      Answer answer = once(client);
      assertThat(answer).isInstanceOf(Answer.Unavailable.class);
      assertThat(answer.describe()).contains("sent a proof that does not verify");
      assertThat(client.counters().repliesVerified()).isZero();
    }
  }
}
