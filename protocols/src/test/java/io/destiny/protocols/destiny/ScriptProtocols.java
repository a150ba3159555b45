package io.destiny.protocols.destiny;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Place;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Value;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Instances;
import io.destiny.core.model.ReplyRule;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.protocols.dqbft.Dqbft;
import io.destiny.protocols.dqbft.DqbftValues;
import io.destiny.protocols.dqbft.OrderList;
import io.destiny.protocols.hybrid.ordering.OrderingEngine;
import io.destiny.protocols.linearhybster.LinearHybster;
import io.destiny.sim.script.ProtocolRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;

/**
 * The protocols that scripts may name: those of the catalog, and {@code destiny:O1=D1/3}, in which
 * the first O-primary orders D1/3, and nothing else, in O-slot 1 of view 0, or with {@code O*} in
 * each. It means what it says: its log, its votes and its VIEW-CHANGE agree with the lie.
 */
final class ScriptProtocols {
  static final ProtocolRegistry ALL = ScriptProtocols::find;

  private static final String LYING = "destiny:O";

  private static final long EACH = -1;

  private ScriptProtocols() {}

  private static Optional<ProtocolRegistry.Entry> find(String name) {
    if (!name.startsWith(LYING)) {
      return Catalog.find(name)
          .map(e -> new ProtocolRegistry.Entry(e.model(), e::create, e::codec));
    }
    String[] lie = name.substring(LYING.length()).split("=D|/", -1);
    long list = lie[0].equals("*") ? EACH : Long.parseLong(lie[0]);
    OrderList.Entry entry = new OrderList.Entry(Integer.parseInt(lie[1]), Long.parseLong(lie[2]));
    ProtocolEntry destiny = Catalog.find("destiny").orElseThrow();
    return Optional.of(
        new ProtocolRegistry.Entry(
            destiny.model(),
            s -> s.self() == s.tuning().orderPrimary() ? liar(s, list, entry) : destiny.create(s),
            destiny::codec));
  }

  private static Protocol liar(Settings settings, long list, OrderList.Entry entry) {
    DqbftValues values = new DqbftValues(settings);
    return new Dqbft(
        settings,
        ReplyRule.AGGREGATED,
        (instance, offset, window) -> {
          ConsensusEngine engine =
              new OrderingEngine(
                  new Place(settings, instance, offset, window), values, new LinearHybster());
          return instance == Instances.ORDER ? lying(engine, settings, list, entry) : engine;
        });
  }

  private static ConsensusEngine lying(
      ConsensusEngine engine, Settings settings, long list, OrderList.Entry entry) {
    return (ConsensusEngine)
        Proxy.newProxyInstance(
            ConsensusEngine.class.getClassLoader(),
            new Class<?>[] {ConsensusEngine.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("propose")
                  && arguments[0] instanceof OrderList truth
                  && engine.view() == 0
                  && (list == EACH || engine.highest() == list - 1)) {
                Value lie = OrderList.of(settings, truth.timeMillis(), List.of(entry));
                return engine.propose(lie, (Port) arguments[1]);
              }
              try {
                return method.invoke(engine, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
