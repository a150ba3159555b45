package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.LogSurvey;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.trusted.Counters;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/** The records of one instance in all logs, read and sorted; nothing is verified yet. */
final class SurveyedLogs {
  /** What a replica's log claims. */
  record Claimed<T>(int replica, T claim) {}

  private record Payload(Value value, TreeSet<Integer> holders) {}

  /** A leader's proposal whose certificate its log does not have. */
  private record Own(long view, Digest value) {}

  private final LogSurvey.Subject subject;
  private final OrderingLog log;
  private final LongToIntFunction leader;
  private final LogSurvey.Judge judge;
  private final Map<Digest, Payload> payloads = new LinkedHashMap<>();
  private final TreeMap<Long, List<Claimed<CommitCertificate>>> commits = new TreeMap<>();
  private final TreeMap<Long, List<Claimed<Header>>> proposals = new TreeMap<>();
  private final TreeMap<Long, List<Own>> own = new TreeMap<>();

  SurveyedLogs(
      LogSurvey.Subject subject, OrderingLog log, LongToIntFunction leader, LogSurvey.Judge judge) {
    this.subject = subject;
    this.log = log;
    this.leader = leader;
    this.judge = judge;
  }

  void add(int replica, LogRecord record) {
    if (record.slot() <= subject.low()) {
      // below the checkpoint, or the composer's
      return;
    }
    if (record.slot() > subject.low() + subject.window() || record.view() >= Counters.VIEW_LIMIT) {
      judge.rejected(replica, "a record of slot " + record.slot() + " in no window");
      return;
    }
    try {
      take(replica, record);
    } catch (MalformedException e) {
      judge.rejected(replica, "a record of slot " + record.slot() + " is damaged");
    }
  }

  private void take(int replica, LogRecord record) throws MalformedException {
    OrderingLog.Read r = log.read(record);
    Header header = r.header();
    Value value = r.value();
    CommitCertificate commit = r.commit();
    if (value != null) {
      payloads
          .computeIfAbsent(value.digest(), d -> new Payload(value, new TreeSet<>()))
          .holders
          .add(replica);
    }
    boolean leads = leader.applyAsInt(record.view()) == replica;
    if (commit != null) {
      put(commits, record.slot(), new Claimed<>(replica, commit));
    } else if (header != null && (!r.vote() || leads)) {
      put(proposals, record.slot(), new Claimed<>(replica, header));
    } else if (value != null && r.intent() && leads) {
      put(own, record.slot(), new Own(record.view(), value.digest()));
    }
  }

  private static <T> void put(Map<Long, List<T>> map, long slot, T claim) {
    map.computeIfAbsent(slot, s -> new ArrayList<>()).add(claim);
  }

  @Nullable Value payload(Digest digest) {
    Payload p = payloads.get(digest);
    return p == null ? null : p.value;
  }

  NavigableSet<Integer> holders(Digest digest) {
    Payload p = payloads.get(digest);
    return p == null ? new TreeSet<>() : p.holders;
  }

  List<Claimed<CommitCertificate>> commits(long slot) {
    return commits.getOrDefault(slot, List.of());
  }

  /** Those of the highest view first. */
  List<Claimed<Header>> proposals(long slot) {
    return proposals.getOrDefault(slot, List.of()).stream()
        .sorted(Comparator.comparingLong((Claimed<Header> c) -> c.claim().view()).reversed())
        .toList();
  }

  /**
   * What the leader of a view proposed by its own log, where that has lost the certificate and
   * nobody else's log has one. If others voted for it, theirs are missing.
   */
  @Nullable Digest leadersOwn(long slot, long view) {
    for (Own o : own.getOrDefault(slot, List.of())) {
      if (o.view == view) {
        return o.value;
      }
    }
    return null;
  }
}
