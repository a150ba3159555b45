package io.destiny.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Homes;
import io.destiny.crypto.Scheme;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** What the client's tests share: a cluster whose replicas prove everything, and session 9. */
@Timeout(60)
abstract class ClientTest {
  static final byte[] COMMAND = {1, 2, 3};
  static final int HOME = Homes.of(1L << 32 | 9, FakeCluster.N);
  static final int OTHER = (HOME + 1) % FakeCluster.N;

  /** T_client is short. */
  static final ClientOptions QUICK =
      ClientOptions.DEFAULT
          .withSessions(0, 4)
          .withRetransmitAfter(Duration.ofMillis(100))
          .withDeadline(Duration.ofSeconds(20));

  /** T_client is too long to matter. */
  static final ClientOptions PATIENT = QUICK.withRetransmitAfter(Duration.ofSeconds(45));

  FakeCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = new FakeCluster(Scheme.MULTI_SIGNATURE);
    cluster.all(cluster::prove);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  static Answer get(CompletableFuture<Answer> future) {
    try {
      return future.get(50, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static Answer once(DestinyClient client) {
    return get(client.session(9).submit(List.of(COMMAND)));
  }

  Answer once(ClientOptions options) {
    try (DestinyClient client = cluster.client(options)) {
      return once(client);
    }
  }

  static Answer.Success success(Answer answer) {
    assertThat(answer).as(answer.describe()).isInstanceOf(Answer.Success.class);
    return (Answer.Success) answer;
  }
}
