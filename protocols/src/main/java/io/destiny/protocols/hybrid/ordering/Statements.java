package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.hybrid.CertificateForm;

/** What the proposals and votes of one instance sign. */
public final class Statements {
  private final Settings settings;
  private final int instance;
  private final CertificateForm form;

  Statements(Settings settings, int instance, CertificateForm form) {
    this.settings = settings;
    this.instance = instance;
    this.form = form;
  }

  /** P: what a proposal, a vote and a commit all concern (linear-hybster.md §1). */
  public Digest of(OrderingSlot s, long view, Digest value) {
    return s.statement(settings.domain(), instance, view, value);
  }

  /** S1 of P: the bytes that shares and their aggregates sign. */
  public byte[] shared(OrderingSlot s, long view, Digest value) {
    long counter = Counters.encode(view, s.slot());
    return settings.domain().share(instance, Counters.ORDER, counter, of(s, view, value));
  }

  /** F1 of a proposal or vote. */
  public TrustedCall.Independent call(OrderingSlot s, long view, Digest value) {
    long counter = Counters.encode(view, s.slot());
    return form.call(instance, Counters.ORDER, counter, of(s, view, value));
  }
}
