package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the family writes to the log (pbft.md §2, durable), and reads from it after a restart. Kinds
 * 2 and 3 are an engine's own.
 */
final class ThreePhaseLog {
  /** A qSet entry, by view, with its payload the first time. */
  static final int ACCEPTED = 1;

  /** The payload of a committed slot that was not accepted here. */
  static final int PAYLOAD = 4;

  /** The NEW-VIEW of the view entered last, with the VIEW-CHANGEs that it refers to. */
  static final int ENTERED = 5;

  /** The own VIEW-CHANGE. */
  static final int LEFT = 6;

  private final int instance;
  private final int n;
  private final ValueDecoder values;
  private final Evidence.Decoder evidence;

  ThreePhaseLog(int instance, int n, ValueDecoder values, Evidence.Decoder evidence) {
    this.instance = instance;
    this.n = n;
    this.values = values;
    this.evidence = evidence;
  }

  // ---- writing

  /**
   * @param header null for a re-proposal
   * @param value null if the log has it
   */
  LogRecord accepted(
      long view,
      long slot,
      ThreePhaseMessage.@Nullable Header header,
      Digest digest,
      @Nullable Value value) {
    int expected = 128 + (value == null ? 0 : value.encodedLength());
    return new LogRecord(
        instance,
        slot,
        ACCEPTED,
        view,
        expected,
        w -> {
          w.digest(digest).u8(header == null ? 0 : 1).u8(value == null ? 0 : 1);
          if (header != null) {
            w.raw(header.signature());
          }
          if (value != null) {
            value.encode(w);
          }
        });
  }

  LogRecord payload(long slot, Value value) {
    return new LogRecord(instance, slot, PAYLOAD, 0, value.encodedLength(), value::encode);
  }

  LogRecord entered(NewView newView, List<ViewChange> viewChanges) {
    return new LogRecord(
        instance,
        0,
        ENTERED,
        0,
        4096,
        w -> {
          newView.encode(w.u32(newView.view()).u64(newView.base()));
          viewChanges.forEach(v -> v.encode(w));
        });
  }

  LogRecord left(ViewChange own) {
    return new LogRecord(
        instance, 0, LEFT, 0, own.encodedLength() + 4, w -> own.encode(w.u32(own.view())));
  }

  // ---- reading

  /** What an ACCEPTED record says. */
  record Accepted(
      Digest digest, ThreePhaseMessage.@Nullable Header header, @Nullable Value value) {}

  /** What an ENTERED record says. */
  record Entered(NewView newView, List<ViewChange> viewChanges) {}

  Accepted readAccepted(LogRecord record) throws MalformedException {
    Reader r = new Reader(record.body());
    Digest digest = r.digest();
    boolean header = r.u8() != 0;
    boolean value = r.u8() != 0;
    byte[] signature = header ? r.raw(Work.VerifyReplica.SIGNATURE_BYTES) : null;
    return new Accepted(
        digest,
        signature == null
            ? null
            : new ThreePhaseMessage.Header(record.view(), record.slot(), digest, signature),
        value ? values.decode(instance, r) : null);
  }

  Value readPayload(LogRecord record) throws MalformedException {
    return values.decode(instance, new Reader(record.body()));
  }

  Entered readEntered(LogRecord record) throws MalformedException {
    Reader r = new Reader(record.body());
    NewView newView = NewView.decode(r.u32(), r.u64(), n, r);
    List<ViewChange> viewChanges = new ArrayList<>();
    for (int i = 0; i < newView.references().size(); i++) {
      viewChanges.add(ViewChange.decode(newView.view(), n, evidence, r));
    }
    return new Entered(newView, List.copyOf(viewChanges));
  }

  ViewChange readLeft(LogRecord record) throws MalformedException {
    Reader r = new Reader(record.body());
    return ViewChange.decode(r.u32(), n, evidence, r);
  }
}
