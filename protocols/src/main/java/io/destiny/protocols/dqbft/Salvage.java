package io.destiny.protocols.dqbft;

import io.destiny.core.app.StateMachine;
import io.destiny.core.composition.CheckpointParts;
import io.destiny.core.engine.EngineFactory;
import io.destiny.core.engine.LogSurvey;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The end of an epoch in which too few trusted subsystems are left to order one
 * (trusted-subsystem.md §7 R2): out of what all reachable replicas hold, the longest prefix of the
 * order that can be executed, and the state there. What is executed is what the order would have
 * executed, by the same code; what is beyond the first gap can have been acknowledged only by
 * replicas that do not take part.
 */
public final class Salvage {
  /** What one replica's folder holds of the epoch. */
  public record Holding(
      int replica, List<LogRecord> records, List<Input.SavedCheckpoint> snapshots) {}

  /**
   * How far the logs lead.
   *
   * @param nextList the O-slot that could not be finished
   * @param executed exec[·]
   * @param decided what was executed of each instance, the first part of a last list included
   * @param contributed per replica, of how many of these slots its log has the value
   * @param ended what the order itself ended the epoch for; null if it goes on
   * @param beyond lists that a certificate says were committed, and that could not be carried out:
   *     whether anything in them was acknowledged, nobody here knows
   * @param timestamp one of the administrators' that the order has not seen
   */
  public record Reach(
      long nextList,
      long[] executed,
      Map<Integer, NavigableMap<Long, Value>> decided,
      Map<Integer, Integer> contributed,
      @Nullable Reconfiguration ended,
      int beyond,
      long timestamp) {
    /** Slots of D-instances. */
    public int slots() {
      return decided.entrySet().stream()
          .filter(e -> e.getKey() != Instances.ORDER)
          .mapToInt(e -> e.getValue().size())
          .sum();
    }

    /** Slots of O. */
    public int lists() {
      return decided.getOrDefault(Instances.ORDER, new TreeMap<>()).size();
    }
  }

  /**
   * Where the epoch ends; the application has the state there.
   *
   * @param slot the O-slot of the checkpoint
   * @param parts the protocol's own parts of it
   */
  public record Boundary(
      long slot, List<List<byte[]>> parts, long position, long commands, Digest history) {}

  private final Settings settings;
  private final LogSurvey survey;
  private final LogSurvey.Judge judge;

  /**
   * @param settings of the epoch that is salvaged
   * @param survey reads the engine's records
   * @param judge checks them
   */
  public Salvage(Settings settings, LogSurvey survey, LogSurvey.Judge judge) {
    this.settings = settings;
    this.survey = survey;
    this.judge = judge;
  }

  /**
   * How far it goes from a checkpoint, null for the beginning of all.
   *
   * @param latestMillis a list with a later time was proposed by a liar: no correct replica voted
   *     for it, and it would set the time of all later ones
   */
  public Reach reach(
      Input.@Nullable SavedCheckpoint base, List<Holding> holdings, long latestMillis) {
    long[] low = low(base);
    Map<Integer, NavigableMap<Long, LogSurvey.Found>> found = new LinkedHashMap<>();
    EngineFactory engines =
        (instance, offset, window) -> {
          LogSurvey.Subject subject =
              new LogSurvey.Subject(instance, offset, window, low[index(instance)]);
          return new Bygone(
              subject.low(),
              port -> {
                NavigableMap<Long, LogSurvey.Found> all = survey(subject, holdings, port);
                all.entrySet().removeIf(e -> late(e.getKey(), e.getValue(), latestMillis));
                found.put(instance, all);
                return values(all);
              });
        };
    // Only to see how far: what the results are has no influence on that.
    Replay.Executor nothing =
        (position, time, commands) -> commands.stream().map(command -> new byte[0]).toList();
    Replay replay = new Replay(settings, engines, nothing);
    replay.run(base);
    return reach(replay.order(), found);
  }

  /** Reported, since it may be this machine's clock that is wrong. */
  private boolean late(long slot, LogSurvey.Found found, long latestMillis) {
    boolean late =
        !found.committed()
            && found.value() instanceof OrderList list
            && list.timeMillis() > latestMillis;
    if (late) {
      String why = "the list of O-slot " + slot + " has a time that is still to come";
      found.holders().forEach(holder -> judge.rejected(holder, why));
    }
    return late;
  }

  private NavigableMap<Long, LogSurvey.Found> survey(
      LogSurvey.Subject subject, List<Holding> holdings, Port port) {
    List<LogSurvey.Log> logs = new ArrayList<>();
    for (Holding h : holdings) {
      List<LogRecord> own =
          h.records.stream().filter(r -> r.instance() == subject.instance()).toList();
      logs.add(new LogSurvey.Log(h.replica, own));
    }
    return survey.survey(subject, logs, port, judge);
  }

  private static NavigableMap<Long, Value> values(NavigableMap<Long, LogSurvey.Found> found) {
    NavigableMap<Long, Value> values = new TreeMap<>();
    found.forEach((slot, f) -> values.put(slot, f.value()));
    return values;
  }

  private int index(int instance) {
    return instance == Instances.ORDER ? settings.n() : instance;
  }

  /** Exec[·] of the checkpoint, and its O-slot last. */
  private long[] low(Input.@Nullable SavedCheckpoint base) {
    if (base == null) {
      return new long[settings.n() + 1];
    }
    CheckpointParts parts = CheckpointParts.of(base.parts());
    long[] low = Arrays.copyOf(parts.executed(), settings.n() + 1);
    // An epoch's own first slot has no list.
    boolean begins = parts.epoch() < settings.domain().epoch();
    low[settings.n()] = begins ? parts.next() : parts.next() - 1;
    return low;
  }

  private Reach reach(GlobalOrder order, Map<Integer, NavigableMap<Long, LogSurvey.Found>> found) {
    Map<Integer, NavigableMap<Long, Value>> decided = new LinkedHashMap<>();
    Map<Integer, Integer> contributed = new TreeMap<>();
    int beyond = 0;
    for (var instance : found.entrySet()) {
      int n = instance.getKey();
      long end = n == Instances.ORDER ? order.next() - 1 : order.executed(n);
      NavigableMap<Long, LogSurvey.Found> executed = instance.getValue().headMap(end, true);
      decided.put(n, values(executed));
      for (LogSurvey.Found f : executed.values()) {
        f.holders().forEach(holder -> contributed.merge(holder, 1, Integer::sum));
      }
      if (n == Instances.ORDER && order.ended() == null) {
        beyond =
            (int)
                instance.getValue().tailMap(end, false).values().stream()
                    .filter(LogSurvey.Found::committed)
                    .count();
      }
    }
    long[] executed = order.executedSlots();
    long nextList = order.next();
    NavigableMap<Long, LogSurvey.Found> lists =
        found.getOrDefault(Instances.ORDER, new TreeMap<>());
    LogSurvey.Found begun = lists.get(nextList);
    if (order.ended() == null && begun != null && begun.value() instanceof OrderList list) {
      OrderList part = executedPart(list, executed);
      if (part != null) {
        decided.computeIfAbsent(Instances.ORDER, o -> new TreeMap<>()).put(nextList, part);
        nextList++;
      }
    }
    return new Reach(
        nextList,
        executed,
        decided,
        contributed,
        order.ended(),
        beyond,
        order.clients().lastTimestamp(Reconfiguration.CLIENT) + 1);
  }

  /**
   * As much of a list as could be executed: its first entries have answered clients already, though
   * a slot of a later one is missing. Null if that is nothing.
   */
  private @Nullable OrderList executedPart(OrderList list, long[] executed) {
    List<OrderList.Entry> entries = new ArrayList<>();
    for (OrderList.Entry e : list.entries()) {
      long end = Math.min(e.slot(), executed[e.instance()]);
      if (end > 0) {
        entries.add(new OrderList.Entry(e.instance(), end));
      }
    }
    return entries.isEmpty() ? null : OrderList.of(settings, list.timeMillis(), entries);
  }

  /**
   * Executes it, and ends the epoch with the administrators' word: a RECONFIG in one more slot of
   * D_0 and one more list, where the order has not ended the epoch itself.
   *
   * @param application in the state of {@code base}
   * @param next what follows; names the next epoch
   * @param signer the administrators' signature of a request
   */
  public Boundary replay(
      Input.@Nullable SavedCheckpoint base,
      Reach reach,
      StateMachine application,
      Reconfiguration next,
      UnaryOperator<byte[]> signer) {
    Map<Integer, NavigableMap<Long, Value>> decided = new LinkedHashMap<>();
    reach.decided.forEach((instance, values) -> decided.put(instance, new TreeMap<>(values)));
    if (reach.ended == null) {
      long slot = reach.executed[0] + 1;
      decided
          .computeIfAbsent(0, n -> new TreeMap<>())
          .put(slot, Batch.of(List.of(request(reach, next, signer))));
      List<OrderList.Entry> entry = List.of(new OrderList.Entry(0, slot));
      decided
          .computeIfAbsent(Instances.ORDER, n -> new TreeMap<>())
          .put(reach.nextList, OrderList.of(settings, 0, entry));
    }
    Replay replay = replay(base, decided, application::apply);
    GlobalOrder order = replay.order();
    Effect.TakeSnapshot snapshot = replay.snapshot();
    if (order.ended() == null || snapshot == null || snapshot.slot() != order.next() - 1) {
      throw new IllegalStateException("the epoch does not end where its order does");
    }
    return new Boundary(
        snapshot.slot(), snapshot.parts(), order.position(), order.commands(), order.history());
  }

  private Replay replay(
      Input.@Nullable SavedCheckpoint base,
      Map<Integer, NavigableMap<Long, Value>> decided,
      Replay.Executor executor) {
    long[] low = low(base);
    Replay replay =
        new Replay(
            settings,
            (instance, offset, window) ->
                new Bygone(
                    low[index(instance)], port -> decided.getOrDefault(instance, new TreeMap<>())),
            executor);
    replay.run(base);
    return replay;
  }

  private Request request(Reach reach, Reconfiguration next, UnaryOperator<byte[]> signer) {
    List<byte[]> commands = List.of(next.encode());
    byte[] statement =
        settings.domain().request(Reconfiguration.CLIENT, reach.timestamp, Request.group(commands));
    return Request.of(
        settings.domain(),
        Reconfiguration.CLIENT,
        reach.timestamp,
        commands,
        signer.apply(statement));
  }
}
