package io.destiny.client;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.statement.Domain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Verifies each result root once, however many replies hang from it, and roots that wait together
 * as one batch. Used by the client's thread only.
 */
final class RootVerifier {
  /** Roots remembered with their certificates. */
  static final int REMEMBERED = 4096;

  /**
   * Unverified proofs of one replica that go into one batch: what a liar can spoil before it is
   * found out.
   */
  static final int PER_REPLICA = 16;

  private final Domain domain;
  private final CryptoProvider crypto;
  private final IntConsumer liar;
  private final Map<Root, Certificate> verified =
      new LinkedHashMap<>(256, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Root, Certificate> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final Map<Root, Pending> pending = new LinkedHashMap<>();
  private long count;

  /** What waits for one root. */
  private static final class Pending {
    final Map<Integer, Certificate> candidates = new LinkedHashMap<>();
    final List<Runnable> waiting = new ArrayList<>();
    @Nullable List<Share> shares;
  }

  private record Job(Root root, int replica, Work work) {}

  /**
   * @param liar told of each replica whose proof or share does not verify
   */
  RootVerifier(Domain domain, CryptoProvider crypto, IntConsumer liar) {
    this.domain = domain;
    this.crypto = crypto;
    this.liar = liar;
  }

  /** The certificate of a root that was verified and is remembered. */
  @Nullable Certificate certificate(Root root) {
    return verified.get(root);
  }

  /** Runs {@code then} once the root is verified by this or another certificate, or never. */
  void verify(Root root, int replica, Certificate certificate, Runnable then) {
    Pending p = pending.computeIfAbsent(root, r -> new Pending());
    p.candidates.putIfAbsent(replica, certificate);
    p.waiting.add(then);
  }

  /** The same with a threshold of shares of distinct replicas. */
  void combine(Root root, List<Share> shares, Runnable then) {
    Pending p = pending.computeIfAbsent(root, r -> new Pending());
    p.shares = shares;
    p.waiting.add(then);
  }

  boolean idle() {
    return pending.isEmpty();
  }

  /** Roots verified so far. */
  long count() {
    return count;
  }

  /** Drops what a replica that turned out to lie has waiting. */
  void forget(int replica) {
    pending
        .values()
        .removeIf(
            p -> {
              p.candidates.remove(replica);
              return p.candidates.isEmpty() && p.shares == null;
            });
  }

  /** Verifies what waits, until nothing does. */
  void run() {
    while (!pending.isEmpty()) {
      List<Job> jobs = jobs();
      List<Work> works = new ArrayList<>(jobs.size());
      jobs.forEach(job -> works.add(job.work));
      List<Result> results =
          works.size() == 1 ? List.of(crypto.run(works.getFirst())) : crypto.runAll(works);
      for (int i = 0; i < jobs.size(); i++) {
        settle(jobs.get(i), results.get(i));
      }
    }
  }

  /** One job a root; at most {@link #PER_REPLICA} of one replica. */
  private List<Job> jobs() {
    List<Job> jobs = new ArrayList<>(pending.size());
    Map<Integer, Integer> taken = new HashMap<>();
    pending.forEach(
        (root, p) -> {
          byte[] statement = root.statement(domain);
          for (Map.Entry<Integer, Certificate> c : p.candidates.entrySet()) {
            if (taken.merge(c.getKey(), 1, Integer::sum) <= PER_REPLICA) {
              Work work = new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, c.getValue());
              jobs.add(new Job(root, c.getKey(), work));
              return;
            }
          }
          if (p.candidates.isEmpty() && p.shares != null) {
            Work work = new Work.Combine(KeyPurpose.EXECUTION, statement, p.shares);
            jobs.add(new Job(root, -1, work));
          }
        });
    return jobs;
  }

  private void settle(Job job, Result result) {
    Pending p = pending.get(job.root);
    if (p == null) {
      return; // its replica was found out by an earlier result of the batch
    }
    switch (result) {
      case Result.Verdict v when v.valid() && job.work instanceof Work.VerifyCertificate c ->
          accept(job.root, p, c.certificate());
      case Result.Combined c -> accept(job.root, p, c.certificate());
      case Result.BadShares bad -> {
        dropShares(job.root, p);
        bad.signers().forEach(liar::accept);
      }
      default -> {
        if (job.replica >= 0) {
          liar.accept(job.replica);
          forget(job.replica);
        } else {
          dropShares(job.root, p);
        }
      }
    }
  }

  private void dropShares(Root root, Pending p) {
    p.shares = null;
    if (p.candidates.isEmpty()) {
      pending.remove(root);
    }
  }

  private void accept(Root root, Pending p, Certificate certificate) {
    pending.remove(root);
    verified.put(root, certificate);
    count++;
    p.waiting.forEach(Runnable::run);
  }
}
