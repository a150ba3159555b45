package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.kit.Jobs;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybrid.HybridMessage.Ack;
import io.destiny.protocols.hybrid.HybridMessage.Ask;
import io.destiny.protocols.hybrid.HybridMessage.NewViewMessage;
import io.destiny.protocols.hybrid.HybridMessage.Proof;
import io.destiny.protocols.hybrid.HybridMessage.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * NEW-VIEWs known valid (hybster.md §5 rule 11): validated here, recursively if need be, or vouched
 * for by f+1 NVACKs.
 */
final class NewViews {
  /** Who else gets a NVACK: a faulty leader may withhold the proof. */
  private static final int ACKED_LEADERS = 3;

  private enum Stage {
    ATTESTATION,
    /** Waits for NEW-VIEW(w*). */
    FROM_VIEW,
    CERTIFICATES
  }

  private static final class Incoming {
    final NewView newView;
    final Digest digest;
    final int from;
    Stage stage = Stage.ATTESTATION;

    Incoming(NewView newView, Digest digest, int from) {
      this.newView = newView;
      this.digest = digest;
      this.from = from;
    }
  }

  private final HybridHost host;
  private final Validation validation;
  private final Jobs jobs;

  /** What is done when a NEW-VIEW of another has become known. */
  private final Consumer<Port> progress;

  /** Those that own or others' VIEW-CHANGEs rest on. */
  private final TreeMap<Long, NewView> kept = new TreeMap<>();

  private final TreeMap<Long, Certificate> proofs = new TreeMap<>();

  /** NVPROOFs of NEW-VIEWs that are not here yet. */
  private final TreeMap<Long, Digest> proven = new TreeMap<>();

  private final TreeMap<Long, Incoming> incoming = new TreeMap<>();
  private final TreeSet<Long> wanted = new TreeSet<>();
  private final TreeMap<Integer, Ack> acks = new TreeMap<>();
  private boolean combining;

  /** One NVPROOF at a time, since a pairing is dear. */
  private boolean checkingProof;

  NewViews(HybridHost host, Validation validation, Jobs jobs, Consumer<Port> progress) {
    this.host = host;
    this.validation = validation;
    this.jobs = jobs;
    this.progress = progress;
  }

  void restore(Map<Long, NewView> newViews, Map<Long, Certificate> certificates) {
    kept.putAll(newViews);
    proofs.putAll(certificates);
  }

  Map<Long, NewView> kept() {
    return kept;
  }

  Map<Long, Certificate> proofs() {
    return proofs;
  }

  /** Whether NEW-VIEW(view) is known valid; view 0 needs none. */
  boolean known(long view) {
    return view == 0 || kept.containsKey(view);
  }

  /** The content of a known one; null for view 0 and for unknown ones. */
  NewView.@Nullable Content content(long view) {
    NewView n = kept.get(view);
    return n == null ? null : n.content();
  }

  /** The highest known one above a view. */
  @Nullable NewView above(long view) {
    var last = kept.lastEntry();
    return last == null || last.getKey() <= view ? null : last.getValue();
  }

  /** Something refers to NEW-VIEW(view), which {@code from} should have. */
  void want(long view, int from, Port port) {
    if (wanted.add(view)) {
      ask(view, from, port);
    }
  }

  private void ask(long view, int to, Port port) {
    if (to != host.settings().self()) {
      port.send(to, new Ask(host.instance(), view, Wanted.NEW_VIEW, 0, NONE));
    }
  }

  private static final Digest NONE = new Digest(0, 0, 0, 0);

  /** Whether something is asked for or under way. */
  boolean busy() {
    return !wanted.isEmpty() || !incoming.isEmpty();
  }

  /** Every T_resend: asks again, also others; what nothing refers to any more is not wanted. */
  void resend(Port port) {
    for (long view : wanted) {
      ask(view, port.random().nextInt(host.settings().n()), port);
    }
    wanted.clear();
    for (Incoming in : incoming.values()) {
      if (in.stage == Stage.FROM_VIEW) {
        want(in.newView.content().from(), in.from, port);
      }
    }
  }

  /** This replica's own NEW-VIEW. */
  void made(NewView n) {
    kept.put(n.view(), n);
  }

  // ---- NEW-VIEW

  /**
   * NEW-VIEW, belated ones too (rule 14).
   *
   * @param installed the view entered last
   */
  void onNewView(int from, NewView n, long installed, Port port) {
    long view = n.view();
    if (kept.containsKey(view) || incoming.containsKey(view)) {
      port.drop(DropReason.DUPLICATE, from, "NewView");
    } else if (view <= installed && !wanted.contains(view)) {
      port.drop(DropReason.OLD, from, "NewView");
    } else if (incoming.values().stream()
        .anyMatch(in -> in.from == from && in.stage == Stage.ATTESTATION)) {
      port.drop(DropReason.FULL, from, "NewView");
    } else if (!validation.wellFormed(n)) {
      port.drop(DropReason.INVALID, from, "NewView");
    } else {
      Incoming in = new Incoming(n, n.content().digest(host.settings().domain()), from);
      incoming.put(view, in);
      jobs.compute(
          validation.attestation(n, in.digest),
          port,
          (result, turn) -> attested(view, valid(result), turn));
    }
  }

  private void check(Incoming in, Port port) {
    NewView n = in.newView;
    List<Work> works = new ArrayList<>(validation.proposals(n));
    if (!in.digest.equals(proven.get(n.view()))) {
      long from = n.content().from();
      if (!known(from)) {
        // A faulty leader may certify many views: one at a time waits.
        int leader = host.leader(n.view());
        incoming
            .values()
            .removeIf(i -> i.stage == Stage.FROM_VIEW && host.leader(i.newView.view()) == leader);
        in.stage = Stage.FROM_VIEW;
        want(from, in.from, port);
        return;
      }
      List<Work> content = validation.newView(n, content(from), port);
      if (content == null) {
        invalid(in, port);
        return;
      }
      works.addAll(content);
    }
    in.stage = Stage.CERTIFICATES;
    jobs.compute(
        new Work.All(works), port, (result, turn) -> checked(n.view(), valid(result), turn));
  }

  /** Its leader certified it, and can certify no other for this view. */
  private void invalid(Incoming in, Port port) {
    incoming.remove(in.newView.view());
    port.drop(DropReason.INVALID, in.from, "NewView");
    port.note(new Effect.Event.Evidence(host.leader(in.newView.view()), "an invalid NEW-VIEW"));
  }

  private void attested(long view, boolean valid, Port port) {
    Incoming in = incoming.get(view);
    if (in != null && valid) {
      check(in, port);
    } else if (in != null) {
      incoming.remove(view);
      port.drop(DropReason.BAD_SIGNATURE, in.from, "NewView");
    }
  }

  private void checked(long view, boolean valid, Port port) {
    Incoming in = incoming.get(view);
    if (in != null && valid) {
      accept(in, port);
      progress.accept(port);
    } else if (in != null) {
      invalid(in, port);
    }
  }

  private static boolean valid(Result result) {
    return result instanceof Result.Verdict v && v.valid();
  }

  private void accept(Incoming in, Port port) {
    long view = in.newView.view();
    incoming.remove(view);
    wanted.remove(view);
    proven.remove(view);
    kept.put(view, in.newView);
    acknowledge(view, in.digest, port);
    for (Incoming other : new ArrayList<>(incoming.values())) {
      if (other.stage == Stage.FROM_VIEW && known(other.newView.content().from())) {
        check(other, port);
      }
    }
  }

  /** Forgets what no VIEW-CHANGE of this replica rests on any more. */
  void prune(long installed) {
    Long newest = null;
    for (long view : proofs.keySet()) {
      if (view <= installed && kept.containsKey(view)) {
        newest = view;
      }
    }
    if (newest != null) {
      kept.headMap(newest, false).clear();
      proofs.headMap(newest, false).clear();
    }
    wanted.headSet(installed, true).clear();
    proven.headMap(installed, true).clear();
    incoming.headMap(installed, true).clear();
  }

  // ---- NVACK and NVPROOF

  /** This replica vouches for a NEW-VIEW. */
  void acknowledge(long view, Digest newView, Port port) {
    byte[] statement = host.settings().domain().newViewAck(host.instance(), view, newView);
    jobs.compute(
        new Work.SignExecution(statement),
        port,
        (result, turn) -> acknowledge(view, newView, ((Result.Signed) result).share(), turn));
  }

  private void acknowledge(long view, Digest newView, Share share, Port port) {
    Ack ack = new Ack(host.instance(), view, newView, share);
    for (int i = 0; i < Math.min(ACKED_LEADERS, host.settings().n()); i++) {
      int leader = host.leader(view + i);
      if (leader == host.settings().self()) {
        onAck(leader, ack, port);
      } else {
        port.send(leader, ack);
      }
    }
  }

  void onAck(int from, Ack m, Port port) {
    Ack before = acks.get(from);
    if (m.share().signer() != from) {
      port.drop(DropReason.WRONG_SENDER, from, m.kind());
    } else if (before != null && before.view() >= m.view()) {
      port.drop(DropReason.DUPLICATE, from, m.kind());
    } else {
      acks.put(from, m);
      combine(m.view(), m.newView(), port);
    }
  }

  private void combine(long view, Digest newView, Port port) {
    List<Share> shares = new ArrayList<>();
    for (Ack ack : acks.values()) {
      if (ack.view() == view && ack.newView().equals(newView)) {
        shares.add(ack.share());
      }
    }
    if (!combining && shares.size() >= host.settings().rule().weak() && !proofs.containsKey(view)) {
      combining = true;
      byte[] statement = host.settings().domain().newViewAck(host.instance(), view, newView);
      jobs.compute(
          new Work.Combine(KeyPurpose.EXECUTION, statement, shares),
          port,
          (result, turn) -> combined(view, newView, result, turn));
    }
  }

  private void combined(long view, Digest newView, Result result, Port port) {
    combining = false;
    if (result instanceof Result.Combined c) {
      Proof proof = new Proof(host.instance(), view, newView, c.certificate());
      port.broadcast(proof);
      prove(proof, port);
      return;
    }
    for (int signer : ((Result.BadShares) result).signers()) {
      // The same view again from it is a duplicate: it has had its say.
      acks.computeIfPresent(signer, (i, ack) -> new Ack(host.instance(), view, NONE, ack.share()));
      port.drop(DropReason.BAD_SIGNATURE, signer, "NvAck");
    }
    combine(view, newView, port);
  }

  void onProof(int from, Proof m, Port port) {
    NewView n = kept.get(m.view());
    boolean use =
        n == null
            ? wanted.contains(m.view()) && !proven.containsKey(m.view())
            : !proofs.containsKey(m.view());
    if (!use || checkingProof) {
      port.drop(DropReason.UNEXPECTED, from, m.kind());
      return;
    }
    checkingProof = true;
    byte[] statement = host.settings().domain().newViewAck(host.instance(), m.view(), m.newView());
    jobs.compute(
        new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, m.certificate()),
        port,
        (result, turn) -> {
          checkingProof = false;
          if (valid(result)) {
            prove(m, turn);
          } else {
            turn.drop(DropReason.BAD_SIGNATURE, from, m.kind());
          }
        });
  }

  private void prove(Proof proof, Port port) {
    NewView n = kept.get(proof.view());
    if (n == null) {
      proven.put(proof.view(), proof.newView());
      Incoming in = incoming.get(proof.view());
      if (in != null && in.stage == Stage.FROM_VIEW) {
        check(in, port);
      }
    } else if (n.content().digest(host.settings().domain()).equals(proof.newView())) {
      proofs.put(proof.view(), proof.certificate());
    }
  }

  /** Sends NEW-VIEW(view) to one that lacks it, and what proves it. */
  boolean serve(int to, long view, Port port) {
    NewView n = kept.get(view);
    if (n == null) {
      return false;
    }
    Certificate proof = proofs.get(view);
    if (proof != null) {
      Digest digest = n.content().digest(host.settings().domain());
      port.send(to, new Proof(host.instance(), view, digest, proof));
    }
    port.send(to, new NewViewMessage(n));
    return true;
  }
}
