package io.destiny.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.crypto.KeyCeremony;
import io.destiny.wire.WireLimits;
import io.destiny.wire.client.Notice;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A replica says that the client's epoch is over, and shows a manifest. */
class SuccessorTest extends ClientTest {
  private static final byte[] GENUINE = {1};
  private static final byte[] FORGED = {2};

  private final List<byte[]> judged = new CopyOnWriteArrayList<>();

  /** Where {@link #GENUINE} leads: the same replicas, under keys of their own. */
  private ClusterDescription later() {
    KeyCeremony.NextEpoch next =
        KeyCeremony.next(
            cluster.keys.publicKeys(), new QuorumRule(FakeCluster.N, FaultModel.HYBRID));
    return new ClusterDescription(next.publicKeys(), cluster.description.replicas());
  }

  private DestinyClient client(ClusterDescription later) {
    return DestinyClient.connect(
        cluster.description,
        (manifest, present) -> read(manifest, later),
        cluster.signer(),
        QUICK.withDeadline(Duration.ofSeconds(3)));
  }

  private @Nullable ClusterDescription read(byte[] manifest, ClusterDescription later) {
    judged.add(manifest);
    return manifest.length == 1 && manifest[0] == GENUINE[0] ? later : null;
  }

  private static FakeCluster.Behaviour over(byte[] manifest) {
    return (request, replica, answer) ->
        answer.addNotices(
            Notice.newBuilder()
                .setCode(Notice.Code.WRONG_CLUSTER)
                .setDetail("epoch")
                .setManifest(ByteString.copyFrom(manifest)));
  }

  /** Forged, older, of another cluster: whoever reads manifests says null to all of these. */
  @Test
  void oneThatIsNoManifestOfALaterEpochChangesNothing() {
    cluster.behaviours.put(HOME, over(FORGED));
    cluster.behaviours.put(OTHER, over(FORGED));
    try (DestinyClient client = client(later())) {
      Answer.Success done = success(once(client));
      assertThat(done.receipt().verify(cluster.keys.publicKeys())).isEmpty();
    }
    assertThat(judged).isNotEmpty().allMatch(shown -> shown[0] == FORGED[0]);
  }

  @Test
  void oneThatIsTooLargeIsNotEvenRead() {
    cluster.behaviours.put(HOME, over(new byte[WireLimits.MAX_MANIFEST_BYTES + 1]));
    try (DestinyClient client = client(later())) {
      success(once(client));
    }
    assertThat(judged).isEmpty();
  }

  /** What is outstanding is sent again in the epoch that it leads to, and judged by its keys. */
  @Test
  void theGenuineOneIsFollowed() {
    List<String> before = new CopyOnWriteArrayList<>();
    cluster.all(
        (request, replica, answer) -> {
          boolean first = before.isEmpty();
          before.add(replica + ":" + request.timestamp());
          if (first) {
            over(GENUINE).on(request, replica, answer);
          } else {
            // proven under the epoch that is over
            cluster.prove(request, replica, answer);
          }
        });
    try (DestinyClient client = client(later())) {
      Answer answer = once(client);
      assertThat(answer).isInstanceOf(Answer.Unavailable.class);
    }
    assertThat(judged).hasSize(1);
    assertThat(before).hasSizeGreaterThan(2);
    assertThat(before.stream().map(a -> a.substring(2)).distinct()).hasSize(1);
  }
}
