package io.destiny.sim.world;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.model.FaultModel;
import io.destiny.sim.ghost.CheckedCrypto;
import io.destiny.sim.ghost.GhostCrypto;
import io.destiny.sim.ghost.GhostLedger;
import io.destiny.sim.ghost.GhostThreshSign;
import io.destiny.sim.ghost.RealKeys;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A replica's machine: what survives a crash, and the life that is lived on it at present. */
final class Host {
  final int id;
  final World world;
  final Disk disk = new Disk();
  CryptoProvider crypto;
  GhostThreshSign enclave;

  /** The epoch that it is in. */
  GhostLedger ledger;

  long pausedUntil;

  private @Nullable Life life;
  private @Nullable String halted;
  private long effects;
  private int lives;

  /** In this epoch. */
  private boolean logLost;

  Host(World world, int id, GhostLedger ledger) {
    this.world = world;
    this.id = id;
    this.ledger = ledger;
    RealKeys keys = world.options().keys();
    this.crypto =
        keys == null
            ? new GhostCrypto(ledger, id)
            : new CheckedCrypto(keys.replica(id), ledger, id);
    this.enclave =
        keys == null
            ? new GhostThreshSign(ledger, id, GhostLedger.boot(id))
            : new GhostThreshSign(ledger, id, keys.trusted(id));
    enclave.observe((call, result) -> world.listeners().trusted(id, call, result));
  }

  /**
   * What a life is told of its counters. In the BFT model there is no trusted subsystem to ask: -1
   * says that the log is lost, and with it the right to vote (pbft.md §2).
   */
  Input.CounterValues counters() {
    if (ledger.rule().model() == FaultModel.HYBRID) {
      return enclave::read;
    }
    return (instance, counter) -> logLost ? -1 : 0;
  }

  /** The disk is replaced by an empty one. */
  void wipe() {
    disk.wipe();
    logLost = true;
  }

  /** Settings of the protocol in the present epoch. */
  Settings settings() {
    WorldOptions options = world.options();
    return new Settings(ledger.domain(), ledger.rule(), id, options.limits(), options.tuning());
  }

  /**
   * Goes over to an epoch, from the snapshot that ended the one before or, at slot -1, from
   * nothing. A replica that is none of its members rests from now on.
   */
  void beginEpoch(GhostLedger next, long slot, List<LogRecord> carried) {
    Life last = life;
    if (last != null) {
      last.end();
    }
    life = null;
    disk.endEpoch(slot, carried);
    logLost = false;
    ledger = next;
    crypto = new GhostCrypto(next, id);
    enclave = new GhostThreshSign(next, id, GhostLedger.boot(id));
    enclave.observe((call, result) -> world.listeners().trusted(id, call, result));
    world.listeners().epoch(id, next.domain().epoch());
    if (member()) {
      start();
    }
  }

  /**
   * A peer speaks in another epoch. Where it is the next one, it brings this replica there itself.
   * Where it is a later one, the administrators have asked for that once they knew that the one
   * between had begun: this replica's is over. It joins the one before that peer's, without state,
   * where the peer can bring it to the end; nobody need have certified the peer's own yet.
   */
  void heard(long epoch) {
    if (epoch > ledger.domain().epoch() + 1) {
      world.join(id, Objects.requireNonNull(world.ledger(epoch - 1)));
    }
  }

  /** Whether this replica belongs to the epoch that it is in. */
  boolean member() {
    return id < ledger.rule().n();
  }

  /** A new life on what is durable, without a crash. */
  void beginAgain() {
    Life last = life;
    if (last != null) {
      last.end();
    }
    life = null;
    start();
  }

  void start() {
    if (life != null) {
      throw new IllegalStateException("R" + id + " is up");
    }
    halted = null;
    world.listeners().started(id);
    Life next = new Life(this, lives++);
    life = next;
    next.begin();
  }

  void crash() {
    Life last = life;
    if (last != null) {
      last.end();
    }
    life = null;
    disk.crash();
    world.listeners().crashed(id);
  }

  void halt(String reason) {
    Life last = life;
    if (last != null) {
      last.end();
    }
    life = null;
    halted = reason;
    world.listeners().halted(id, reason);
  }

  /** The life that is lived now; null: it is down. */
  @Nullable Life life() {
    return life;
  }

  @Nullable String halted() {
    return halted;
  }

  long nextEffect() {
    return ++effects;
  }

  @Nullable Protocol protocol() {
    Life now = life;
    return now == null ? null : now.protocol();
  }

  Status status() {
    Life now = life;
    if (now == null) {
      throw new IllegalStateException("R" + id + " is down");
    }
    return now.protocol().status();
  }
}
