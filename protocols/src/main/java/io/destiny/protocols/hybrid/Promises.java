package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.hybrid.HybridMessage.Body;
import io.destiny.protocols.hybrid.ViewChangeHeader.Link;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this replica has promised about the views of an instance (hybster.md §6), and has in its log
 * as a {@link ViewRecord} before the counter that binds it moves.
 */
final class Promises {
  private final HybridHost host;
  private final HybridCodec codec;
  private final Validation validation;
  private final NewViews newViews;

  /** The present view, and the one entered last: they differ between leaving and entering. */
  private long view;

  private long installed;

  /** The own VIEW-CHANGE, with its certificate or while that is asked for. */
  private @Nullable ViewChangeHeader own;

  private @Nullable Body body;
  private boolean certified;

  /** Certificates of the views left since the last one entered. */
  private List<Link> chain = List.of();

  private @Nullable NewViewMaker maker;

  Promises(HybridHost host, HybridCodec codec, Validation validation, NewViews newViews) {
    this.host = host;
    this.codec = codec;
    this.validation = validation;
    this.newViews = newViews;
  }

  long view() {
    return view;
  }

  long installed() {
    return installed;
  }

  boolean entered() {
    return view == installed;
  }

  @Nullable ViewChangeHeader own() {
    return own;
  }

  @Nullable Body body() {
    return body;
  }

  /** Whether {@link #own} has its certificate. */
  boolean certified() {
    return certified;
  }

  List<Link> chain() {
    return chain;
  }

  /** The NEW-VIEW that this replica has begun to certify. */
  @Nullable NewViewMaker maker() {
    return maker;
  }

  // ---- the log

  void restore(LogRecord record) {
    ViewRecord r = ViewRecord.of(record, codec);
    view = r.view();
    installed = r.installed();
    newViews.restore(r.kept(), r.proofs());
    chain = List.copyOf(r.chain());
    own = r.leaving();
    body = r.body();
    certified = r.certified();
    NewView.Content making = r.making();
    if (making != null) {
      maker = new NewViewMaker(validation, making, digest(making), r.signed());
    }
  }

  /** To be durable before anything that follows, together with {@code more}. */
  void persist(List<LogRecord> more, Port port) {
    port.persist(records(more));
  }

  /** To be durable some time: a crash before only means to ask again. */
  void persistLazily(List<LogRecord> more, Port port) {
    port.persistLazily(records(more));
  }

  private List<LogRecord> records(List<LogRecord> more) {
    NewViewMaker m = maker;
    ViewRecord record =
        new ViewRecord(
            view,
            installed,
            newViews.kept(),
            newViews.proofs(),
            chain,
            own,
            certified,
            body,
            m == null ? null : m.content(),
            m == null ? List.of() : m.signed());
    List<LogRecord> records = new ArrayList<>(more);
    records.add(record.toLog(host.instance()));
    return records;
  }

  // ---- steps

  /** The view is left for the target of a VIEW-CHANGE that has no certificate yet. */
  void leave(ViewChangeHeader uncertified, Body shown) {
    view = uncertified.target();
    own = uncertified;
    body = shown;
    certified = false;
  }

  /** The VIEW-CHANGE has its certificate. */
  void certified(ViewChangeHeader complete) {
    own = complete;
    certified = true;
    List<Link> links = new ArrayList<>(complete.chain());
    links.add(new Link(complete.certificate(), complete.digest(host.settings().domain())));
    chain = List.copyOf(links);
  }

  /** A NEW-VIEW is begun. */
  NewViewMaker make(NewView.Content content) {
    NewViewMaker m = new NewViewMaker(validation, content, digest(content), List.of());
    maker = m;
    return m;
  }

  /** The NEW-VIEW has all its certificates. */
  void made() {
    maker = null;
  }

  /** A view is entered: what was promised about those before it is fulfilled. */
  void enter(long entered) {
    view = entered;
    installed = entered;
    own = null;
    body = null;
    certified = false;
    chain = List.of();
    newViews.prune(installed);
  }

  /** Has the ORDER counter moved, which binds what was promised (F4); the job. */
  long bind(long from, long to, Digest promised, Port port) {
    return port.trusted(
        new TrustedCall.Continuing(host.instance(), Counters.ORDER, from, to, promised));
  }

  /** The trusted subsystem did not bind a promise: from now on this replica is an observer. */
  void refused(Result result, Port port) {
    port.note(new Effect.Event.Count("view_change_refused", 1));
    if (result instanceof Result.Refused) {
      host.silence();
    }
  }

  private Digest digest(NewView.Content content) {
    return content.digest(host.settings().domain());
  }
}
