package io.destiny.sim.world;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Writer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * A hash over all inputs and effects in their order: equal for equal runs, on any machine. It reads
 * values only, never identities or {@code toString}.
 */
final class TraceHash implements TraceListener {
  private final MessageDigest sha;
  private final World world;

  TraceHash(World world) {
    this.world = world;
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  Digest value() {
    try {
      return Digest.fromBytes(((MessageDigest) sha.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 can be cloned", e);
    }
  }

  private Writer begin(int kind, int replica) {
    return new Writer(128).u8(kind).u64(world.now()).u32(replica);
  }

  private void add(Writer w) {
    sha.update(w.toBytes());
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    add(begin(1, from).u32(to).digest(frame.digest()));
  }

  @Override
  public void delivered(int from, int to, Frame frame) {
    add(begin(2, to).u32(from).digest(frame.digest()));
  }

  @Override
  public void crashed(int replica) {
    add(begin(3, replica));
  }

  @Override
  public void halted(int replica, String reason) {
    add(begin(4, replica).bytes(utf8(reason)));
  }

  @Override
  public void input(int replica, Input input) {
    Writer w = begin(5, replica);
    switch (input) {
      case Input.Started i -> records(w.u8(1), i.records());
      case Input.Received i -> w.u8(2).u32(i.from());
      case Input.Submitted i -> request(w.u8(3), i.request());
      case Input.Fired i -> timer(w.u8(4), i.timer());
      case Input.Computed i -> result(w.u8(5).u64(i.job()), i.result());
      case Input.Executed i -> chunks(w.u8(6).u64(i.position()), i.results());
      case Input.Snapshot i -> snapshot(w.u8(7), i.event());
    }
    add(w);
  }

  private static void snapshot(Writer w, Input.SnapshotEvent event) {
    switch (event) {
      case Input.SnapshotEvent.Taken e -> {
        w.u8(1).u64(e.slot());
        e.application().forEach(w::digest);
      }
      case Input.SnapshotEvent.Durable e -> w.u8(2).u64(e.slot());
      case Input.SnapshotEvent.ChunksRead e -> chunks(w.u8(3).u64(e.job()), e.chunks());
      case Input.SnapshotEvent.Installed e -> w.u8(4).u64(e.slot());
      case Input.SnapshotEvent.InstallFailed e -> w.u8(5).u64(e.slot());
    }
  }

  private static void result(Writer w, Result result) {
    switch (result) {
      case Result.Verdict r -> w.u8(1).u8(r.valid() ? 1 : 0);
      case Result.Combined r -> r.certificate().encode(w.u8(2));
      case Result.BadShares r -> r.signers().forEach(w.u8(3)::u32);
      case Result.Signed r -> r.share().encode(w.u8(4));
      case Result.Shared r -> r.share().encode(w.u8(5));
      case Result.Continued r -> w.u8(6).bytes(r.certificate().signature());
      case Result.Refused r -> w.u8(7).bytes(utf8(r.reason().name())).u64(r.current());
    }
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    Writer w = begin(6, replica).u64(number);
    switch (effect) {
      case Effect.Send e -> w.u8(1).u32(e.to());
      case Effect.Broadcast e -> w.u8(2);
      case Effect.Answer e -> w.u8(3).bytes(e.reply().encode());
      case Effect.StartTimer e -> timer(w.u8(4).u64(e.delayNanos()), e.timer());
      case Effect.StopTimer e -> timer(w.u8(5), e.timer());
      case Effect.Persist e -> records(w.u8(6).u8(e.lazily() ? 1 : 0), e.records());
      case Effect.Forget e -> w.u8(7).u32(e.instance()).u64(e.upTo());
      case Effect.Compute e ->
          w.u8(8).u64(e.job()).bytes(utf8(e.work().getClass().getSimpleName()));
      case Effect.Cancel e -> w.u8(9).u64(e.job());
      case Effect.Trusted e ->
          w.u8(10)
              .u64(e.job())
              .u32(e.call().instance())
              .u8(e.call().counter())
              .u64(e.call().value())
              .digest(e.call().message());
      case Effect.Execute e -> execute(w.u8(11), e);
      case Effect.TakeSnapshot e -> {
        w.u8(12).u64(e.slot());
        e.parts().forEach(part -> chunks(w, part));
      }
      case Effect.DropSnapshots e -> w.u8(13).u64(e.below());
      case Effect.ReadChunks e ->
          w.u8(14).u64(e.job()).u64(e.slot()).u32(e.part()).u32(e.first()).u32(e.maxBytes());
      case Effect.BeginInstall e -> w.u8(19).u64(e.slot());
      case Effect.InstallChunk e -> w.u8(15).u64(e.slot()).u32(e.part()).bytes(e.chunk());
      case Effect.FinishInstall e -> w.u8(16).u64(e.slot());
      case Effect.Halt e -> w.u8(17).bytes(utf8(e.reason()));
      case Effect.Note e -> note(w.u8(18), e.event());
    }
    add(w);
  }

  private static void execute(Writer w, Effect.Execute e) {
    w.u64(e.position()).u64(e.timeMillis()).u32(e.commands().size());
    e.commands().forEach(c -> w.u64(c.client()).u64(c.timestamp()).bytes(c.operation()));
  }

  private static void note(Writer w, Effect.Event event) {
    switch (event) {
      case Effect.Event.Dropped e ->
          w.u8(1).bytes(utf8(e.reason().name())).u32(e.from()).bytes(utf8(e.kind()));
      case Effect.Event.Evidence e -> w.u8(2).u32(e.replica()).bytes(utf8(e.what()));
      case Effect.Event.Ordered e ->
          w.u8(3).u32(e.instance()).u64(e.slot()).u64(e.position()).u32(e.commands());
      case Effect.Event.Count e -> w.u8(4).bytes(utf8(e.name())).u64(e.amount());
      case Effect.Event.Gauge e -> w.u8(5).bytes(utf8(e.name())).u64(e.value());
    }
  }

  private static void records(Writer w, List<LogRecord> records) {
    w.u32(records.size());
    for (LogRecord r : records) {
      w.u32(r.instance()).u64(r.slot()).u8(r.kind()).u64(r.view()).bytes(r.body());
    }
  }

  private static void chunks(Writer w, List<byte[]> chunks) {
    w.u32(chunks.size());
    chunks.forEach(w::bytes);
  }

  private static void request(Writer w, Request r) {
    w.digest(r.digest());
  }

  private static void timer(Writer w, TimerKey key) {
    w.u32(key.instance()).bytes(utf8(key.kind().name())).u64(key.subject());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
