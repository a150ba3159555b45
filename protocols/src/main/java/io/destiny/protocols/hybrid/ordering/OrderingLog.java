package io.destiny.protocols.hybrid.ordering;

import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an instance writes to the log, and reads from it after a restart. */
final class OrderingLog {
  /** Intent before F1: the statement and the proposal it votes for, payload included. */
  private static final int INTENT = 1;

  /** The own vote's certificate; written lazily, since the same call re-issues them. */
  private static final int CERTIFICATE = 2;

  private static final int COMMIT = 3;

  /** The payload of a committed slot for which there was no intent. */
  private static final int PAYLOAD = 4;

  /** The certified proposal of a slot that was not voted for, since it was committed. */
  private static final int PROPOSAL = 5;

  private final int instance;
  private final ValueDecoder values;
  private final Variant variant;
  private long highestIntent;

  OrderingLog(int instance, ValueDecoder values, Variant variant) {
    this.instance = instance;
    this.values = values;
    this.variant = variant;
  }

  /** The highest slot with an intent among the restored records. */
  long highestIntent() {
    return highestIntent;
  }

  /**
   * @param header the leader's certificate, null for an own proposal that has none yet
   */
  LogRecord intent(long view, long slot, @Nullable Header header, Value value) {
    return proposal(INTENT, view, slot, header, value);
  }

  LogRecord certificate(Header own) {
    return new LogRecord(
        instance,
        own.slot(),
        CERTIFICATE,
        own.view(),
        own.bodyBytes(),
        w -> OrderingCodec.encode(own, null, w));
  }

  LogRecord proposal(Header header) {
    return new LogRecord(
        instance,
        header.slot(),
        PROPOSAL,
        header.view(),
        header.bodyBytes(),
        w -> OrderingCodec.encode(header, null, w));
  }

  LogRecord commit(CommitCertificate commit) {
    return new LogRecord(
        instance, commit.slot(), COMMIT, commit.view(), commit.wireSize(), commit::encode);
  }

  LogRecord payload(long view, long slot, @Nullable Header header, Value value) {
    return proposal(PAYLOAD, view, slot, header, value);
  }

  private LogRecord proposal(int kind, long view, long slot, @Nullable Header header, Value value) {
    return new LogRecord(
        instance,
        slot,
        kind,
        view,
        256 + value.encodedLength(),
        w -> {
          if (header == null) {
            value.encode(w.u8(0));
          } else {
            OrderingCodec.encode(header, value, w.u8(1));
          }
        });
  }

  /** A payload of a slot that is not the present view's. */
  @FunctionalInterface
  interface Spare {
    void keep(long slot, Value value);
  }

  /**
   * Puts the records back into their slots: commits first, since they say which payloads count.
   *
   * @param view the view entered last
   * @param leads whether it leads that view
   * @param spare gets the payloads of other views' intents
   * @throws IllegalStateException if the log is damaged: a replica with doubtful state does not
   *     vote
   */
  void restoreAll(
      List<LogRecord> records,
      SlotWindow<OrderingSlot> window,
      long view,
      boolean leads,
      Spare spare) {
    for (boolean commits : new boolean[] {true, false}) {
      for (LogRecord record : records) {
        if (record.slot() > 0
            && window.contains(record.slot())
            && (record.kind() == COMMIT) == commits) {
          restore(record, window.get(record.slot()), view, leads, spare);
        }
      }
    }
  }

  private void restore(LogRecord record, OrderingSlot s, long view, boolean leads, Spare spare) {
    try {
      Reader r = new Reader(record.body());
      switch (record.kind()) {
        case INTENT -> intent(record, s, view, r, spare);
        case CERTIFICATE -> {
          Header own = header(record, r);
          if (record.view() == view && s.signing) {
            s.own = own;
            s.header = leads ? own : s.header;
          }
        }
        case COMMIT -> s.commit = commit(record, r);
        case PROPOSAL -> {
          Header header = header(record, r);
          if (record.view() == view) {
            s.header = header;
            s.headerLogged = true;
          }
        }
        case PAYLOAD -> {
          Header header = optionalHeader(record, r);
          Value value = values.decode(instance, r);
          if (header != null && record.view() == view) {
            s.header = header;
            s.headerLogged = true;
          }
          if (value.digest().equals(s.committedDigest())) {
            s.value = value;
            s.valid = true;
            s.logged = true;
          }
        }
        default -> throw new MalformedException("unknown record");
      }
    } catch (MalformedException e) {
      throw new IllegalStateException("the log is damaged at " + record.slot(), e);
    }
  }

  /**
   * A record by itself, as other replicas' logs are read.
   *
   * @param intent whether it precedes a vote or a proposal
   * @param vote whether {@code header} is the certificate of a vote, or of a leader's proposal
   */
  record Read(
      boolean intent,
      boolean vote,
      @Nullable Header header,
      @Nullable Value value,
      @Nullable CommitCertificate commit) {}

  /**
   * Reads one record of a slot.
   *
   * @throws MalformedException if it is damaged
   */
  Read read(LogRecord record) throws MalformedException {
    Reader r = new Reader(record.body());
    return switch (record.kind()) {
      case INTENT, PAYLOAD -> {
        Header header = optionalHeader(record, r);
        Value value = values.decode(instance, r);
        if (header != null && !header.value().equals(value.digest())) {
          throw new MalformedException("payload does not match its digest");
        }
        yield new Read(record.kind() == INTENT, false, header, value, null);
      }
      case CERTIFICATE -> new Read(false, true, header(record, r), null, null);
      case PROPOSAL -> new Read(false, false, header(record, r), null, null);
      case COMMIT -> new Read(false, false, null, null, commit(record, r));
      default -> throw new MalformedException("unknown record");
    };
  }

  private @Nullable Header optionalHeader(LogRecord record, Reader r) throws MalformedException {
    return r.u8() == 0 ? null : header(record, r);
  }

  private Header header(LogRecord record, Reader r) throws MalformedException {
    return OrderingCodec.decodeHeader(record.view(), record.slot(), variant.form(), r);
  }

  private CommitCertificate commit(LogRecord record, Reader r) throws MalformedException {
    return variant.decode(instance, record.view(), record.slot(), r);
  }

  private void intent(LogRecord record, OrderingSlot s, long view, Reader r, Spare spare)
      throws MalformedException {
    Header header = optionalHeader(record, r);
    Value value = values.decode(instance, r);
    boolean present = record.view() == view;
    Digest committed = s.committedDigest();
    if (committed == null ? present : value.digest().equals(committed)) {
      s.value = value;
      s.valid = true;
      s.logged = true;
    }
    if (present) {
      s.header = header == null ? s.header : header;
      s.headerLogged |= header != null;
      s.signing = true;
      highestIntent = Math.max(highestIntent, record.slot());
    } else {
      spare.keep(record.slot(), value);
    }
  }
}
