package io.destiny.protocols.linearhybster;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.kit.SlotWindow;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Commit;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.Header;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What Linear Hybster writes to the log, and reads from it after a restart. */
final class LinearHybsterLog {
  /** Intent before F1: the statement and the proposal it votes for, payload included. */
  private static final int INTENT = 1;

  /** The own share and attestation; written lazily, since the same call re-issues them. */
  private static final int CERTIFICATE = 2;

  private static final int COMMIT = 3;

  /** The payload of a committed slot for which there was no intent. */
  private static final int PAYLOAD = 4;

  /** The certified proposal of a slot that was not voted for, since it was committed. */
  private static final int PROPOSAL = 5;

  private final int instance;
  private final ValueDecoder values;
  private long highestIntent;

  LinearHybsterLog(int instance, ValueDecoder values) {
    this.instance = instance;
    this.values = values;
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
        Header.BODY_BYTES,
        w -> LinearHybsterCodec.encode(own, null, w));
  }

  LogRecord proposal(Header header) {
    return new LogRecord(
        instance,
        header.slot(),
        PROPOSAL,
        header.view(),
        Header.BODY_BYTES,
        w -> LinearHybsterCodec.encode(header, null, w));
  }

  LogRecord commit(Commit commit) {
    return new LogRecord(
        instance,
        commit.slot(),
        COMMIT,
        commit.view(),
        128,
        w -> commit.certificate().encode(w.digest(commit.value())));
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
            LinearHybsterCodec.encode(header, value, w.u8(1));
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
   * @param self this replica
   * @param leads whether it leads that view
   * @param spare gets the payloads of other views' intents
   * @throws IllegalStateException if the log is damaged: a replica with doubtful state does not
   *     vote
   */
  void restoreAll(
      List<LogRecord> records,
      SlotWindow<LinearHybsterSlot> window,
      long view,
      int self,
      boolean leads,
      Spare spare) {
    for (boolean commits : new boolean[] {true, false}) {
      for (LogRecord record : records) {
        if (record.slot() > 0
            && window.contains(record.slot())
            && (record.kind() == COMMIT) == commits) {
          restore(record, window.get(record.slot()), view, self, leads, spare);
        }
      }
    }
  }

  private void restore(
      LogRecord record, LinearHybsterSlot s, long view, int self, boolean leads, Spare spare) {
    try {
      Reader r = new Reader(record.body());
      switch (record.kind()) {
        case INTENT -> intent(record, s, view, r, spare);
        case CERTIFICATE -> {
          Header own = LinearHybsterCodec.decodeHeader(record.view(), record.slot(), r);
          if (record.view() == view && s.signing) {
            s.own = new Share(self, own.share());
            s.header = leads ? own : s.header;
          }
        }
        case COMMIT -> {
          Digest value = r.digest();
          s.commit =
              new Commit(instance, record.view(), record.slot(), value, Certificate.decode(r));
        }
        case PROPOSAL -> {
          Header header = LinearHybsterCodec.decodeHeader(record.view(), record.slot(), r);
          if (record.view() == view) {
            s.header = header;
            s.headerLogged = true;
          }
        }
        case PAYLOAD -> {
          Header header = header(record, r);
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
      @Nullable Commit commit) {}

  /**
   * Reads one record of a slot.
   *
   * @throws MalformedException if it is damaged
   */
  Read read(LogRecord record) throws MalformedException {
    Reader r = new Reader(record.body());
    return switch (record.kind()) {
      case INTENT, PAYLOAD -> {
        Header header = header(record, r);
        Value value = values.decode(instance, r);
        if (header != null && !header.value().equals(value.digest())) {
          throw new MalformedException("payload does not match its digest");
        }
        yield new Read(record.kind() == INTENT, false, header, value, null);
      }
      case CERTIFICATE ->
          new Read(
              false,
              true,
              LinearHybsterCodec.decodeHeader(record.view(), record.slot(), r),
              null,
              null);
      case PROPOSAL ->
          new Read(
              false,
              false,
              LinearHybsterCodec.decodeHeader(record.view(), record.slot(), r),
              null,
              null);
      case COMMIT -> {
        Digest value = r.digest();
        yield new Read(
            false,
            false,
            null,
            null,
            new Commit(instance, record.view(), record.slot(), value, Certificate.decode(r)));
      }
      default -> throw new MalformedException("unknown record");
    };
  }

  private static @Nullable Header header(LogRecord record, Reader r) throws MalformedException {
    return r.u8() == 0 ? null : LinearHybsterCodec.decodeHeader(record.view(), record.slot(), r);
  }

  private void intent(LogRecord record, LinearHybsterSlot s, long view, Reader r, Spare spare)
      throws MalformedException {
    Header header = header(record, r);
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
