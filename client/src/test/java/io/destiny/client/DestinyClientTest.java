package io.destiny.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Request;
import io.destiny.crypto.BlsCrypto;
import io.destiny.crypto.Scheme;
import io.destiny.crypto.TlsIdentity;
import io.destiny.wire.client.Notice;
import io.destiny.wire.client.ServerFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DestinyClientTest extends ClientTest {
  @Test
  void aProofIsVerifiedAndKeptAsAReceiptThatHoldsOffline() throws Exception {
    try (DestinyClient client = cluster.client(QUICK)) {
      Answer.Success done = success(get(client.session(9).submit(List.of(COMMAND, new byte[0]))));
      assertThat(done.results()).containsExactly(COMMAND, new byte[0]);
      assertThat(done.position()).hasValue(1);
      Receipt read = Receipt.fromJson(done.receipt().toJson());
      assertThat(read.verify(cluster.keys.publicKeys())).isEmpty();
      assertThat(read.results()).containsExactly(COMMAND, new byte[0]);
      assertThat(cluster.arrivals).hasSize(1).allMatch(a -> a.startsWith(HOME + ":"));
    }
  }

  @Test
  void thresholdSignaturesServeAsWell() throws Exception {
    try (FakeCluster threshold = new FakeCluster(Scheme.THRESHOLD)) {
      threshold.all(threshold::vote);
      try (DestinyClient client = threshold.client(QUICK)) {
        Receipt receipt = success(once(client)).receipt();
        assertThat(receipt.bitmap()).isEmpty();
        assertThat(receipt.verify(threshold.keys.publicKeys())).isEmpty();
      }
    }
  }

  @Test
  void votesOfTwoReplicasCombineToAProof() {
    cluster.all(cluster::vote);
    Answer.Success done = success(once(QUICK));
    assertThat(done.receipt().verify(cluster.keys.publicKeys())).isEmpty();
  }

  @Test
  void plainRepliesOfTwoReplicasAreEnoughWithoutAReceipt() {
    cluster.all(cluster::plain);
    Answer.Success done = success(once(QUICK));
    assertThat(done.results()).containsExactly(COMMAND);
    assertThat(done.receipt()).isNull();
  }

  @Test
  void aPlainReplyOfOneReplicaIsNotEnough() {
    cluster.all(cluster::silent);
    cluster.behaviours.put(1, cluster::plain);
    Answer answer = once(QUICK.withDeadline(Duration.ofSeconds(1)));
    assertThat(answer).isInstanceOf(Answer.Unavailable.class);
    assertThat(answer.describe()).contains("answered without proof").contains("silent");
  }

  @Test
  void aSilentHomeIsHelpedOutByOthersWithTheSameBytes() {
    cluster.behaviours.put(HOME, cluster::silent);
    success(once(QUICK));
    assertThat(cluster.arrivals).hasSizeGreaterThanOrEqualTo(2);
    assertThat(cluster.arrivals.stream().map(a -> a.substring(2)).distinct()).hasSize(1);
  }

  @Test
  void aDeadHomeIsHelpedOutByOthersWithoutWaitingForT() throws Exception {
    cluster.stop(HOME);
    success(once(PATIENT));
  }

  @Test
  void afterSeveralTimeOutsNewRequestsGoToAnotherReplicaAtOnceUntilTheHomeAnswersAgain() {
    try (DestinyClient client = cluster.client(QUICK)) {
      cluster.behaviours.put(HOME, cluster::silent);
      success(once(client));
      success(once(client));
      success(once(client));
      assertThat(replicasOfTheLast()).contains(OTHER).hasSizeLessThanOrEqualTo(2);
      cluster.all(cluster::silent);
      cluster.behaviours.put(HOME, cluster::prove);
      success(once(client));
      success(once(client));
      assertThat(replicasOfTheLast()).containsExactly(HOME);
    }
  }

  /** Its home and who should adopt leave every request to time out, but one replica answers. */
  @Test
  void aSessionWhoseRequestsMustBeRepeatedAsksForAnotherHome() {
    int third = (HOME + 2) % FakeCluster.N;
    cluster.all(cluster::silent);
    cluster.behaviours.put(third, cluster::prove);
    try (DestinyClient client = cluster.client(QUICK)) {
      Session session = client.session(9);
      assertThat(session.home()).isEqualTo(HOME);
      for (int i = 0; i < 3; i++) {
        assertThat(cluster.assignments).isEmpty();
        success(get(session.submit(List.of(COMMAND))));
      }
      assertThat(session.home()).isEqualTo(OTHER);
      cluster.all(cluster::prove);
      success(get(session.submit(List.of(COMMAND))));
      assertThat(replicasOfTheLast()).containsExactly(OTHER);
      assertThat(client.counters().homesAskedFor()).isEqualTo(1);
      List<Assignment> asked = cluster.assignments;
      assertThat(asked).allMatch(a -> a.client() == session.client());
      assertThat(asked).allMatch(a -> a.home() == OTHER);
      Work work = new Work.VerifyRequests(asked.stream().map(Assignment::request).toList());
      assertThat(new BlsCrypto(cluster.keys.publicKeys()).run(work))
          .isEqualTo(new Result.Verdict(true));
    }
  }

  @Test
  void aSessionThatIsHelpedInTimeStaysAtHome() {
    try (DestinyClient client = cluster.client(QUICK)) {
      cluster.behaviours.put(HOME, cluster::silent);
      for (int i = 0; i < 6; i++) {
        success(once(client));
      }
      assertThat(cluster.assignments).isEmpty();
      assertThat(client.session(9).home()).isEqualTo(HOME);
    }
  }

  private List<Integer> replicasOfTheLast() {
    String last = Collections.max(cluster.arrivals.stream().map(a -> a.substring(2)).toList());
    return cluster.arrivals.stream()
        .filter(a -> a.endsWith(":" + last))
        .map(a -> Integer.parseInt(a.substring(0, 1)))
        .toList();
  }

  @Test
  void repetitionsComeLessAndLessOften() {
    cluster.all(cluster::silent);
    // T, 2T, 4T, 8T, 8T from the start on: five in 2.5 s, and ever faster ones would be many more
    once(QUICK.withDeadline(Duration.ofMillis(2_400)));
    long atHome = cluster.arrivals.stream().filter(a -> a.startsWith(HOME + ":")).count();
    assertThat(atHome).isBetween(2L, 6L);
  }

  @Test
  void aHomeThatComesBackGetsWhatItMissed() throws Exception {
    cluster.all(cluster::silent);
    cluster.stop(HOME);
    try (DestinyClient client = cluster.client(PATIENT)) {
      CompletableFuture<Answer> future = client.session(9).submit(List.of(COMMAND));
      while (cluster.arrivals.isEmpty()) {
        Thread.onSpinWait();
      }
      cluster.behaviours.put(HOME, cluster::prove);
      cluster.restart(HOME);
      success(get(future));
    }
  }

  @Test
  void busyIsSentAgainUntilThereIsRoom() {
    AtomicInteger refusals = new AtomicInteger(5);
    cluster.behaviours.put(
        HOME,
        (r, replica, answer) -> {
          if (refusals.getAndDecrement() > 0) {
            FakeCluster.notice(Notice.Code.BUSY).on(r, replica, answer);
          } else {
            cluster.prove(r, replica, answer);
          }
        });
    success(once(PATIENT));
    assertThat(cluster.arrivals).hasSize(6);
  }

  @Test
  void busyUntilTheDeadlineIsSaid() {
    cluster.all(FakeCluster.notice(Notice.Code.BUSY));
    assertThat(once(QUICK.withDeadline(Duration.ofSeconds(3)))).isInstanceOf(Answer.Busy.class);
  }

  @Test
  void oneReplicaCannotRefuseARequestButTwoCan() {
    cluster.behaviours.put(HOME, FakeCluster.notice(Notice.Code.UNKNOWN_CLIENT));
    success(once(PATIENT)); // the refusal itself made the client ask the others
    cluster.all(FakeCluster.notice(Notice.Code.BAD_SIGNATURE));
    Answer answer = once(PATIENT);
    assertThat(answer).isInstanceOf(Answer.Refused.class);
    assertThat(((Answer.Refused) answer).reason()).isEqualTo(Answer.Refusal.BAD_SIGNATURE);
  }

  @Test
  void staleIsTyped() {
    cluster.all(
        (r, replica, answer) ->
            answer.addReplies(FakeCluster.bytes(cluster.prove(r, 1, Outcome.stale()))));
    assertThat(once(QUICK)).isInstanceOf(Answer.Stale.class);
  }

  @Test
  void aServerWithAnotherCertificateIsNotTalkedTo() {
    List<ClusterDescription.Endpoint> wrong = new ArrayList<>();
    for (ClusterDescription.Endpoint e : cluster.description.replicas()) {
      wrong.add(FakeCluster.endpoint(e.clientPort(), TlsIdentity.generate("other")));
    }
    try (DestinyClient client =
        DestinyClient.connect(
            new ClusterDescription(cluster.keys.publicKeys(), wrong),
            cluster.signer(),
            QUICK.withDeadline(Duration.ofSeconds(2)))) {
      assertThat(once(client).describe()).contains("certificate is not the one");
      assertThat(cluster.arrivals).isEmpty();
    }
  }

  @Test
  void aSessionHasOneRequestOutstanding() {
    cluster.all(cluster::silent);
    try (DestinyClient client = cluster.client(QUICK)) {
      Session session = client.session(9);
      CompletableFuture<Answer> first = session.submit(List.of(COMMAND));
      Answer second = get(session.submit(List.of(COMMAND)));
      assertThat(((Answer.Rejected) second).reason()).isEqualTo(Answer.Rejection.SESSION_IN_USE);
      cluster.all(cluster::prove);
      success(get(first));
      success(once(client));
    }
  }

  @Test
  void thePoolSpreadsOverItsSessionsAndRefusesWhatItsQueueCannotHold() {
    cluster.all(cluster::silent);
    try (DestinyClient client = cluster.client(QUICK.withMaxQueued(3))) {
      List<CompletableFuture<Answer>> futures = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        futures.add(client.submit(List.of(new byte[] {(byte) i})));
      }
      assertThat(((Answer.Rejected) get(futures.get(7))).reason())
          .isEqualTo(Answer.Rejection.QUEUE_FULL);
      cluster.all(cluster::prove);
      for (int i = 0; i < 7; i++) {
        assertThat(success(get(futures.get(i))).results()).containsExactly(new byte[] {(byte) i});
      }
      success(get(client.submit(List.of(COMMAND))));
      assertThatThrownBy(() -> client.session(3)).hasMessageContaining("pool");
      assertThatThrownBy(() -> client.session(64)).hasMessageContaining("0 to 63");
    }
  }

  @Test
  void groupsThatNoReplicaTakesAreNotSentAndLeaveTheirSessionFree() {
    try (DestinyClient client = cluster.client(QUICK)) {
      for (List<byte[]> bad : List.of(List.<byte[]>of(), List.of(new byte[1 << 20]))) {
        for (int i = 0; i < 5; i++) {
          Answer answer = get(client.session(9).submit(bad));
          assertThat(((Answer.Rejected) answer).reason()).isEqualTo(Answer.Rejection.BAD_GROUP);
          Answer pooled = get(client.submit(bad));
          assertThat(((Answer.Rejected) pooled).reason()).isEqualTo(Answer.Rejection.BAD_GROUP);
        }
      }
      success(once(client));
      success(get(client.submit(List.of(COMMAND))));
    }
  }

  @Test
  void closingEndsWhatIsUnderWayAndWhatComesAfter() {
    cluster.all(cluster::silent);
    DestinyClient client = cluster.client(QUICK.withSessions(0, 1));
    List<CompletableFuture<Answer>> futures =
        List.of(
            client.submit(List.of(COMMAND)),
            client.submit(List.of(COMMAND)),
            client.session(9).submit(List.of(COMMAND)));
    client.close();
    futures.forEach(f -> assertThat(get(f)).isInstanceOf(Answer.Closed.class));
    assertThat(get(client.submit(List.of(COMMAND)))).isInstanceOf(Answer.Closed.class);
    client.close();
  }

  @Test
  void aCallbackMaySubmitAgain() {
    try (DestinyClient client = cluster.client(QUICK)) {
      Session session = client.session(9);
      CompletableFuture<Answer> chain = session.submit(List.of(COMMAND));
      for (int i = 0; i < 20; i++) {
        chain = chain.thenCompose(answer -> session.submit(List.of(COMMAND)));
      }
      assertThat(success(get(chain)).position()).hasValue(21);
    }
  }

  @Test
  void manyRepliesOfOneRootNeedOneVerification() {
    List<Request> batch = new ArrayList<>();
    int sessions = 32;
    // replies wait until the whole batch is there: they then hang from one root
    cluster.all((r, replica, answer) -> batchReply(batch, r, sessions, answer));
    try (DestinyClient client = cluster.client(QUICK.withSessions(0, sessions))) {
      List<CompletableFuture<Answer>> futures = new ArrayList<>();
      for (int i = 0; i < sessions; i++) {
        futures.add(client.submit(List.of(COMMAND)));
      }
      futures.forEach(f -> success(get(f)));
      success(
          get(
              client.submit(
                  List.of(COMMAND)))); // its turn has published the counters of the ones before
      assertThat(client.counters().repliesVerified()).isGreaterThanOrEqualTo(sessions);
      assertThat(client.counters().rootsVerified()).isLessThanOrEqualTo(2);
    }
  }

  private void batchReply(
      List<Request> batch, Request request, int size, ServerFrame.Builder answer) {
    synchronized (batch) {
      if (batch.size() == size && !batch.contains(request)) {
        answer.addReplies(FakeCluster.bytes(cluster.proof(request)));
        return;
      }
      if (!batch.contains(request)) {
        batch.add(request);
      }
      if (batch.size() == size) {
        cluster.proveBatch(batch).forEach(reply -> answer.addReplies(FakeCluster.bytes(reply)));
      }
    }
  }

  @Test
  void timestampsNeverRepeatOrFall() {
    Timestamps timestamps = new Timestamps();
    long last = 1_600_000_000_000_000L;
    for (int i = 0; i < 10_000; i++) {
      long next = timestamps.next();
      assertThat(next).isGreaterThan(last);
      last = next;
    }
  }
}
