package io.destiny.sim.toy;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Command;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * R0 leads for ever: Propose to all, Ack with a trusted share to the leader, Decide with the
 * certificate to all; one request a slot, executed in order, a snapshot every fourth slot.
 */
public final class ToyProtocol implements Protocol {
  private static final int WINDOW = 16;
  private static final int CHECKPOINT = 4;

  /** Slots kept below the last checkpoint for those who are late. */
  private static final int KEPT = 12;

  private static final TimerKey RESEND = new TimerKey(0, TimerKind.STATUS, 0);

  private static final class Slot {
    Batch batch;
    boolean signing;
    Share own;
    final Map<Integer, Share> shares = new TreeMap<>();
    boolean combining;
    Certificate certificate;
    boolean decided;
    boolean executing;
  }

  private final Settings settings;
  private final TreeMap<Long, Slot> slots = new TreeMap<>();
  private final Map<Long, BiConsumer<Result, Step>> jobs = new HashMap<>();
  private final Map<Long, Long> answered = new TreeMap<>();
  private long job;
  private long proposed;
  private long signed;
  private long executed;
  private long stable;

  public ToyProtocol(Settings settings) {
    this.settings = settings;
  }

  private boolean leads() {
    return settings.self() == 0;
  }

  @Override
  public void on(Input input, Step step) {
    switch (input) {
      case Input.Started i -> started(i, step);
      case Input.Received i -> received(i.from(), (ToyMessage) i.message(), step);
      case Input.Submitted i -> submitted(i.request(), step);
      case Input.Fired i -> resend(step);
      case Input.Computed i -> {
        BiConsumer<Result, Step> then = jobs.remove(i.job());
        if (then != null) {
          then.accept(i.result(), step);
        }
      }
      case Input.Executed i -> executed(i, step);
      case Input.Snapshot i -> snapshot(i.event(), step);
    }
  }

  private void started(Input.Started i, Step step) {
    if (i.checkpoint() != null) {
      stable = executed = proposed = i.checkpoint().slot();
      signed = Math.max(0, stable - KEPT);
    }
    for (LogRecord r : i.records()) {
      if (r.slot() > stable - KEPT) {
        try {
          slot(r.slot()).batch =
              Batch.decode(settings.domain(), new Reader(r.body()), settings.limits());
        } catch (MalformedException e) {
          step.emit(new Effect.Halt("damaged log"));
          return;
        }
        proposed = Math.max(proposed, r.slot());
      }
    }
    signNext(step);
    step.emit(new Effect.StartTimer(RESEND, settings.tuning().resendDelay()));
  }

  private void submitted(Request request, Step step) {
    if (!leads()) {
      drop(DropReason.UNEXPECTED, -1, "Request", step);
    } else if (request.timestamp() <= answered.getOrDefault(request.client(), 0L)) {
      drop(DropReason.STALE_REQUEST, -1, "Request", step);
    } else if (proposed - stable >= WINDOW) {
      drop(DropReason.FULL, -1, "Request", step);
    } else {
      answered.put(request.client(), request.timestamp());
      slot(++proposed).batch = Batch.of(List.of(request));
      signNext(step);
    }
  }

  private Slot slot(long s) {
    return slots.computeIfAbsent(s, k -> new Slot());
  }

  /** Signs in order, holding every proposal below. */
  private void signNext(Step step) {
    Slot slot = slots.get(signed + 1);
    while (slot != null && slot.batch != null) {
      long s = ++signed;
      Slot at = slot;
      Writer w = new Writer(slot.batch.encodedLength());
      slot.batch.encode(w);
      step.emit(new Effect.Persist(List.of(new LogRecord(0, s, 1, 0, w.toBytes())), false));
      jobs.put(++job, (result, turn) -> shared(s, at, result, turn));
      step.emit(
          new Effect.Trusted(
              job,
              new TrustedCall.IndependentShare(
                  0, Counters.ORDER, Counters.encode(0, s), proposal(s, slot))));
      slot = slots.get(signed + 1);
    }
  }

  private Digest proposal(long s, Slot slot) {
    return settings.domain().proposal(0, 0, s, slot.batch.digest());
  }

  private byte[] statement(long s, Digest value) {
    return settings
        .domain()
        .share(
            0, Counters.ORDER, Counters.encode(0, s), settings.domain().proposal(0, 0, s, value));
  }

  private void shared(long s, Slot slot, Result result, Step step) {
    if (!(result instanceof Result.Shared(Share share, byte[] attestation))) {
      step.emit(new Effect.Halt("refused"));
      return;
    }
    slot.own = share;
    if (leads()) {
      slot.shares.put(settings.self(), share);
      step.emit(new Effect.Broadcast(new ToyMessage.Propose(s, slot.batch)));
      combine(s, slot, step);
    } else {
      step.emit(new Effect.Send(0, new ToyMessage.Ack(s, slot.batch.digest(), share)));
    }
  }

  private void received(int from, ToyMessage message, Step step) {
    long s = message.sequence();
    boolean fromLeader =
        message instanceof ToyMessage.Propose || message instanceof ToyMessage.Decide;
    if (fromLeader == leads() || (fromLeader && from != 0)) {
      drop(DropReason.WRONG_SENDER, from, message.kind(), step);
    } else if (s <= stable - KEPT) {
      drop(DropReason.OLD, from, message.kind(), step);
    } else if (s > stable + WINDOW) {
      drop(DropReason.BEYOND_WINDOW, from, message.kind(), step);
    } else {
      switch (message) {
        case ToyMessage.Propose m -> propose(m, step);
        case ToyMessage.Ack m -> ack(from, m, step);
        case ToyMessage.Decide m -> decide(m, step);
        case ToyMessage.Fetch m -> {
          Slot slot = slots.get(s);
          if (slot != null && slot.own != null) {
            step.emit(new Effect.Send(from, new ToyMessage.Propose(s, slot.batch)));
            if (slot.decided) {
              Digest value = slot.batch.digest();
              step.emit(new Effect.Send(from, new ToyMessage.Decide(s, value, slot.certificate)));
            }
          }
        }
      }
    }
  }

  private void propose(ToyMessage.Propose m, Step step) {
    Slot slot = slot(m.sequence());
    if (slot.own != null) {
      step.emit(
          new Effect.Send(0, new ToyMessage.Ack(m.sequence(), slot.batch.digest(), slot.own)));
    }
    if (slot.batch != null || slot.signing) {
      drop(DropReason.DUPLICATE, 0, m.kind(), step);
      return;
    }
    slot.signing = true;
    compute(
        new Work.VerifyRequests(m.batch().requests()),
        step,
        (result, turn) -> {
          slot.signing = false;
          if (result instanceof Result.Verdict(boolean valid) && valid && slot.batch == null) {
            slot.batch = m.batch();
            signNext(turn);
            execute(turn);
          } else {
            drop(DropReason.BAD_SIGNATURE, 0, m.kind(), turn);
          }
        });
  }

  private void ack(int from, ToyMessage.Ack m, Step step) {
    Slot slot = slot(m.sequence());
    if (slot.decided) {
      step.emit(
          new Effect.Send(from, new ToyMessage.Decide(m.sequence(), m.digest(), slot.certificate)));
    } else if (m.share().signer() != from) {
      drop(DropReason.INVALID, from, m.kind(), step);
    } else if (slot.shares.putIfAbsent(from, m.share()) != null) {
      drop(DropReason.DUPLICATE, from, m.kind(), step);
    } else {
      combine(m.sequence(), slot, step);
    }
  }

  private void combine(long s, Slot slot, Step step) {
    if (slot.combining || slot.decided || slot.shares.size() < settings.rule().quorum()) {
      return;
    }
    slot.combining = true;
    Digest value = slot.batch.digest();
    compute(
        new Work.Combine(
            KeyPurpose.ORDERING, statement(s, value), new ArrayList<>(slot.shares.values())),
        step,
        (result, turn) -> {
          slot.combining = false;
          if (result instanceof Result.Combined(Certificate certificate)) {
            slot.certificate = certificate;
            slot.decided = true;
            turn.emit(new Effect.Broadcast(new ToyMessage.Decide(s, value, certificate)));
            execute(turn);
          } else if (result instanceof Result.BadShares(List<Integer> signers)) {
            signers.forEach(slot.shares::remove);
            signers.forEach(i -> drop(DropReason.BAD_SIGNATURE, i, "Ack", turn));
          }
        });
  }

  private void decide(ToyMessage.Decide m, Step step) {
    Slot slot = slot(m.sequence());
    if (slot.decided) {
      drop(DropReason.DUPLICATE, 0, m.kind(), step);
      return;
    }
    Work work =
        new Work.VerifyCertificate(
            KeyPurpose.ORDERING, statement(m.sequence(), m.digest()), m.certificate());
    compute(
        work,
        step,
        (result, turn) -> {
          if (result instanceof Result.Verdict(boolean valid) && valid) {
            slot.decided = true;
            execute(turn);
          } else {
            drop(DropReason.BAD_SIGNATURE, 0, m.kind(), turn);
          }
        });
  }

  private void execute(Step step) {
    for (Slot slot = slots.get(executed + 1);
        slot != null && slot.decided && slot.batch != null && !slot.executing;
        slot = slots.get(executed + 1)) {
      slot.executing = true;
      long s = ++executed;
      Request request = slot.batch.requests().getFirst();
      List<Command> commands = new ArrayList<>();
      request
          .commands()
          .forEach(c -> commands.add(new Command(request.client(), request.timestamp(), c)));
      step.emit(new Effect.Note(new Effect.Event.Committed(0, s, slot.batch.digest())));
      step.emit(new Effect.Execute(s, s * 1000, commands));
      step.emit(new Effect.Note(new Effect.Event.Ordered(0, s, s, commands.size())));
      if (s % CHECKPOINT == 0) {
        step.emit(new Effect.TakeSnapshot(s, List.of()));
      }
    }
  }

  private void executed(Input.Executed i, Step step) {
    Slot slot = slots.get(i.position());
    Request request = slot.batch.requests().getFirst();
    byte[] result = Outcome.encode(i.results());
    Digest leaf = Reply.leaf(request.client(), request.timestamp(), request.digest(), result);
    Digest root = MerkleTree.root(List.of(leaf));
    compute(
        new Work.SignExecution(settings.domain().execution(0, i.position(), i.position(), root)),
        step,
        (signedResult, turn) -> {
          Share share = ((Result.Signed) signedResult).share();
          Reply.Place place = new Reply.Place(0, i.position(), i.position(), root, 0, 1, List.of());
          turn.emit(
              new Effect.Answer(
                  new Reply(
                      settings.domain().epoch(),
                      request.client(),
                      request.timestamp(),
                      request.digest(),
                      result,
                      place,
                      new Reply.Vote(share))));
        });
  }

  private void snapshot(Input.SnapshotEvent event, Step step) {
    if (event instanceof Input.SnapshotEvent.Durable(long slot)) {
      stable = slot;
      slots.headMap(slot - KEPT, true).clear();
      step.emit(new Effect.Forget(0, slot - KEPT));
      step.emit(new Effect.DropSnapshots(slot));
    }
  }

  private void resend(Step step) {
    if (!leads()) {
      step.emit(new Effect.Send(0, new ToyMessage.Fetch(executed + 1)));
    }
    slots.forEach(
        (s, slot) -> {
          if (leads() && slot.own != null && !slot.decided) {
            step.emit(new Effect.Broadcast(new ToyMessage.Propose(s, slot.batch)));
          } else if (!leads() && slot.batch == null) {
            step.emit(new Effect.Send(0, new ToyMessage.Fetch(s)));
          } else if (!leads() && slot.own != null && !slot.decided) {
            step.emit(new Effect.Send(0, new ToyMessage.Ack(s, slot.batch.digest(), slot.own)));
          }
        });
    step.emit(new Effect.StartTimer(RESEND, settings.tuning().resendDelay()));
  }

  private void compute(Work work, Step step, BiConsumer<Result, Step> then) {
    jobs.put(++job, then);
    step.emit(new Effect.Compute(job, work));
  }

  private static void drop(DropReason reason, int from, String kind, Step step) {
    step.emit(new Effect.Note(new Effect.Event.Dropped(reason, from, kind)));
  }

  @Override
  public Status status() {
    TreeMap<String, Long> views = new TreeMap<>();
    views.put("D0", 0L);
    return new Status(
        views,
        executed,
        executed,
        stable,
        Digest.of(new byte[0]),
        slots.size(),
        slots.size(),
        false);
  }
}
