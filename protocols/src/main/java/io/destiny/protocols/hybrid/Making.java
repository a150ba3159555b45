package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybrid.HybridMessage.Body;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Making a NEW-VIEW at the leader (hybster.md §5 rule 12): which VIEW-CHANGEs it is made of, and
 * when; {@link NewViewMaker} certifies it.
 */
final class Making {
  private final HybridHost host;
  private final Promises promises;
  private final Collected collected;
  private final NewViews newViews;
  private final Payloads payloads;
  private final TreeSet<Long> jobs = new TreeSet<>();

  Making(
      HybridHost host,
      Promises promises,
      Collected collected,
      NewViews newViews,
      Payloads payloads) {
    this.host = host;
    this.promises = promises;
    this.collected = collected;
    this.newViews = newViews;
    this.payloads = payloads;
  }

  /** Whether a NEW-VIEW is begun and not finished. */
  boolean busy() {
    return promises.maker() != null;
  }

  boolean knows(long id) {
    return jobs.contains(id);
  }

  /** Begins the NEW-VIEW of the present view, if this replica leads it and all it takes is held. */
  void begin(Port port) {
    long view = promises.view();
    if (host.leader(view) != host.settings().self() || host.mute() || !promises.certified()) {
      return;
    }
    List<ViewChangeHeader> usable = new ArrayList<>();
    for (ViewChangeHeader h : collected.complete(view)) {
      if (usable(h, port)) {
        usable.add(h);
      }
    }
    int quorum = host.settings().rule().quorum();
    if (usable.size() < quorum) {
      return;
    }
    List<ViewChangeHeader> chosen = usable.subList(0, quorum);
    NewView.Content before = newViews.content(Validation.from(chosen));
    NewView.Content content =
        Validation.content(
            host.instance(), view, List.copyOf(chosen), collected.bodies(), before, port);
    if (content.base().slot() > host.low()) {
      // Its state first: port.learn has started the transfer.
      return;
    }
    List<LogRecord> intents = new ArrayList<>();
    for (long o = host.low() + 1; o <= content.max(); o++) {
      Value value = payloads.get(content, o);
      if (value == null) {
        return;
      }
      intents.add(host.intent(view, o, value));
    }
    NewViewMaker m = promises.make(content);
    promises.persist(intents, port);
    m.call(port, jobs::add);
  }

  /** Whether a VIEW-CHANGE is complete: its from-view is known, its payloads are held and valid. */
  private boolean usable(ViewChangeHeader h, Port port) {
    if (!newViews.known(h.from())) {
      newViews.want(h.from(), h.sender(), port);
      return false;
    }
    NewView.Content from = newViews.content(h.from());
    Body body = collected.bodies().get(h.sender());
    if (body == null || !Validation.coversBase(h, from)) {
      return false;
    }
    boolean complete = true;
    for (int i = 0; i < body.proposals().size(); i++) {
      complete &= holds(body.first() + i, body.proposals().get(i).value(), h.sender());
    }
    long inherited = from == null ? 0 : from.max();
    for (long o = Math.max(host.low(), h.watermark().slot()) + 1; o <= inherited; o++) {
      Digest value = from == null ? null : from.value(o);
      complete &= value == null || holds(o, value, h.sender());
    }
    return complete;
  }

  private boolean holds(long slot, Digest value, int reporter) {
    return slot <= host.low() || payloads.get(slot, value, reporter) != null;
  }

  /** Goes on with what is begun, after a crash too; what is certified of it is durable first. */
  void call(Port port) {
    NewViewMaker m = promises.maker();
    if (m != null && m.caughtUp()) {
      if (!m.signed().isEmpty()) {
        promises.persist(List.of(), port);
      }
      m.call(port, jobs::add);
    }
  }

  /** An answer, in order; the NEW-VIEW when the last has come. */
  @Nullable NewView onComputed(long id, Result result, Port port) {
    jobs.remove(id);
    NewViewMaker m = promises.maker();
    if (m == null) {
      return null;
    }
    if (!(result instanceof Result.Certified certified)) {
      promises.refused(result, port);
      return null;
    }
    NewView made = m.answered(certified);
    host.counted(m.counter());
    if (made == null) {
      call(port);
      return null;
    }
    promises.made();
    newViews.made(made);
    newViews.acknowledge(made.view(), m.digest(), port);
    return made;
  }
}
