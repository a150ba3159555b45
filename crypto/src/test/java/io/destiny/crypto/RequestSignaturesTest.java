package io.destiny.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Request;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RequestSignaturesTest {
  private static final long CLIENT = 1L << 32 | 3;
  private static final List<byte[]> COMMANDS = List.of(new byte[] {1}, new byte[] {2, 3});

  private static byte[] statement(long client, long timestamp) {
    return Cluster.DOMAIN.request(client, timestamp, Request.group(COMMANDS));
  }

  private static Request request(long client, long timestamp, byte[] signature) {
    return Request.of(Cluster.DOMAIN, client, timestamp, COMMANDS, signature);
  }

  @ParameterizedTest
  @EnumSource(ClientAlgorithm.class)
  void oneBadSignatureSpoilsTheLot(ClientAlgorithm algorithm) {
    Cluster cluster = new Cluster(1, Scheme.MULTI_SIGNATURE, algorithm, Cluster.DOMAIN);
    ClientSigner signer = ClientSigner.of(algorithm, cluster.ceremony.clientPrivateKey());
    Request good = request(CLIENT, 1, signer.sign(statement(CLIENT, 1)));
    Request other = request(CLIENT, 2, signer.sign(statement(CLIENT, 2)));
    assertThat(cluster.valid(new Work.VerifyRequests(List.of(good, other)))).isTrue();
    assertThat(cluster.valid(new Work.VerifyRequests(List.of()))).isTrue();

    long unknown = 2L << 32;
    long session = CLIENT | 16;
    byte[] garbage = good.signature().clone();
    garbage[garbage.length - 1] ^= 1;
    for (Request bad :
        List.of(
            request(CLIENT, 2, good.signature()),
            request(CLIENT + 1, 1, good.signature()),
            request(CLIENT, 1, garbage),
            request(CLIENT, 1, new byte[0]),
            request(CLIENT, 1, new byte[64]),
            request(CLIENT, 1, new byte[80]),
            request(unknown, 1, signer.sign(statement(unknown, 1))),
            request(session, 1, signer.sign(statement(session, 1))))) {
      assertThat(cluster.valid(new Work.VerifyRequests(List.of(bad)))).isFalse();
      assertThat(cluster.valid(new Work.VerifyRequests(List.of(good, bad, other)))).isFalse();
    }
    // the engine of this thread still works after all that garbage
    assertThat(cluster.valid(new Work.VerifyRequests(List.of(good, other)))).isTrue();
  }
}
