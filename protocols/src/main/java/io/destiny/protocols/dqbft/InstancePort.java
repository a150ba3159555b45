package io.destiny.protocols.dqbft;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Admission;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;
import java.util.random.RandomGenerator;

/** The world as one instance sees it. */
final class InstancePort implements Port {
  private final Dqbft dqbft;
  private final int instance;

  InstancePort(Dqbft dqbft, int instance) {
    this.dqbft = dqbft;
    this.instance = instance;
  }

  @Override
  public long now() {
    return dqbft.step().now();
  }

  @Override
  public RandomGenerator random() {
    return dqbft.step().random();
  }

  @Override
  public void send(int to, Message message) {
    dqbft.step().emit(new Effect.Send(to, message));
  }

  @Override
  public void broadcast(Message message) {
    dqbft.step().emit(new Effect.Broadcast(message));
  }

  @Override
  public void startTimer(TimerKind kind, long subject, long delayNanos) {
    dqbft.step().emit(new Effect.StartTimer(new TimerKey(instance, kind, subject), delayNanos));
  }

  @Override
  public void stopTimer(TimerKind kind, long subject) {
    dqbft.step().emit(new Effect.StopTimer(new TimerKey(instance, kind, subject)));
  }

  @Override
  public long compute(Work work) {
    return dqbft.compute(instance, work);
  }

  @Override
  public void cancel(long job) {
    dqbft.step().emit(new Effect.Cancel(job));
  }

  @Override
  public long trusted(TrustedCall call) {
    long job = dqbft.nextJob(instance);
    dqbft.step().emit(new Effect.Trusted(job, call));
    return job;
  }

  @Override
  public void persist(List<LogRecord> records) {
    dqbft.step().emit(new Effect.Persist(records, false));
  }

  @Override
  public void persistLazily(List<LogRecord> records) {
    dqbft.step().emit(new Effect.Persist(records, true));
  }

  @Override
  public void forget(long upTo) {
    dqbft.step().emit(new Effect.Forget(instance, upTo));
  }

  @Override
  public Validity validate(Value value) {
    // The form was checked when it was decoded.
    List<Request> signed =
        value instanceof OrderList list
            ? list.assignments().stream().map(Assignment::request).toList()
            : ((Batch) value).requests();
    if (value instanceof Batch && signed.stream().anyMatch(r -> Assignment.asks(r.client()))) {
      // ASSIGN is no command: it belongs into O-lists alone.
      return new Validity.Invalid(DropReason.INVALID);
    }
    return signed.isEmpty()
        ? new Validity.Valid()
        : new Validity.Depends(new Work.VerifyRequests(signed));
  }

  @Override
  public Admission admit(Proposal proposal) {
    return dqbft.admit(instance, proposal);
  }

  @Override
  public Watermark watermark() {
    return dqbft.watermarks().of(instance, dqbft.engine(instance).stable());
  }

  @Override
  public Validity check(Watermark watermark) {
    return dqbft.watermarks().check(instance, watermark);
  }

  @Override
  public void learn(Watermark watermark) {
    dqbft.learn(dqbft.watermarks().certificate(instance, watermark));
  }

  @Override
  public byte[] viewNote(byte[] before, long max) {
    // Probation is for D-instances alone.
    return instance == Instances.ORDER ? new byte[0] : Probation.of(before).next(max).note();
  }

  @Override
  public byte[] mergeNotes(List<byte[]> stated, int rank) {
    return instance == Instances.ORDER ? new byte[0] : Probation.ranked(stated, rank).note();
  }

  @Override
  public void emit(EngineEvent event) {
    dqbft.enqueue(instance, event);
  }

  @Override
  public void note(Effect.Event event) {
    dqbft.step().emit(new Effect.Note(event));
  }
}
