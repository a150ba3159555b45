package io.destiny.node.gateway;

import io.destiny.core.crypto.Result;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Request;
import io.destiny.node.loop.CryptoPool;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Has the signatures of requests checked on the crypto pool: what waits together is checked in one
 * job. A request whose very bytes were verified lately is not checked again, since clients repeat
 * themselves. Bounded by the gateway's quota; thread-safe.
 */
final class RequestVerifier {
  private static final int MOST_REMEMBERED = 1 << 14;
  private static final int BATCH = 64;

  private final CryptoPool crypto;
  private final Verdicts verdicts;
  private final int mostJobs;

  // guarded by this
  private final Map<Digest, Candidate> underWay = new LinkedHashMap<>();
  private final ArrayDeque<Candidate> waiting = new ArrayDeque<>();
  private final Map<Digest, Boolean> verified = new Remembered();
  private int jobs;

  /** Told the verdict of each request; must not block. */
  interface Verdicts {
    void decided(Candidate candidate, boolean valid);
  }

  /** What came of handing in a request. */
  enum Intake {
    /** A verdict will come. */
    CHECKED,
    /** The signature is known to be good: no verdict will come. */
    KNOWN,
    /** Its verdict is on its way already. */
    DUPLICATE
  }

  /** A request, and on which connection it came, how long it is. */
  record Candidate(Request request, ClientConnection connection, int bytes) {}

  private static final class Remembered extends LinkedHashMap<Digest, Boolean> {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Digest, Boolean> eldest) {
      return size() > MOST_REMEMBERED;
    }
  }

  /**
   * @param mostJobs how many jobs may be under way at once
   */
  RequestVerifier(CryptoPool crypto, Verdicts verdicts, int mostJobs) {
    this.crypto = crypto;
    this.verdicts = verdicts;
    this.mostJobs = mostJobs;
  }

  synchronized Intake take(Candidate candidate) {
    Digest digest = candidate.request().digest();
    if (verified.containsKey(digest)) {
      return Intake.KNOWN;
    }
    if (underWay.putIfAbsent(digest, candidate) != null) {
      return Intake.DUPLICATE;
    }
    waiting.add(candidate);
    beginJobs();
    return Intake.CHECKED;
  }

  private void beginJobs() {
    while (jobs < mostJobs && !waiting.isEmpty()) {
      List<Candidate> batch = new ArrayList<>();
      while (batch.size() < BATCH && !waiting.isEmpty()) {
        batch.add(waiting.remove());
      }
      jobs++;
      crypto.verifyEach(
          batch.stream().map(Candidate::request).toList(), results -> done(batch, results));
    }
  }

  private void done(List<Candidate> batch, List<Result> results) {
    synchronized (this) {
      jobs--;
      for (int i = 0; i < batch.size(); i++) {
        Digest digest = batch.get(i).request().digest();
        underWay.remove(digest);
        if (valid(results.get(i))) {
          verified.put(digest, true);
        }
      }
      beginJobs();
    }
    for (int i = 0; i < batch.size(); i++) {
      verdicts.decided(batch.get(i), valid(results.get(i)));
    }
  }

  private static boolean valid(Result result) {
    return result instanceof Result.Verdict(boolean valid) && valid;
  }
}
