package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Watermark;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.ContinuingCertificate;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.ghost.GhostCrypto;
import io.destiny.sim.ghost.GhostLedger;
import io.destiny.sim.ghost.GhostThreshSign;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** NEW-VIEWs of an instance that R_v leads in view v, as trusted subsystems certify them. */
public final class CertifiedViews {
  private final Settings settings;
  private final Domain domain;
  private final GhostLedger ledger;
  private final int instance;

  public CertifiedViews(Settings settings, GhostLedger ledger, int instance) {
    this.settings = settings;
    this.domain = settings.domain();
    this.ledger = ledger;
    this.instance = instance;
  }

  /** A record of views that holds these. */
  public LogRecord record(NewView... kept) {
    TreeMap<Long, NewView> views = new TreeMap<>();
    for (NewView n : kept) {
      views.put(n.view(), n);
    }
    long last = views.lastKey();
    return new ViewRecord(
            last, last, views, Map.of(), List.of(), null, false, null, null, List.of())
        .toLog(instance);
  }

  /** The same of one NEW-VIEW that f+1 replicas vouch for. */
  public LogRecord vouched(NewView n) {
    byte[] statement = domain.newViewAck(instance, n.view(), n.content().digest(domain));
    Map<Long, NewView> kept = Map.of(n.view(), n);
    Map<Long, Certificate> proofs = Map.of(n.view(), certified(statement));
    return new ViewRecord(
            n.view(), n.view(), kept, proofs, List.of(), null, false, null, null, List.of())
        .toLog(instance);
  }

  /** What a leader's trusted subsystem makes of a proposal, whatever it made before. */
  public NewView.Signed proposal(long view, long slot, Digest value) {
    Result.Shared shared =
        (Result.Shared)
            call(
                leader(view),
                new TrustedCall.IndependentShare(
                    instance,
                    Counters.ORDER,
                    Counters.encode(view, slot),
                    domain.proposal(instance, view, slot, value)));
    return new NewView.Signed(shared.share().signature(), shared.attestation());
  }

  /**
   * The NEW-VIEW of a quorum that all left one view at one slot.
   *
   * @param before of the view left, null for view 0
   * @param last k, the last slot that they signed there
   * @param values of the slots above the base, as many as are re-proposed
   */
  public NewView of(
      @Nullable NewView before, long view, long last, Watermark base, Digest... values) {
    long from = before == null ? 0 : before.view();
    List<ViewChangeHeader> headers = new ArrayList<>();
    for (int i = 0; i < settings.rule().quorum(); i++) {
      headers.add(header(i, Counters.encode(from, last), view, base));
    }
    List<NewView.Old> old = new ArrayList<>();
    List<NewView.Signed> signed = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      long slot = base.slot() + 1 + i;
      boolean inherited = before != null && before.content().value(slot) != null;
      byte[] shown = inherited ? new byte[0] : proposal(from, slot, values[i]).attestation();
      old.add(new NewView.Old(values[i], shown));
      signed.add(proposal(view, slot, values[i]));
    }
    NewView.Content content =
        new NewView.Content(instance, view, headers, from, base, new byte[0], old);
    Result.Shared attested =
        (Result.Shared)
            call(
                leader(view),
                new TrustedCall.IndependentShare(
                    instance, Counters.NEW_VIEW, view, content.digest(domain)));
    return new NewView(content, attested.attestation(), signed);
  }

  private ViewChangeHeader header(int sender, long origin, long target, Watermark base) {
    long complaint = target - 1;
    Certificate proof = certified(domain.complaint(instance, complaint, target));
    Digest body = new Digest(0, 0, 0, 0);
    Digest digest =
        ViewChangeHeader.digest(
            domain, instance, sender, target, complaint, proof, base, body, List.of());
    ContinuingCertificate moved = moved(sender, origin, Counters.encode(target, 0), digest);
    return new ViewChangeHeader(
        instance, sender, target, complaint, proof, base, body, List.of(), moved);
  }

  private ContinuingCertificate moved(int sender, long from, long to, Digest message) {
    GhostThreshSign enclave = fresh(sender);
    if (from > 0) {
      enclave.call(
          List.of(new TrustedCall.IndependentShare(instance, Counters.ORDER, from, message)));
    }
    TrustedCall call = new TrustedCall.Continuing(instance, Counters.ORDER, from, to, message);
    return ((Result.Continued) enclave.call(List.of(call)).getFirst()).certificate();
  }

  /** By f+1. */
  private Certificate certified(byte[] statement) {
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < settings.rule().weak(); i++) {
      Result r = new GhostCrypto(ledger, i).run(new Work.SignExecution(statement));
      shares.add(((Result.Signed) r).share());
    }
    Work combine = new Work.Combine(KeyPurpose.EXECUTION, statement, shares);
    return ((Result.Combined) new GhostCrypto(ledger, -1).run(combine)).certificate();
  }

  private int leader(long view) {
    return (int) (view % settings.n());
  }

  private Result call(int replica, TrustedCall call) {
    return fresh(replica).call(List.of(call)).getFirst();
  }

  private GhostThreshSign fresh(int replica) {
    return new GhostThreshSign(ledger, replica, GhostLedger.boot(replica));
  }
}
