package io.destiny.protocols.dqbft;

import io.destiny.core.engine.Value;
import io.destiny.core.engine.ValueDecoder;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;

/** Batches in D-instances, lists in the O-instance. */
public final class DqbftValues implements ValueDecoder {
  private final Settings settings;

  public DqbftValues(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Value decode(int instance, Reader r) throws MalformedException {
    return instance == Instances.ORDER
        ? OrderList.decode(settings, r)
        : Batch.decode(settings.domain(), r, settings.limits());
  }
}
