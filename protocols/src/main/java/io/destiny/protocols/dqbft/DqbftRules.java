package io.destiny.protocols.dqbft;

import io.destiny.core.composition.Execution;
import io.destiny.core.composition.Intake;
import io.destiny.core.composition.Recovery;
import io.destiny.core.composition.Rules;
import io.destiny.core.engine.Admission;
import io.destiny.core.engine.Proposal;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.Watermark;
import io.destiny.core.kit.ExecCertifier;
import io.destiny.core.machine.DropReason;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import java.util.List;

/** What DQBFT decides for its instances, and does when its state moves. */
final class DqbftRules implements Rules, Execution.Listener, Recovery.Listener {
  private final Dqbft dqbft;

  DqbftRules(Dqbft dqbft) {
    this.dqbft = dqbft;
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
    return Intake.genuine(signed);
  }

  /** The vote gates: rule 1 for D-instances, rule 4 for the O-instance. */
  @Override
  public Admission admit(int instance, Proposal proposal) {
    if (proposal.value() instanceof Batch batch) {
      return batch.isNoop() || proposal.leader() == instance ? Admission.ACCEPT : Admission.REJECT;
    }
    return dqbft.gate().admit(proposal.slot(), (OrderList) proposal.value());
  }

  @Override
  public byte[] viewNote(int instance, byte[] before, long max) {
    // Probation is for D-instances alone.
    return instance == Instances.ORDER ? new byte[0] : Probation.of(before).next(max).note();
  }

  @Override
  public byte[] mergeNotes(int instance, List<byte[]> stated, int rank) {
    return instance == Instances.ORDER ? new byte[0] : Probation.ranked(stated, rank).note();
  }

  @Override
  public Watermark watermark(int instance) {
    return dqbft.watermarks().of(instance, dqbft.engine(instance).stable());
  }

  @Override
  public Validity check(int instance, Watermark watermark) {
    return dqbft.watermarks().check(instance, watermark);
  }

  @Override
  public void learn(int instance, Watermark watermark) {
    dqbft.recovery().learn(dqbft.watermarks().certificate(instance, watermark));
  }

  @Override
  public void executed(Request request) {
    dqbft.pending().executed(request.client(), request.timestamp());
  }

  @Override
  public void executed(ExecCertifier.Executed batch) {
    int first = dqbft.dissemination(batch.instance()).primary();
    dqbft.certifier().executed(batch, first, dqbft.certifierTurn());
  }

  @Override
  public void truncated(int instance, long before) {
    if (instance != Instances.ORDER) {
      // Proofs of one interval more are kept for clients that ask again.
      dqbft.certifier().forget(instance, before, dqbft.certifierTurn());
      dqbft.coverageChanged(instance);
    }
  }

  @Override
  public void transferred() {
    dqbft.stalls().forget();
    dqbft.pending().forgetExecuted();
  }
}
