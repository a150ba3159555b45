package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Watermark;
import io.destiny.core.kit.NewViewTimer;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import io.destiny.protocols.hybrid.HybridMessage.Body;
import io.destiny.protocols.hybrid.HybridMessage.ViewChange;
import io.destiny.protocols.hybrid.HybridMessage.ViewChangeBody;
import io.destiny.protocols.hybrid.ViewChangeHeader.Link;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Leaving a view: the own VIEW-CHANGE and its certificate (hybster.md §5 rule 9). */
final class Leaving {
  private final HybridHost host;
  private final Validation validation;
  private final Promises promises;
  private final Collected collected;
  private final NewViewTimer timer;

  /** The certificate is asked for, as this job. */
  private boolean asking;

  private long job;

  Leaving(
      HybridHost host,
      Validation validation,
      Promises promises,
      Collected collected,
      NewViewTimer timer) {
    this.host = host;
    this.validation = validation;
    this.promises = promises;
    this.collected = collected;
    this.timer = timer;
  }

  boolean busy() {
    return asking;
  }

  boolean knows(long id) {
    return asking && id == job;
  }

  /** Where the ORDER counter stood when this replica left the view that it entered last. */
  long origin() {
    List<Link> chain = promises.chain();
    return chain.isEmpty() ? host.counter() : chain.getFirst().certificate().previous();
  }

  /**
   * Leaves the present view; false: not all that was signed for can be shown, and until it can this
   * replica is one of the f.
   */
  boolean leave(Complaints.Proof proof, Port port) {
    long a = host.counter();
    List<Link> links = Counters.slot(a) == 0 && a != entry() ? promises.chain() : List.of();
    long origin = links.isEmpty() ? a : links.getFirst().certificate().previous();
    boolean shown =
        Counters.view(origin) == promises.installed()
            && (links.isEmpty() || links.getLast().certificate().value() == a);
    Watermark watermark = port.watermark();
    Body body = shown ? body(watermark, Counters.slot(origin)) : null;
    if (body == null || watermark.slot() != host.low()) {
      host.want(Counters.slot(origin), port);
      return false;
    }
    ViewChangeHeader h =
        new ViewChangeHeader(
            host.instance(),
            host.settings().self(),
            proof.target(),
            proof.view(),
            proof.certificate(),
            watermark,
            validation.digest(body),
            links,
            ViewRecord.uncertified(host.settings().self(), a, proof.target()));
    promises.leave(h, body);
    timer.stop(port);
    host.left(port);
    promises.persist(List.of(), port);
    ask(h, port);
    return true;
  }

  /** [w|0] of the view entered last. */
  private long entry() {
    return Counters.encode(promises.installed(), 0);
  }

  private @Nullable Body body(Watermark watermark, long last) {
    List<NewView.Old> proposals = new ArrayList<>();
    for (long o = watermark.slot() + 1; o <= last; o++) {
      NewView.Old proposal = host.proposal(o);
      if (proposal == null) {
        return null;
      }
      proposals.add(proposal);
    }
    return new Body(watermark.slot() + 1, proposals);
  }

  /** Asks for the certificate, after a crash too: the same call gives the same one. */
  void ask(ViewChangeHeader h, Port port) {
    asking = true;
    ContinuingCertificate c = h.certificate();
    job = promises.bind(c.previous(), c.value(), h.digest(host.settings().domain()), port);
  }

  /** The answer; true: the VIEW-CHANGE is complete and was sent. */
  boolean onComputed(Result result, Port port) {
    asking = false;
    ViewChangeHeader h = promises.own();
    Body body = promises.body();
    if (h == null || body == null) {
      return false;
    }
    if (!(result instanceof Result.Continued continued)) {
      promises.refused(result, port);
      return false;
    }
    ViewChangeHeader complete =
        new ViewChangeHeader(
            h.instance(),
            h.sender(),
            h.target(),
            h.complaint(),
            h.complaintProof(),
            h.watermark(),
            h.body(),
            h.chain(),
            continued.certificate());
    host.counted(continued.certificate().value());
    promises.certified(complete);
    promises.persistLazily(List.of(), port);
    collected.own(complete, body);
    broadcast(port);
    return true;
  }

  /** Sends the VIEW-CHANGE to all, its body to the leader alone. */
  void broadcast(Port port) {
    ViewChangeHeader h = shown();
    Body body = promises.body();
    if (h != null && body != null) {
      port.broadcast(new ViewChange(h));
      int leader = host.leader(h.target());
      if (leader != host.settings().self()) {
        port.send(leader, new ViewChangeBody(host.instance(), h.target(), body));
      }
    }
  }

  /** Shows a peer the VIEW-CHANGE, if the view that it is for is not entered. */
  boolean serve(int to, Port port) {
    ViewChangeHeader h = shown();
    if (h != null) {
      port.send(to, new ViewChange(h));
    }
    return h != null;
  }

  private @Nullable ViewChangeHeader shown() {
    return promises.certified() && !promises.entered() ? promises.own() : null;
  }

  /** A leader lacks the body. */
  void serveBody(int to, long view, Port port) {
    ViewChangeHeader h = promises.own();
    Body body = promises.body();
    if (h != null && body != null && h.target() == view) {
      port.send(to, new ViewChangeBody(host.instance(), view, body));
    }
  }
}
