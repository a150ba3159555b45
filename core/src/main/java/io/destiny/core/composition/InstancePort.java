package io.destiny.core.composition;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Admission;
import io.destiny.core.engine.EngineEvent;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;
import java.util.random.RandomGenerator;

/** The world as one instance sees it. */
final class InstancePort implements Port {
  private final Frame frame;
  private final Rules rules;
  private final int instance;

  InstancePort(Frame frame, Rules rules, int instance) {
    this.frame = frame;
    this.rules = rules;
    this.instance = instance;
  }

  @Override
  public long now() {
    return frame.step().now();
  }

  @Override
  public RandomGenerator random() {
    return frame.step().random();
  }

  @Override
  public void send(int to, Message message) {
    frame.emit(new Effect.Send(to, message));
  }

  @Override
  public void broadcast(Message message) {
    frame.emit(new Effect.Broadcast(message));
  }

  @Override
  public void startTimer(TimerKind kind, long subject, long delayNanos) {
    frame.emit(new Effect.StartTimer(new TimerKey(instance, kind, subject), delayNanos));
  }

  @Override
  public void stopTimer(TimerKind kind, long subject) {
    frame.emit(new Effect.StopTimer(new TimerKey(instance, kind, subject)));
  }

  @Override
  public long compute(Work work) {
    return frame.compute(instance, work);
  }

  @Override
  public void cancel(long job) {
    frame.emit(new Effect.Cancel(job));
  }

  @Override
  public long trusted(TrustedCall call) {
    long job = frame.nextJob(instance);
    frame.emit(new Effect.Trusted(job, call));
    return job;
  }

  @Override
  public void persist(List<LogRecord> records) {
    frame.emit(new Effect.Persist(records, false));
  }

  @Override
  public void persistLazily(List<LogRecord> records) {
    frame.emit(new Effect.Persist(records, true));
  }

  @Override
  public void forget(long upTo) {
    frame.emit(new Effect.Forget(instance, upTo));
  }

  @Override
  public Validity validate(Value value) {
    return rules.validate(value);
  }

  @Override
  public Admission admit(Proposal proposal) {
    return rules.admit(instance, proposal);
  }

  @Override
  public Watermark watermark() {
    return rules.watermark(instance);
  }

  @Override
  public Validity check(Watermark watermark) {
    return rules.check(instance, watermark);
  }

  @Override
  public void learn(Watermark watermark) {
    rules.learn(instance, watermark);
  }

  @Override
  public byte[] viewNote(byte[] before, long max) {
    return rules.viewNote(instance, before, max);
  }

  @Override
  public byte[] mergeNotes(List<byte[]> stated, int rank) {
    return rules.mergeNotes(instance, stated, rank);
  }

  @Override
  public void emit(EngineEvent event) {
    frame.enqueue(instance, event);
  }

  @Override
  public void note(Effect.Event event) {
    frame.emit(new Effect.Note(event));
  }
}
