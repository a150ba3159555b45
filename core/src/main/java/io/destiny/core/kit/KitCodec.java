package io.destiny.core.kit;

import io.destiny.core.app.SnapshotSource;
import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.Counters;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Codec of {@link KitMessage}; types 64 to 95. */
public final class KitCodec implements FamilyCodec {
  private static final int EXEC_SIG = 64;
  private static final int EXEC_PROOF = 65;
  private static final int CHECKPOINT_SIG = 66;
  private static final int CHECKPOINT_PROOF = 67;
  private static final int GET_STATE = 68;
  private static final int MANIFEST = 69;
  private static final int GET_CHUNKS = 70;
  private static final int CHUNKS = 71;
  private static final int STATUS = 72;
  private static final int RELAY = 73;
  private static final int RECOVERED = 74;
  private static final int PROBE = 75;
  private static final int PROBE_ACK = 76;

  private static final int MOST_PARTS = 8;
  private static final int MOST_CHUNKS = 1 << 16;

  private final Settings settings;

  public KitCodec(Settings settings) {
    this.settings = settings;
  }

  @Override
  public @Nullable Header header(Message message) {
    return message instanceof KitMessage m
        ? new Header(type(m), m.instance(), 0, m.sequence(), 0)
        : null;
  }

  private static int type(KitMessage message) {
    return switch (message) {
      case KitMessage.Former m -> type(m.message());
      case KitMessage.ExecSig m -> EXEC_SIG;
      case KitMessage.ExecProof m -> EXEC_PROOF;
      case KitMessage.CheckpointSig m -> CHECKPOINT_SIG;
      case KitMessage.CheckpointProof m -> CHECKPOINT_PROOF;
      case KitMessage.GetState m -> GET_STATE;
      case KitMessage.Manifest m -> MANIFEST;
      case KitMessage.GetChunks m -> GET_CHUNKS;
      case KitMessage.Chunks m -> CHUNKS;
      case KitMessage.Status m -> STATUS;
      case KitMessage.Relay m -> RELAY;
      case KitMessage.Recovered m -> RECOVERED;
      case KitMessage.Probe m -> PROBE;
      case KitMessage.ProbeAck m -> PROBE_ACK;
    };
  }

  @Override
  public void encodeBody(Message message, Writer w) {
    switch ((KitMessage) message) {
      case KitMessage.Former m -> encodeBody(m.message(), w);
      case KitMessage.ExecSig m -> {
        w.u64(m.position()).digest(m.root());
        m.share().encode(w);
      }
      case KitMessage.ExecProof m -> {
        w.u64(m.position()).digest(m.root());
        m.certificate().encode(w);
      }
      case KitMessage.CheckpointSig m -> {
        w.digest(m.state());
        m.share().encode(w);
      }
      case KitMessage.CheckpointProof m -> {
        w.digest(m.state());
        m.certificate().encode(w);
      }
      case KitMessage.GetState m -> {}
      case KitMessage.Manifest m -> {
        w.u8(m.parts().size());
        for (List<Digest> part : m.parts()) {
          w.u32(part.size());
          part.forEach(w::digest);
        }
      }
      case KitMessage.GetChunks m -> w.u8(m.part()).u32(m.first()).u16(m.count());
      case KitMessage.Chunks m -> {
        w.u8(m.part()).u32(m.first()).u16(m.chunks().size());
        m.chunks().forEach(w::bytes);
      }
      case KitMessage.Status m -> {
        w.u8(m.entries().size());
        m.entries().forEach(e -> encode(e, w));
      }
      case KitMessage.Relay m -> m.request().encode(w);
      case KitMessage.Recovered m -> {}
      case KitMessage.Probe m -> w.u64(m.nonce());
      case KitMessage.ProbeAck m ->
          w.u64(m.nonce()).digest(m.state()).u64(m.executed()).u8(m.signs() ? 1 : 0);
    }
  }

  private static void encode(KitMessage.Status.Entry e, Writer w) {
    Progress p = e.progress();
    w.u16(e.instance())
        .u32(p.view())
        .u8(p.entered() ? 1 : 0)
        .u64(p.stable())
        .u64(p.frontier())
        .u64(p.highest());
    for (long word : p.missing()) {
      w.u64(word);
    }
  }

  @Override
  public @Nullable Message decode(Header h, Reader r) throws MalformedException {
    Message message =
        switch (h.type()) {
          case EXEC_SIG ->
              new KitMessage.ExecSig(
                  h.instance(), h.sequence(), r.u64(), r.digest(), Share.decode(r));
          case EXEC_PROOF ->
              new KitMessage.ExecProof(
                  h.instance(), h.sequence(), r.u64(), r.digest(), Certificate.decode(r));
          case CHECKPOINT_SIG ->
              new KitMessage.CheckpointSig(h.sequence(), r.digest(), Share.decode(r));
          case CHECKPOINT_PROOF ->
              new KitMessage.CheckpointProof(h.sequence(), r.digest(), Certificate.decode(r));
          case GET_STATE -> new KitMessage.GetState(h.sequence());
          case MANIFEST -> manifest(h, r);
          case GET_CHUNKS -> new KitMessage.GetChunks(h.sequence(), r.u8(), index(r), count(r));
          case CHUNKS -> chunks(h, r);
          case STATUS -> status(h, r);
          case RELAY ->
              new KitMessage.Relay(
                  Request.decode(settings.domain(), r, settings.limits().maxOperationBytes()));
          case RECOVERED -> new KitMessage.Recovered(h.sequence());
          case PROBE -> new KitMessage.Probe(r.u64());
          case PROBE_ACK -> probeAck(h, r);
          default -> null;
        };
    if (message != null) {
      // One encoding only: what the header carries beyond the fields is what encode() would write.
      if (h.view() != 0
          || h.flags() != 0
          || h.instance() != message.instance()
          || h.sequence() != message.sequence()) {
        throw new MalformedException("header does not fit");
      }
    }
    return message;
  }

  private static int count(Reader r) throws MalformedException {
    int count = r.u16();
    if (count == 0) {
      throw new MalformedException("nothing is asked for");
    }
    return count;
  }

  private static int index(Reader r) throws MalformedException {
    long index = r.u32();
    if (index >= MOST_CHUNKS) {
      throw new MalformedException("no such chunk");
    }
    return (int) index;
  }

  private static KitMessage manifest(Header h, Reader r) throws MalformedException {
    int parts = r.u8();
    if (parts > MOST_PARTS) {
      throw new MalformedException("too many parts");
    }
    List<List<Digest>> all = new ArrayList<>(parts);
    for (int p = 0; p < parts; p++) {
      long count = r.u32();
      if (count > MOST_CHUNKS || count * Digest.BYTES > r.remaining()) {
        throw new MalformedException("too many chunks");
      }
      List<Digest> digests = new ArrayList<>((int) count);
      for (long i = 0; i < count; i++) {
        digests.add(r.digest());
      }
      all.add(List.copyOf(digests));
    }
    return new KitMessage.Manifest(h.sequence(), List.copyOf(all));
  }

  private static KitMessage chunks(Header h, Reader r) throws MalformedException {
    int part = r.u8();
    int first = index(r);
    int count = r.u16();
    if (count * 4 > r.remaining()) {
      throw new MalformedException("too many chunks");
    }
    List<byte[]> chunks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      chunks.add(r.bytes(SnapshotSource.MAX_CHUNK));
    }
    return new KitMessage.Chunks(h.sequence(), part, first, List.copyOf(chunks));
  }

  private static KitMessage probeAck(Header h, Reader r) throws MalformedException {
    long nonce = r.u64();
    Digest state = r.digest();
    long executed = r.u64();
    int signs = r.u8();
    if (executed < 0 || signs > 1) {
      throw new MalformedException("no such state of health");
    }
    return new KitMessage.ProbeAck(nonce, h.sequence(), state, executed, signs == 1);
  }

  private KitMessage status(Header h, Reader r) throws MalformedException {
    int count = r.u8();
    if (count > KitMessage.Status.MOST_ENTRIES) {
      throw new MalformedException("too many entries");
    }
    List<KitMessage.Status.Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int instance = r.u16();
      if (!Instances.exists(instance, settings.n(), settings.tuning().pillars())) {
        throw new MalformedException("unknown instance");
      }
      long view = r.u32();
      int entered = r.u8();
      long stable = r.u64();
      long frontier = r.u64();
      long highest = r.u64();
      if (stable < 0
          || frontier < stable
          || frontier >= Counters.SLOT_LIMIT
          || highest < 0
          || entered > 1
          || highest >= Counters.SLOT_LIMIT) {
        throw new MalformedException("no such progress");
      }
      long[] missing = new long[Progress.SPAN / 64];
      for (int word = 0; word < missing.length; word++) {
        missing[word] = r.u64();
      }
      entries.add(
          new KitMessage.Status.Entry(
              instance, new Progress(view, entered == 1, stable, frontier, highest, missing)));
    }
    return new KitMessage.Status(h.sequence(), List.copyOf(entries));
  }
}
