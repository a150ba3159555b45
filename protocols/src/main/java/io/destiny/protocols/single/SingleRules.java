package io.destiny.protocols.single;

import io.destiny.core.composition.Execution;
import io.destiny.core.composition.Intake;
import io.destiny.core.composition.Recovery;
import io.destiny.core.composition.Rules;
import io.destiny.core.engine.Admission;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import io.destiny.core.kit.Collectors;
import io.destiny.core.kit.ExecCertifier;
import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Request;
import java.util.List;

/** What is decided for the instance, and done when the state moves. */
final class SingleRules implements Rules, Execution.Listener, Recovery.Listener {
  private final Settings settings;
  private final Single single;

  SingleRules(Settings settings, Single single) {
    this.settings = settings;
    this.single = single;
  }

  @Override
  public Validity validate(Value value) {
    List<Request> signed = ((TimedBatch) value).batch().requests();
    if (signed.stream().anyMatch(r -> Assignment.asks(r.client()))) {
      return new Validity.Invalid(DropReason.INVALID);
    }
    return Intake.genuine(signed);
  }

  /** A time too far ahead waits until the own clock comes near. */
  @Override
  public Admission admit(int instance, Proposal proposal) {
    long latest = single.frame().step().wallMillis() + settings.tuning().skewMillis();
    if (((TimedBatch) proposal.value()).timeMillis() <= latest) {
      return Admission.ACCEPT;
    }
    single.waitForTime(instance);
    return Admission.DEFER;
  }

  @Override
  public byte[] viewNote(int instance, byte[] before, long max) {
    return new byte[0];
  }

  @Override
  public byte[] mergeNotes(int instance, List<byte[]> stated, int rank) {
    return new byte[0];
  }

  @Override
  public Watermark watermark(int instance) {
    return single.watermarks().of(instance, single.frame().engine(instance).stable());
  }

  @Override
  public Validity check(int instance, Watermark watermark) {
    return single.watermarks().check(instance, watermark);
  }

  @Override
  public void learn(int instance, Watermark watermark) {
    single.recovery().learn(single.watermarks().certificate(instance, watermark));
  }

  @Override
  public void executed(Request request) {
    single.pillars().of(request).requests().executed(request.client(), request.timestamp());
  }

  @Override
  public void executed(ExecCertifier.Executed batch) {
    int leader = single.frame().engine(batch.instance()).primary();
    single.certifier().executed(batch, collector(batch, leader), single.certifierTurn());
  }

  /**
   * The first E-collector: the leader, which saves a hop, or one drawn by the slot (sbft.md §2).
   */
  private int collector(ExecCertifier.Executed batch, int leader) {
    if (!settings.tuning().permuted()) {
      return leader;
    }
    return Collectors.order(
        settings.domain(),
        settings.n(),
        leader,
        batch.instance(),
        batch.slot(),
        Collectors.Purpose.EXECUTION)[1];
  }

  @Override
  public void truncated(int instance, long before) {
    // Proofs of one interval more are kept for clients that ask again.
    single.certifier().forget(instance, before, single.certifierTurn());
  }

  @Override
  public void transferred() {
    single.pillars().all().forEach(pillar -> pillar.requests().forgetExecuted());
  }
}
