package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.kit.LongMap;
import io.destiny.core.machine.DropReason;
import io.destiny.protocols.hybrid.HybridMessage.Ask;
import io.destiny.protocols.hybrid.HybridMessage.Body;
import io.destiny.protocols.hybrid.HybridMessage.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * VIEW-CHANGEs of others and the own one: a header and a body a sender, its newest (hybster.md §5
 * rules 9 to 12).
 */
final class Collected {
  private sealed interface Job {
    record Header(ViewChangeHeader header) implements Job {}

    record Checked(int sender, long target, Body body) implements Job {}
  }

  private final HybridHost host;
  private final Validation validation;

  /** Valid headers. */
  private final TreeMap<Integer, ViewChangeHeader> headers = new TreeMap<>();

  /** Valid bodies of {@link #headers}. */
  private final TreeMap<Integer, Body> bodies = new TreeMap<>();

  /** Bodies whose headers are not verified yet, and senders with a check under way. */
  private final TreeMap<Integer, Body> early = new TreeMap<>();

  private final TreeMap<Integer, Boolean> checking = new TreeMap<>();
  private final LongMap<Job> jobs = new LongMap<>();

  Collected(HybridHost host, Validation validation) {
    this.host = host;
    this.validation = validation;
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
      jobs.put(port.compute(new Work.All(works)), new Job.Header(h));
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
    jobs.put(port.compute(new Work.All(works)), new Job.Checked(h.sender(), h.target(), body));
  }

  boolean knows(long job) {
    return jobs.get(job) != null;
  }

  /** The answer to a job; a header that was found valid. */
  @Nullable ViewChangeHeader onComputed(long id, Result result, Port port) {
    Job job = jobs.remove(id);
    boolean valid = result instanceof Result.Verdict v && v.valid();
    switch (job) {
      case Job.Header h -> {
        int sender = h.header.sender();
        checking.remove(sender);
        if (!valid) {
          port.drop(DropReason.BAD_SIGNATURE, sender, "ViewChange");
          return null;
        }
        headers.put(sender, h.header);
        bodies.remove(sender);
        Body body = early.remove(sender);
        if (body != null && h.header.body().equals(validation.digest(body))) {
          check(h.header, body, port);
        }
        return h.header;
      }
      case Job.Checked c -> {
        checking.remove(c.sender);
        ViewChangeHeader h = headers.get(c.sender);
        if (!valid) {
          port.drop(DropReason.BAD_SIGNATURE, c.sender, "ViewChangeBody");
        } else if (h != null && h.target() == c.target) {
          bodies.put(c.sender, c.body);
        }
      }
      case null -> {}
    }
    return null;
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
