package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.kit.Jobs;
import io.destiny.core.machine.DropReason;
import io.destiny.protocols.hybrid.HybridMessage.Complain;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * COMPLAIN (hybster.md §5 rule 8): a time-out alone spends no counter. f+1 complaints of one view
 * that name one target are a complaint proof.
 */
final class Complaints {
  /** F+1 replicas want to leave {@code view} for {@code target}. */
  record Proof(long view, long target, Certificate certificate) {}

  private final HybridHost host;
  private final Jobs jobs;

  /** What is done with a complaint proof. */
  private final BiConsumer<Proof, Port> proven;

  /** Kept a sender: its latest complaint, and its latest one with a higher target. */
  private final TreeMap<Integer, Complain> latest = new TreeMap<>();

  private final TreeMap<Integer, Complain> higher = new TreeMap<>();

  /** What this replica said last, and when. */
  private @Nullable Complain own;

  private long sentAt;
  private boolean signing;
  private boolean combining;

  Complaints(HybridHost host, Jobs jobs, BiConsumer<Proof, Port> proven) {
    this.host = host;
    this.jobs = jobs;
    this.proven = proven;
  }

  private static boolean next(Complain m) {
    return m.target() == m.view() + 1;
  }

  /** This replica complains: broadcast, at most every T_resend, by a caller that repeats it. */
  void complain(long view, long target, Suspicion reason, Port port) {
    Complain said = own;
    if (said != null && said.view() == view && said.target() == target) {
      if (port.now() - sentAt >= host.settings().tuning().resendDelay()) {
        broadcast(said, port);
      }
    } else if (!signing) {
      signing = true;
      byte[] statement = host.settings().domain().complaint(host.instance(), view, target);
      jobs.compute(
          new Work.SignExecution(statement),
          port,
          (result, turn) -> signed(view, target, reason, ((Result.Signed) result).share(), turn));
    }
  }

  private void broadcast(Complain said, Port port) {
    sentAt = port.now();
    port.broadcast(
        new Complain(
            said.instance(),
            said.view(),
            said.target(),
            said.reason(),
            host.frontier(),
            said.share()));
  }

  /** Whether this replica has complained of {@code view}. */
  boolean complained(long view) {
    return own != null && own.view() == view;
  }

  /** COMPLAIN of the present view or a later one. */
  void onComplain(int from, Complain m, Port port) {
    if (m.share().signer() != from) {
      port.drop(DropReason.WRONG_SENDER, from, "Complain");
    } else if (m.target() <= m.view()) {
      port.drop(DropReason.INVALID, from, "Complain");
    } else {
      record(from, m, port);
    }
  }

  private void record(int from, Complain m, Port port) {
    TreeMap<Integer, Complain> kept = next(m) ? latest : higher;
    Complain before = kept.get(from);
    if (before != null && before.view() == m.view() && before.target() == m.target()) {
      port.drop(DropReason.DUPLICATE, from, "Complain");
      return;
    }
    kept.put(from, m);
    combine(m.view(), m.target(), port);
  }

  private List<Share> shares(long view, long target) {
    List<Share> shares = new ArrayList<>();
    for (Complain m : (target == view + 1 ? latest : higher).values()) {
      if (m.view() == view && m.target() == target) {
        shares.add(m.share());
      }
    }
    return shares;
  }

  private void combine(long view, long target, Port port) {
    List<Share> shares = shares(view, target);
    if (combining || shares.size() < host.settings().rule().weak()) {
      return;
    }
    combining = true;
    byte[] statement = host.settings().domain().complaint(host.instance(), view, target);
    jobs.compute(
        new Work.Combine(KeyPurpose.EXECUTION, statement, shares),
        port,
        (result, turn) -> combined(view, target, result, turn));
  }

  /** Forgets complaints of views below this one. */
  void forget(long below) {
    latest.values().removeIf(m -> m.view() < below);
    higher.values().removeIf(m -> m.view() < below);
    if (own != null && own.view() < below) {
      own = null;
    }
  }

  private void signed(long view, long target, Suspicion reason, Share share, Port port) {
    signing = false;
    Complain said = new Complain(host.instance(), view, target, reason, host.frontier(), share);
    own = said;
    broadcast(said, port);
    record(host.settings().self(), said, port);
  }

  private void combined(long view, long target, Result result, Port port) {
    combining = false;
    if (result instanceof Result.Combined c) {
      proven.accept(new Proof(view, target, c.certificate()), port);
      return;
    }
    for (int signer : ((Result.BadShares) result).signers()) {
      (target == view + 1 ? latest : higher).remove(signer);
      port.drop(DropReason.BAD_SIGNATURE, signer, "Complain");
    }
    combine(view, target, port);
  }
}
