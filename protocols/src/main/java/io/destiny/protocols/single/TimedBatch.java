package io.destiny.protocols.single;

import io.destiny.core.engine.Value;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;

/** What a slot agrees on: requests, and the primary's time at which they are executed. */
public final class TimedBatch implements Value {
  private final long timeMillis;
  private final Batch batch;
  private final Digest digest;

  private TimedBatch(Settings settings, long timeMillis, Batch batch) {
    this.timeMillis = timeMillis;
    this.batch = batch;
    this.digest =
        Digest.of(
            settings
                .domain()
                .begin(StatementKind.TIMED_BATCH, Instances.ORDER, 0, 0)
                .u64(timeMillis)
                .digest(batch.digest())
                .toBytes());
  }

  /**
   * @param timeMillis since 1970, by the primary's clock
   */
  public static TimedBatch of(Settings settings, long timeMillis, Batch batch) {
    return new TimedBatch(settings, timeMillis, batch);
  }

  /** The null request: nothing is executed. */
  public static TimedBatch noop(Settings settings) {
    return of(settings, 0, Batch.NOOP);
  }

  static TimedBatch decode(Settings settings, Reader r) throws MalformedException {
    long time = r.u64();
    if (time < 0) {
      throw new MalformedException("no such time");
    }
    return of(settings, time, Batch.decode(settings.domain(), r, settings.limits()));
  }

  /** Milliseconds since 1970. */
  public long timeMillis() {
    return timeMillis;
  }

  public Batch batch() {
    return batch;
  }

  @Override
  public Digest digest() {
    return digest;
  }

  @Override
  public int encodedLength() {
    return 8 + batch.encodedLength();
  }

  @Override
  public void encode(Writer w) {
    batch.encode(w.u64(timeMillis));
  }

  @Override
  public String toString() {
    return batch.toString();
  }
}
