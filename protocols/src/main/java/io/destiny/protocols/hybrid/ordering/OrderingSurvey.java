package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.LogSurvey;
import io.destiny.core.engine.Place;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybrid.HybridCodec;
import io.destiny.protocols.hybrid.NewView;
import io.destiny.protocols.hybrid.ViewSurvey;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What an instance may have decided, by the logs of all reachable replicas: what a commit
 * certificate names, else what the last view entered proposed. A leader's counter certifies one
 * proposal a slot, and the NEW-VIEW repeats all that earlier views can have committed, so that this
 * is the choice of a view change, made of the logs instead of VIEW-CHANGEs.
 */
public final class OrderingSurvey implements LogSurvey {
  private final Settings settings;
  private final ValueDecoder values;
  private final Variant variant;

  public OrderingSurvey(Settings settings, ValueDecoder values, Variant variant) {
    this.settings = settings;
    this.values = values;
    this.variant = variant;
  }

  @Override
  public NavigableMap<Long, Found> survey(Subject subject, List<Log> logs, Port port, Judge judge) {
    // Never started: it names leaders and statements.
    OrderingEngine engine =
        new OrderingEngine(
            new Place(settings, subject.instance(), subject.offset(), subject.window()),
            values,
            variant);
    HybridCodec codec = new HybridCodec(settings.n(), values, variant.form());
    ViewSurvey views = new ViewSurvey(engine.views, codec, judge);
    SurveyedLogs read = new SurveyedLogs(subject, engine.log, engine::leader, judge);
    for (Log log : logs) {
      for (LogRecord record : log.records()) {
        if (ViewSurvey.owns(record)) {
          views.add(log.replica(), record);
        } else {
          read.add(log.replica(), record);
        }
      }
    }
    NewView last = views.last(port);
    Choice choice =
        new Choice(engine, variant, read, views, last == null ? null : last.content(), port, judge);
    TreeMap<Long, Found> found = new TreeMap<>();
    for (long slot = subject.low() + 1; slot <= subject.low() + subject.window(); slot++) {
      Found at = choice.of(slot);
      if (at != null) {
        found.put(slot, at);
      }
    }
    return found;
  }

  /**
   * Which value of a slot counts.
   *
   * @param last what the last view entered began with; null: it is view 0
   */
  private record Choice(
      OrderingEngine engine,
      Variant variant,
      SurveyedLogs read,
      ViewSurvey views,
      NewView.@Nullable Content last,
      Port port,
      Judge judge) {

    @Nullable Found of(long slot) {
      Digest committed = committed(slot);
      Digest digest = committed == null ? proposed(slot) : committed;
      Value value = digest == null ? null : read.payload(digest);
      if (value == null || (committed == null && !valid(value))) {
        return null;
      }
      return new Found(value, committed != null, new TreeSet<>(read.holders(value.digest())));
    }

    private @Nullable Digest committed(long slot) {
      for (SurveyedLogs.Claimed<CommitCertificate> c : read.commits(slot)) {
        CommitCertificate commit = c.claim();
        Work work = variant.check(commit, new OrderingSlot(slot), engine);
        if (work != null && judge.holds(work)) {
          return commit.value();
        }
        judge.rejected(c.replica(), "the commit certificate of slot " + slot + " does not verify");
      }
      return null;
    }

    /** What can have been committed without a certificate of it in any log. */
    private @Nullable Digest proposed(long slot) {
      NewView.Content at = last;
      // Up to its base a NEW-VIEW is silent, since a checkpoint covers that. Where nobody has that
      // checkpoint the one before has its say: a proposal of a view that was never entered has
      // none.
      while (at != null && slot <= at.base().slot()) {
        NewView.Content before = views.before(at, port);
        if (before == null && at.from() > 0) {
          return certified(slot, 0, at.from());
        }
        at = before;
      }
      if (at != null && slot <= at.max()) {
        return at.value(slot);
      }
      long view = at == null ? 0 : at.view();
      Digest certified = certified(slot, view, view);
      return certified == null ? read.leadersOwn(slot, view) : certified;
    }

    /** The certified proposal of the highest of some views. */
    private @Nullable Digest certified(long slot, long lowest, long highest) {
      for (SurveyedLogs.Claimed<OrderingMessage.Header> c : read.proposals(slot)) {
        OrderingMessage.Header h = c.claim();
        if (h.view() < lowest || h.view() > highest) {
          continue;
        }
        if (judge.holds(
            new Work.VerifyAttestation(
                engine.leader(h.view()),
                engine.statements.call(new OrderingSlot(slot), h.view(), h.value()),
                h.attestation()))) {
          return h.value();
        }
        judge.rejected(c.replica(), "a proposal at slot " + slot + " is not its leader's");
      }
      return null;
    }

    private boolean valid(Value value) {
      return switch (port.validate(value)) {
        case Validity.Valid v -> true;
        case Validity.Invalid i -> false;
        case Validity.Depends d -> judge.holds(d.work());
      };
    }
  }
}
