package io.destiny.cli.mutant;

import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.fault.Swarm;
import io.destiny.sim.fault.UnderAttack;
import io.destiny.sim.world.WorldOptions;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Runs swarm seeds until an oracle fires. Loaded once more for each mutant, so only classes of the
 * JDK pass in and out.
 */
public final class MutantTrial implements Function<Map<String, String>, Map<String, String>> {
  static final String PROTOCOL = "protocol";
  static final String FAULTS = "faults";
  static final String FIRST = "first";
  static final String LAST = "last";
  static final String ORACLE = "oracle";
  static final String MESSAGE = "message";
  static final String SEED = "seed";
  static final String EVENTS = "events";

  /** Instead of the swarm's faults: f senders of bad shares, and nothing else (L6). */
  static final String GRIEFERS = "griefers";

  /** Made by reflection. */
  public MutantTrial() {}

  @Override
  public Map<String, String> apply(Map<String, String> in) {
    ProtocolEntry protocol = Catalog.find(field(in, PROTOCOL)).orElseThrow();
    if (field(in, FAULTS).equals(GRIEFERS)) {
      return grief(protocol);
    }
    Swarm swarm =
        new Swarm(
            new Swarm.Subject(
                protocol.name(),
                protocol::rule,
                protocol::create,
                protocol::codec,
                protocol.homes(),
                protocol.pillars()),
            Swarm.Mode.named(field(in, FAULTS)).orElseThrow());
    long events = 0;
    long last = Long.parseLong(field(in, LAST));
    for (long seed = Long.parseLong(field(in, FIRST)); seed <= last; seed++) {
      Swarm.Outcome outcome = swarm.run(seed);
      events += outcome.events();
      if (outcome.oracle() != null) {
        return Map.of(
            ORACLE, outcome.oracle(),
            MESSAGE, outcome.message(),
            SEED, Long.toString(seed),
            EVENTS, Long.toString(events));
      }
    }
    return Map.of(EVENTS, Long.toString(events));
  }

  /**
   * The f last of five or so replicas send bad shares: is more than half of the throughput left?
   */
  private static Map<String, String> grief(ProtocolEntry protocol) {
    int n = 2 * protocol.smallest() - 1;
    WorldOptions options = WorldOptions.of(protocol.rule(n), protocol::create, protocol::codec);
    UnderAttack found =
        UnderAttack.run(options, UnderAttack.griefers(options, n - options.rule().f()));
    String events = Long.toString(found.events());
    return found.keepsHalf()
        ? Map.of(EVENTS, events)
        : Map.of(ORACLE, "L6", MESSAGE, found.toString(), SEED, "1", EVENTS, events);
  }

  private static String field(Map<String, String> in, String name) {
    return Objects.requireNonNull(in.get(name), name);
  }
}
