package io.destiny.node.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Request;
import io.destiny.node.metrics.NodeMetrics;
import io.destiny.node.toy.Eventually;
import io.destiny.node.toy.ToyCluster;
import io.destiny.node.toy.ToyCrypto;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One worker, so that the order in which it takes work can be seen. */
class CryptoPoolTest {
  private final Inbox inbox = new Inbox();
  private final List<String> ran = new CopyOnWriteArrayList<>();
  private final Semaphore allowed = new Semaphore(0);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final CryptoPool pool =
      new CryptoPool(
          new Recording(), inbox, new NodeMetrics(), new ThreadStarter(0, failure::set), 1);
  private final List<Input.Computed> answers = new ArrayList<>();

  private final class Recording implements CryptoProvider {
    @Override
    public Result run(Work work) {
      return runAll(List.of(work)).getFirst();
    }

    @Override
    public List<Result> runAll(List<Work> works) {
      ran.add(works.getFirst().getClass().getSimpleName() + works.size());
      allowed.acquireUninterruptibly();
      return works.stream().map(Recording::verdict).toList();
    }

    private static Result verdict(Work work) {
      if (work instanceof Work.SignExecution) {
        throw new IllegalStateException("no key");
      }
      boolean bad =
          work instanceof Work.VerifyRequests v
              && v.requests().stream().anyMatch(r -> r.signature()[0] == 0);
      return new Result.Verdict(!bad);
    }
  }

  private static Work certificate() {
    return new Work.VerifyCertificate(
        KeyPurpose.ORDERING, new byte[1], new Certificate(new byte[48], new byte[0]));
  }

  private static Work combine() {
    return new Work.Combine(KeyPurpose.ORDERING, new byte[1], List.of());
  }

  private static List<Request> requests(int count, int badOne) {
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] signature = i == badOne ? ToyCrypto.bad() : ToyCrypto.good();
      requests.add(Request.of(ToyCluster.DOMAIN, 1, i, List.of(new byte[1]), signature));
    }
    return requests;
  }

  private List<Input.Computed> answers(int count) {
    Eventually.until(
        count + " answers",
        () -> {
          Input input = inbox.takeOwn();
          if (input != null) {
            answers.add((Input.Computed) input);
          }
          return answers.size() >= count;
        });
    return answers;
  }

  @AfterEach
  void close() {
    allowed.release(1000);
    pool.close();
  }

  @Test
  void urgentWorkOvertakesClientSignaturesAndCertificatesGoTogether() {
    pool.submit(1, new Work.VerifyRequests(requests(40, -1)));
    pool.submit(2, certificate());
    pool.submit(3, combine());
    pool.submit(4, certificate());
    pool.start();
    allowed.release(100);

    assertThat(answers(4)).extracting(Input.Computed::job).containsExactly(2L, 4L, 3L, 1L);
    // the certificates as one batch; the forty requests in three parts
    assertThat(ran)
        .containsExactly(
            "VerifyCertificate2",
            "Combine1",
            "VerifyRequests1",
            "VerifyRequests1",
            "VerifyRequests1");
  }

  @Test
  void oneBadSignatureInALargeBatchAnswersOnceAndSparesTheRest() {
    pool.submit(1, new Work.VerifyRequests(requests(64, 3)));
    pool.submit(2, new Work.VerifyRequests(requests(1, -1)));
    pool.start();
    allowed.release(100);

    assertThat(answers(2))
        .containsExactly(
            new Input.Computed(1, new Result.Verdict(false)),
            new Input.Computed(2, new Result.Verdict(true)));
    assertThat(ran).hasSize(2);
  }

  @Test
  void allOfSeveralIsTheConjunction() {
    pool.submit(1, new Work.All(List.of(certificate(), new Work.VerifyRequests(requests(1, -1)))));
    pool.submit(2, new Work.All(List.of(certificate(), new Work.VerifyRequests(requests(1, 0)))));
    pool.submit(3, new Work.All(List.of()));
    pool.start();
    allowed.release(100);

    assertThat(answers(3))
        .containsExactlyInAnyOrder(
            new Input.Computed(1, new Result.Verdict(true)),
            new Input.Computed(2, new Result.Verdict(false)),
            new Input.Computed(3, new Result.Verdict(true)));
  }

  @Test
  void aCancelledJobIsNotBegunAndASplitOneEndsHalfWay() {
    pool.submit(1, new Work.VerifyRequests(requests(64, -1)));
    pool.submit(2, combine());
    pool.cancel(2);
    pool.start();
    Eventually.until("the first part", () -> ran.size() == 1);
    pool.cancel(1);
    pool.submit(3, combine());
    allowed.release(100);

    assertThat(answers(1)).extracting(Input.Computed::job).containsExactly(3L);
    assertThat(ran).containsExactly("VerifyRequests1", "Combine1");
  }

  @Test
  void eachClientsSignatureIsJudgedByItself() {
    AtomicReference<List<Result>> verdicts = new AtomicReference<>();
    pool.verifyEach(requests(3, 1), verdicts::set);
    pool.start();
    allowed.release(100);

    Eventually.until("the verdicts", () -> verdicts.get() != null);
    assertThat(verdicts.get())
        .containsExactly(
            new Result.Verdict(true), new Result.Verdict(false), new Result.Verdict(true));
  }

  @Test
  void aProviderThatThrowsStopsTheReplica() {
    pool.submit(1, new Work.SignExecution(new byte[1]));
    pool.start();
    allowed.release(100);

    Eventually.until("the failure", () -> failure.get() != null);
    assertThat(failure.get()).hasMessage("no key");
  }
}
