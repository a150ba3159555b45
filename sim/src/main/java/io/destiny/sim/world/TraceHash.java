package io.destiny.sim.world;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import java.util.List;

/**
 * A hash over all inputs and effects in their order: equal for equal runs, on any machine. It reads
 * values only, never identities or {@code toString}. Not cryptographic: it compares runs that
 * nobody forges. Where the world encodes messages it is over all their bytes; where it does not,
 * over what names a message and over its length.
 */
final class TraceHash implements TraceListener {
  private static final long M1 = 0x9E3779B97F4A7C15L;
  private static final long M2 = 0xC2B2AE3D27D4EB4FL;

  private final World world;
  private final boolean deep;
  private long a = M1;
  private long b = M2;
  private long words;

  TraceHash(World world) {
    this.world = world;
    this.deep = world.options().encoded();
  }

  Digest value() {
    long x = finish(a + words);
    long y = finish(b ^ x);
    return new Digest(x, y, finish(x + M1), finish(y + M2));
  }

  private static long finish(long value) {
    long v = value;
    v = (v ^ (v >>> 30)) * 0xBF58476D1CE4E5B9L;
    v = (v ^ (v >>> 27)) * 0x94D049BB133111EBL;
    return v ^ (v >>> 31);
  }

  private TraceHash add(long word) {
    words++;
    a = Long.rotateLeft((a ^ word) * M1, 29) + M2;
    b = Long.rotateLeft(b + word * M2, 31) * M1;
    return this;
  }

  private TraceHash add(Digest d) {
    return add(d.a()).add(d.b()).add(d.c()).add(d.d());
  }

  private TraceHash add(String text) {
    return add(text.hashCode());
  }

  private TraceHash add(byte[] bytes) {
    add(bytes.length);
    if (deep) {
      long word = 0;
      for (int i = 0; i < bytes.length; i++) {
        word = (word << 8) | (bytes[i] & 0xFF);
        if ((i & 7) == 7) {
          add(word);
          word = 0;
        }
      }
      add(word);
    }
    return this;
  }

  private TraceHash begin(int kind, int replica) {
    return add(((long) kind << 32) | replica).add(world.now());
  }

  private void frame(Frame frame) {
    Message m = frame.message();
    if (deep || m == null) {
      add(frame.digest());
    } else {
      add(m.kind()).add(((long) m.instance() << 32) | frame.size()).add(m.sequence());
    }
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    begin(1, from).add(to).frame(frame);
  }

  @Override
  public void delivered(int from, int to, Frame frame) {
    begin(2, to).add(from).frame(frame);
  }

  @Override
  public void crashed(int replica) {
    begin(3, replica);
  }

  @Override
  public void halted(int replica, String reason) {
    begin(4, replica).add(reason);
  }

  @Override
  public void input(int replica, Input input) {
    begin(5, replica);
    switch (input) {
      case Input.Started i -> add(1).records(i.records());
      case Input.Received i -> add(2).add(i.from());
      case Input.Submitted i -> add(3).request(i.request());
      case Input.Fired i -> add(4).timer(i.timer());
      case Input.Computed i -> add(5).add(i.job()).result(i.result());
      case Input.Executed i -> add(6).add(i.position()).chunks(i.results());
      case Input.Snapshot i -> add(7).snapshot(i.event());
    }
  }

  private void snapshot(Input.SnapshotEvent event) {
    switch (event) {
      case Input.SnapshotEvent.Taken e -> {
        add(1).add(e.slot());
        e.application().forEach(this::add);
      }
      case Input.SnapshotEvent.Durable e -> add(2).add(e.slot());
      case Input.SnapshotEvent.ChunksRead e -> add(3).add(e.job()).chunks(e.chunks());
      case Input.SnapshotEvent.Installed e -> add(4).add(e.slot());
      case Input.SnapshotEvent.InstallFailed e -> add(5).add(e.slot());
    }
  }

  private void result(Result result) {
    switch (result) {
      case Result.Verdict r -> add(1).add(r.valid() ? 1 : 0);
      case Result.Combined r ->
          add(2).add(r.certificate().signature()).add(r.certificate().signers());
      case Result.BadShares r -> {
        add(3);
        r.signers().forEach(this::add);
      }
      case Result.Signed r -> add(4).add(r.share().signer()).add(r.share().signature());
      case Result.Signature r -> add(8).add(r.bytes());
      case Result.Shared r -> add(5).add(r.share().signer()).add(r.share().signature());
      case Result.Continued r -> add(6).add(r.certificate().signature());
      case Result.Refused r -> add(7).add(r.reason().name()).add(r.current());
      case Result.Attested r -> add(8).add(r.attestation());
    }
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    begin(6, replica).add(number);
    switch (effect) {
      case Effect.Send e -> add(1).add(e.to());
      case Effect.Broadcast e -> add(2);
      case Effect.Answer e -> add(3).reply(e.reply());
      case Effect.StartTimer e -> add(4).add(e.delayNanos()).timer(e.timer());
      case Effect.StopTimer e -> add(5).timer(e.timer());
      case Effect.Persist e -> add(6).add(e.lazily() ? 1 : 0).records(e.records());
      case Effect.Forget e -> add(7).add(e.instance()).add(e.upTo());
      case Effect.Compute e -> add(8).add(e.job()).add(e.work().getClass().getSimpleName());
      case Effect.Cancel e -> add(9).add(e.job());
      case Effect.Trusted e ->
          add(10)
              .add(e.job())
              .add(e.call().instance())
              .add(e.call().counter())
              .add(e.call().value())
              .add(e.call().message());
      case Effect.Execute e -> add(11).execute(e);
      case Effect.TakeSnapshot e -> {
        add(12).add(e.slot());
        e.parts().forEach(part -> chunks(part));
      }
      case Effect.DropSnapshots e -> add(13).add(e.below());
      case Effect.ReadChunks e ->
          add(14).add(e.job()).add(e.slot()).add(e.part()).add(e.first()).add(e.maxBytes());
      case Effect.BeginInstall e -> add(19).add(e.slot());
      case Effect.InstallChunk e -> add(15).add(e.slot()).add(e.part()).add(e.chunk());
      case Effect.FinishInstall e -> add(16).add(e.slot());
      case Effect.EndEpoch e -> add(20).add(e.slot()).add(e.next().encode());
      case Effect.BeginAgain e -> add(21);
      case Effect.Halt e -> add(17).add(e.reason());
      case Effect.Note e -> add(18).note(e.event());
    }
  }

  private void execute(Effect.Execute e) {
    add(e.position()).add(e.timeMillis()).add(e.commands().size());
    if (deep) {
      e.commands().forEach(c -> add(c.client()).add(c.timestamp()).add(c.operation()));
    }
  }

  private void note(Effect.Event event) {
    switch (event) {
      case Effect.Event.Dropped e -> add(1).add(e.reason().name()).add(e.from()).add(e.kind());
      case Effect.Event.Committed e -> add(6).add(e.instance()).add(e.slot()).add(e.value());
      case Effect.Event.Evidence e -> add(2).add(e.replica()).add(e.what());
      case Effect.Event.Ordered e ->
          add(3).add(e.instance()).add(e.slot()).add(e.position()).add(e.commands());
      case Effect.Event.Entered e ->
          add(7).add(e.instance()).add(e.view()).add(e.base()).add(e.max());
      case Effect.Event.Probation e ->
          add(8).add(e.instance()).add(e.view()).add(e.level()).add(e.end());
      case Effect.Event.Count e -> add(4).add(e.name()).add(e.amount());
      case Effect.Event.Gauge e -> add(5).add(e.name()).add(e.value());
    }
  }

  private void records(List<LogRecord> records) {
    add(records.size());
    for (LogRecord r : records) {
      add(r.instance()).add(r.slot()).add(r.kind()).add(r.view());
      if (deep) {
        add(r.body());
      }
    }
  }

  private void chunks(List<byte[]> chunks) {
    add(chunks.size());
    if (deep) {
      chunks.forEach(this::add);
    }
  }

  private void request(Request r) {
    add(r.digest());
  }

  private void timer(TimerKey key) {
    add(key.instance()).add(key.kind().name()).add(key.subject());
  }

  private void reply(Reply r) {
    add(r.client()).add(r.timestamp()).add(r.request()).add(r.result());
    if (deep) {
      add(r.encode());
    }
  }
}
