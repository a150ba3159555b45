package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.kit.Jobs;
import io.destiny.core.machine.DropReason;
import io.destiny.protocols.hybrid.HybridMessage.Ask;
import io.destiny.protocols.hybrid.HybridMessage.Body;
import io.destiny.protocols.hybrid.HybridMessage.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * VIEW-CHANGEs of others and the own one: a header and a body a sender, its newest (hybster.md §5
 * rules 9 to 12).
 */
final class Collected {
  private final HybridHost host;
  private final Validation validation;
  private final Jobs jobs;

  /** What is done with a header that was found valid. */
  private final BiConsumer<ViewChangeHeader, Port> valid;

  /** What is done when something was checked. */
  private final Consumer<Port> progress;

  /** Valid headers. */
  private final TreeMap<Integer, ViewChangeHeader> headers = new TreeMap<>();

  /** Valid bodies of {@link #headers}. */
  private final TreeMap<Integer, Body> bodies = new TreeMap<>();

  /** Bodies whose headers are not verified yet, and senders with a check under way. */
  private final TreeMap<Integer, Body> early = new TreeMap<>();

  private final TreeMap<Integer, Boolean> checking = new TreeMap<>();

  Collected(
      HybridHost host,
      Validation validation,
      Jobs jobs,
      BiConsumer<ViewChangeHeader, Port> valid,
      Consumer<Port> progress) {
    this.host = host;
    this.validation = validation;
    this.jobs = jobs;
    this.valid = valid;
    this.progress = progress;
  }

  /** This replica's own VIEW-CHANGE. */
  void own(ViewChangeHeader header, Body body) {
    headers.put(header.sender(), header);
    bodies.put(header.sender(), body);
  }

  void onViewChange(int from, ViewChangeHeader h, Port port) {
    ViewChangeHeader before = headers.get(from);
    if (h.sender() != from) {
      port.drop(DropReason.WRONG_SENDER, from, "ViewChange");
    } else if (before != null && before.target() >= h.target()) {
      port.drop(DropReason.DUPLICATE, from, "ViewChange");
    } else if (checking.containsKey(from)) {
      port.drop(DropReason.FULL, from, "ViewChange");
    } else {
      List<Work> works = validation.header(h, port);
      if (works == null) {
        port.drop(DropReason.INVALID, from, "ViewChange");
        return;
      }
      checking.put(from, true);
      jobs.compute(
          new Work.All(works),
          port,
          (result, turn) -> checked(h, ((Result.Verdict) result).valid(), turn));
    }
  }

  void onBody(int from, long target, Body body, Port port) {
    ViewChangeHeader h = headers.get(from);
    if (h == null || h.target() < target) {
      early.put(from, body);
    } else if (h.target() == target && !bodies.containsKey(from) && !checking.containsKey(from)) {
      check(h, body, port);
    } else {
      port.drop(DropReason.DUPLICATE, from, "ViewChangeBody");
    }
  }

  private void check(ViewChangeHeader h, Body body, Port port) {
    List<Work> works = validation.body(h, body);
    if (works == null) {
      port.drop(DropReason.INVALID, h.sender(), "ViewChangeBody");
      return;
    }
    checking.put(h.sender(), true);
    jobs.compute(
        new Work.All(works),
        port,
        (result, turn) -> checked(h, body, ((Result.Verdict) result).valid(), turn));
  }

  private void checked(ViewChangeHeader h, boolean good, Port port) {
    checking.remove(h.sender());
    if (good) {
      headers.put(h.sender(), h);
      bodies.remove(h.sender());
      Body body = early.remove(h.sender());
      if (body != null && h.body().equals(validation.digest(body))) {
        check(h, body, port);
      }
      valid.accept(h, port);
    } else {
      port.drop(DropReason.BAD_SIGNATURE, h.sender(), "ViewChange");
    }
    progress.accept(port);
  }

  private void checked(ViewChangeHeader of, Body body, boolean good, Port port) {
    checking.remove(of.sender());
    ViewChangeHeader h = headers.get(of.sender());
    if (!good) {
      port.drop(DropReason.BAD_SIGNATURE, of.sender(), "ViewChangeBody");
    } else if (h != null && h.target() == of.target()) {
      bodies.put(of.sender(), body);
    }
    progress.accept(port);
  }

  /** How many replicas want this view or a higher one. */
  int wanting(long view) {
    int count = 0;
    for (ViewChangeHeader h : headers.values()) {
      if (h.target() >= view) {
        count++;
      }
    }
    return count;
  }

  /** The valid VIEW-CHANGEs for a view, bodies included. */
  List<ViewChangeHeader> complete(long view) {
    List<ViewChangeHeader> complete = new ArrayList<>();
    for (ViewChangeHeader h : headers.values()) {
      if (h.target() == view && bodies.containsKey(h.sender())) {
        complete.add(h);
      }
    }
    return complete;
  }

  Map<Integer, Body> bodies() {
    return bodies;
  }

  /** Asks for the bodies that a leader lacks. */
  void askForBodies(long view, Port port) {
    for (ViewChangeHeader h : headers.values()) {
      if (h.target() == view && !bodies.containsKey(h.sender())) {
        port.send(h.sender(), new Ask(host.instance(), view, Wanted.BODY, 0, h.body()));
      }
    }
  }

  /** Forgets VIEW-CHANGEs for views up to this one. */
  void forget(long upTo) {
    headers.values().removeIf(h -> h.target() <= upTo);
    bodies.keySet().retainAll(headers.keySet());
    early.clear();
  }
}
