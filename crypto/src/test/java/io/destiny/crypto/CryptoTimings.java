package io.destiny.crypto;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.ThreshSign;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.crypto.trusted.TrustedProcessClient;
import io.destiny.crypto.trusted.TrustedProcessLauncher;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Prints how long the operations take: medians in microseconds, of elapsed time and of the calling
 * thread's processor time. Not a test; run it by hand.
 */
public final class CryptoTimings {
  private static final int WARM_UP = 300;
  private static final int ROUNDS = 301;

  private CryptoTimings() {}

  public static void main(String[] args) throws Exception {
    for (Scheme scheme : Scheme.values()) {
      Cluster small = new Cluster(3, scheme);
      byte[] statement = Cluster.statement("result");
      print(scheme + " sign share", () -> small.executionShare(0, statement));
      batches(small, scheme);
      for (int n : new int[] {3, 7, 97, 193}) {
        Cluster cluster = n == 3 ? small : new Cluster(n, scheme);
        combine(cluster, scheme);
      }
    }
    clients();
    trusted();
    System.exit(0);
  }

  private static void batches(Cluster cluster, Scheme scheme) {
    List<Work> works = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      byte[] statement = Cluster.statement("slot " + i);
      List<Share> shares = cluster.executionShares(statement);
      java.util.Collections.rotate(shares, i);
      Certificate certificate =
          ((Result.Combined) cluster.combine(statement, shares)).certificate();
      works.add(new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, certificate));
    }
    for (int k : new int[] {1, 4, 16, 64}) {
      print(scheme + " verify a batch of " + k, () -> cluster.verifier.runAll(works.subList(0, k)));
    }
  }

  private static void combine(Cluster cluster, Scheme scheme) {
    byte[] statement = Cluster.statement("result");
    int t = cluster.keys.threshold(KeyPurpose.EXECUTION);
    List<Share> shares = cluster.executionShares(statement);
    print(scheme + " combine and check t=" + t, () -> cluster.combine(statement, shares));
    List<Share> bad = new ArrayList<>(shares.subList(0, t));
    bad.set(t / 2, new Share(t / 2, shares.getLast().signature()));
    print(scheme + " name 1 bad of t=" + t, () -> cluster.combine(statement, bad));
  }

  private static void clients() {
    for (ClientAlgorithm algorithm : ClientAlgorithm.values()) {
      Cluster cluster = new Cluster(1, Scheme.MULTI_SIGNATURE, algorithm, Cluster.DOMAIN);
      ClientSigner signer = ClientSigner.of(algorithm, cluster.ceremony.clientPrivateKey());
      List<byte[]> commands = List.of(new byte[512]);
      byte[] statement = Cluster.DOMAIN.request(1L << 32, 1, Request.group(commands));
      Request request = Request.of(Cluster.DOMAIN, 1L << 32, 1, commands, signer.sign(statement));
      print(algorithm + " sign", () -> signer.sign(statement));
      Work work = new Work.VerifyRequests(List.of(request));
      print(algorithm + " verify a request", () -> cluster.verifier.run(work));
    }
  }

  private static void trusted() throws Exception {
    Cluster cluster = new Cluster(3, Scheme.MULTI_SIGNATURE);
    for (int batch : new int[] {1, 16}) {
      calls("trusted in process", cluster.trusted.getFirst(), batch);
    }
    Path folder = Files.createTempDirectory("timings");
    Files.write(folder.resolve("provision.once"), cluster.ceremony.replicas().get(1).provision());
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    long start = System.nanoTime();
    try (TrustedProcessClient client =
        TrustedProcessLauncher.ensureRunning(
            folder, List.of(java, "-cp", System.getProperty("java.class.path")))) {
      System.out.printf("start a trusted process %d ms%n", (System.nanoTime() - start) / 1_000_000);
      print("trusted process, read", () -> client.read(0, 0));
      for (int batch : new int[] {1, 16}) {
        calls("trusted process", client, batch);
      }
      String pid = Files.readString(folder.resolve("trusted.pid"));
      Files.readAllLines(Path.of("/proc", pid, "status")).stream()
          .filter(line -> line.startsWith("VmRSS"))
          .forEach(System.out::println);
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroy);
    }
  }

  private static void calls(String what, ThreshSign trusted, int batch) {
    long[] value = {trusted.read(0, Counters.ORDER)};
    print(
        what + ", batch of " + batch,
        () -> {
          List<TrustedCall> calls = new ArrayList<>();
          for (int i = 0; i < batch; i++) {
            calls.add(
                new TrustedCall.IndependentShare(
                    0, Counters.ORDER, ++value[0], Cluster.digest("m")));
          }
          return trusted.call(calls);
        });
  }

  private interface Action {
    Object run();
  }

  private static void print(String what, Action action) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long[] nanos = new long[ROUNDS];
    long[] busy = new long[ROUNDS];
    long sink = 0;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
      long start = System.nanoTime();
      long processor = threads.getCurrentThreadCpuTime();
      sink += action.run().hashCode();
      if (i >= 0) {
        busy[i] = threads.getCurrentThreadCpuTime() - processor;
        nanos[i] = System.nanoTime() - start;
      }
    }
    Arrays.sort(nanos);
    Arrays.sort(busy);
    System.out.printf(
        "%-45s %9.1f µs, processor %9.1f µs%s%n",
        what, nanos[ROUNDS / 2] / 1000.0, busy[ROUNDS / 2] / 1000.0, sink == 1 ? " " : "");
  }
}
