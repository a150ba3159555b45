package io.destiny.protocols.single;

import io.destiny.core.composition.CheckpointParts;
import io.destiny.core.composition.Execution;
import io.destiny.core.composition.Frame;
import io.destiny.core.composition.Genesis;
import io.destiny.core.composition.Order;
import io.destiny.core.kit.AssignmentTable;
import io.destiny.core.kit.ClientTable;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Reconfiguration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order of one instance: slot after slot. Of P pillars (hybster.md §3): row after row, where
 * row r is slot r of each pillar in turn, so that pillar p has the places p+1, p+1+P and so on. All
 * that ends something, a checkpoint or the epoch, ends a row: one base serves all pillars.
 */
final class SlotOrder implements Order {
  /** Clients have no homes here. */
  private static final AssignmentTable NO_HOMES = new AssignmentTable();

  private final Settings settings;
  private final Frame frame;
  private final Execution execution;

  /** The row that is being executed, and the pillar whose slot is next. */
  private long next = 1;

  private int nextPillar;
  private boolean checkpointDue;
  private Genesis genesis;

  SlotOrder(Settings settings, Frame frame, Execution execution) {
    this.settings = settings;
    this.frame = frame;
    this.execution = execution;
    this.genesis = Genesis.none(settings);
  }

  ClientTable clients() {
    return execution.clients();
  }

  long commands() {
    return execution.commands();
  }

  Digest history() {
    return execution.history();
  }

  /** Executes what is decided, in order. */
  void run() {
    while (!checkpointDue && ended() == null && !execution.full()) {
      int instance = Instances.pillar(nextPillar);
      if (!(frame.engine(instance).decision(next) instanceof TimedBatch value)) {
        return;
      }
      execution.time(value.timeMillis());
      execution.execute(instance, next, value.batch());
      nextPillar = (nextPillar + 1) % frame.pillars();
      if (nextPillar == 0) {
        checkpointDue =
            execution.ending() != null || next % settings.tuning().checkpointInterval() == 0;
        next++;
      }
    }
  }

  /** Every slot of this pillar up to here is executed. */
  long executed(int pillar) {
    return pillar < nextPillar ? next : next - 1;
  }

  /** The application has applied the batch at {@code at}. */
  void applied(long at, List<byte[]> results) {
    execution.applied(at, results);
  }

  @Override
  public long next() {
    return next;
  }

  @Override
  public long position() {
    return execution.position();
  }

  @Override
  public boolean checkpointReady() {
    return checkpointDue && execution.idle();
  }

  @Override
  public void checkpointTaken() {
    checkpointDue = false;
  }

  @Override
  public List<List<byte[]>> parts() {
    return execution.parts(NO_HOMES, executedSlots(), next, genesis).encode();
  }

  @Override
  public long[] executedSlots() {
    return new long[settings.n()];
  }

  /**
   * Takes over the state of a checkpoint; if it is the last one of the epoch before, this one
   * begins with it, and its own first checkpoint is due at a slot without a batch (dqbft.md §8).
   */
  @Override
  public void adopt(CheckpointParts parts) {
    boolean begins = parts.epoch() < settings.domain().epoch();
    execution.adopt(parts);
    nextPillar = 0;
    next = begins ? parts.next() + 1 : parts.next();
    genesis = begins ? new Genesis(next - 1, executedSlots()) : parts.genesis();
    checkpointDue = begins;
  }

  @Override
  public Genesis genesis() {
    return genesis;
  }

  @Override
  public @Nullable Reconfiguration ended() {
    return nextPillar == 0 ? execution.ending() : null;
  }
}
