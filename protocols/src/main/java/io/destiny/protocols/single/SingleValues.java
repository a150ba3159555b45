package io.destiny.protocols.single;

import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;

/** Batches with a time, in every pillar. */
public final class SingleValues implements ValueDecoder {
  private final Settings settings;

  public SingleValues(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Value decode(int instance, Reader r) throws MalformedException {
    if (!Instances.orders(instance)) {
      throw new MalformedException("unknown instance");
    }
    return TimedBatch.decode(settings, r);
  }
}
