package io.destiny.sim.world;

import io.destiny.core.app.StateMachine;
import io.destiny.core.crypto.ClientRegistry;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.sim.ghost.RealKeys;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a world is made of.
 *
 * @param rule size and fault model
 * @param domain cluster and epoch of all statements
 * @param seed from which all randomness comes
 * @param protocol makes a replica's state machine, also after a restart; may wrap some replicas to
 *     make them faulty
 * @param codec the protocol's codec
 * @param application makes an empty application
 * @param registry which clients are enrolled
 * @param hardware what replicas run on
 * @param clientDelay between client and replica, one way, where the network has no say; nanoseconds
 * @param encoded whether messages travel as bytes
 * @param keys real keys for all; null: signatures are looked up in a table
 */
public record WorldOptions(
    QuorumRule rule,
    Domain domain,
    Limits limits,
    Settings.Tuning tuning,
    long seed,
    Function<Settings, Protocol> protocol,
    Function<Settings, MessageCodec> codec,
    Supplier<StateMachine> application,
    ClientRegistry registry,
    Hardware hardware,
    long clientDelay,
    LinkModel links,
    boolean encoded,
    @Nullable RealKeys keys) {

  /** A calm world with default settings, the small store, and every client enrolled. */
  public static WorldOptions of(
      QuorumRule rule,
      Function<Settings, Protocol> protocol,
      Function<Settings, MessageCodec> codec) {
    return new WorldOptions(
        rule,
        new Domain(new byte[16], 0),
        Limits.DEFAULT,
        Settings.Tuning.defaults(rule.f()),
        1,
        protocol,
        codec,
        TinyStore::new,
        client -> true,
        Costs.TYPICAL,
        Costs.TYPICAL.client(),
        LinkModel.CALM,
        true,
        null);
  }

  /** The same with real signatures, checked against the table. */
  public WorldOptions withKeys(@Nullable RealKeys k) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        protocol,
        codec,
        application,
        registry,
        hardware,
        clientDelay,
        links,
        encoded,
        k);
  }

  public WorldOptions withSeed(long s) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        s,
        protocol,
        codec,
        application,
        registry,
        hardware,
        clientDelay,
        links,
        encoded,
        keys);
  }

  public WorldOptions withTuning(Settings.Tuning t) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        t,
        seed,
        protocol,
        codec,
        application,
        registry,
        hardware,
        clientDelay,
        links,
        encoded,
        keys);
  }

  public WorldOptions withLimits(Limits l) {
    return new WorldOptions(
        rule,
        domain,
        l,
        tuning,
        seed,
        protocol,
        codec,
        application,
        registry,
        hardware,
        clientDelay,
        links,
        encoded,
        keys);
  }

  public WorldOptions withProtocol(Function<Settings, Protocol> p) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        p,
        codec,
        application,
        registry,
        hardware,
        clientDelay,
        links,
        encoded,
        keys);
  }

  public WorldOptions withCodec(Function<Settings, MessageCodec> c) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        protocol,
        c,
        application,
        registry,
        hardware,
        clientDelay,
        links,
        encoded,
        keys);
  }

  public WorldOptions withApplication(Supplier<StateMachine> a) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        protocol,
        codec,
        a,
        registry,
        hardware,
        clientDelay,
        links,
        encoded,
        keys);
  }

  public WorldOptions withRegistry(ClientRegistry r) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        protocol,
        codec,
        application,
        r,
        hardware,
        clientDelay,
        links,
        encoded,
        keys);
  }

  /** Replicas run on this; the delay of clients stays. */
  public WorldOptions withHardware(Hardware h) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        protocol,
        codec,
        application,
        registry,
        h,
        clientDelay,
        links,
        encoded,
        keys);
  }

  /** Fixed costs for all, the delay of clients included. */
  public WorldOptions withCosts(Costs c) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        protocol,
        codec,
        application,
        registry,
        c,
        c.client(),
        links,
        encoded,
        keys);
  }

  public WorldOptions withLinks(LinkModel l) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        protocol,
        codec,
        application,
        registry,
        hardware,
        clientDelay,
        l,
        encoded,
        keys);
  }

  /**
   * Whether each message is encoded by its sender and decoded by each receiver (true unless asked
   * otherwise), or passed on as the object it is, which is much faster.
   */
  public WorldOptions withEncoding(boolean e) {
    return new WorldOptions(
        rule,
        domain,
        limits,
        tuning,
        seed,
        protocol,
        codec,
        application,
        registry,
        hardware,
        clientDelay,
        links,
        e,
        keys);
  }

  public Settings settings(int replica) {
    return new Settings(domain, rule, replica, limits, tuning);
  }
}
