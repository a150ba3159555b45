package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Entering the view of a NEW-VIEW that is known valid (hybster.md §5 rule 13). */
final class Entering {
  private final HybridHost host;
  private final Promises promises;
  private final Payloads payloads;

  /** What the counter is moved for, as this job. */
  private @Nullable NewView asking;

  private long job;

  Entering(HybridHost host, Promises promises, Payloads payloads) {
    this.host = host;
    this.promises = promises;
    this.payloads = payloads;
  }

  boolean busy() {
    return asking != null;
  }

  boolean knows(long id) {
    return asking != null && id == job;
  }

  /**
   * Whether all re-proposals have a place here and their payloads are held; else those are sought.
   */
  boolean ready(NewView.Content c) {
    if (c.max() > host.low() + host.width()) {
      return false;
    }
    int reporter = host.leader(c.view());
    boolean complete = true;
    for (long o = host.low() + 1; o <= c.max(); o++) {
      Digest value = c.value(o);
      complete &= value != null && payloads.get(o, value, reporter) != null;
    }
    return complete;
  }

  /** What entering promises, with the payloads that this replica must be able to show from now. */
  void promise(NewView n, Port port) {
    List<LogRecord> intents = new ArrayList<>();
    for (long o = host.low() + 1; o <= n.content().max(); o++) {
      Value value = payloads.get(n.content(), o);
      if (value != null) {
        intents.add(host.intent(n.view(), o, value));
      }
    }
    promises.enter(n.view());
    promises.persist(intents, port);
  }

  /** Moves the counter into the view, after a crash too. */
  void ask(NewView n, Port port) {
    asking = n;
    Digest digest = n.content().digest(host.settings().domain());
    job = promises.bind(host.counter(), Counters.encode(n.view(), 0), digest, port);
  }

  /** The answer; the view is entered in any case, if need be as an observer. */
  @Nullable NewView onComputed(Result result, Port port) {
    NewView n = asking;
    asking = null;
    if (n != null) {
      if (result instanceof Result.Continued c) {
        host.counted(c.certificate().value());
      } else {
        promises.refused(result, port);
      }
    }
    return n;
  }

  /** The payloads of its re-proposals, as far as they are held. */
  List<Value> payloads(NewView.Content c) {
    List<Value> values = new ArrayList<>();
    for (long o = host.low() + 1; o <= c.max(); o++) {
      Value value = payloads.get(c, o);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }
}
