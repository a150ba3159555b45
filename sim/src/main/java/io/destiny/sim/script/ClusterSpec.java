package io.destiny.sim.script;

import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Limits;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Request;
import io.destiny.sim.world.Costs;
import io.destiny.sim.world.WorldOptions;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.Map;

/**
 * Reads {@code cluster protocol=… [n=… | f=…] [clients=…] [seed=…]} and, by the names of their
 * records, everything of {@link Settings.Tuning}, {@link Limits} and {@link Costs}: {@code
 * batch-delay=5ms sync=1ms}. What is not named takes no time.
 */
final class ClusterSpec {
  private static final int DEFAULT_CLIENTS = 8;

  private ClusterSpec() {}

  static WorldOptions read(Arguments arguments, ProtocolRegistry registry) {
    String name =
        arguments
            .named("protocol")
            .orElseThrow(() -> new ScriptFailure("cluster needs protocol=…"));
    ProtocolRegistry.Entry entry =
        registry.find(name).orElseThrow(() -> new ScriptFailure("no protocol " + name));
    int f = (int) arguments.number("f", 1);
    int n = (int) arguments.number("n", entry.model() == FaultModel.BFT ? 3L * f + 1 : 2L * f + 1);
    QuorumRule rule = new QuorumRule(n, entry.model());
    long clients = arguments.number("clients", DEFAULT_CLIENTS);
    WorldOptions options =
        WorldOptions.of(rule, entry.protocol(), entry.codec())
            .withSeed(arguments.number("seed", 1))
            .withRegistry(c -> Request.principal(c) >= 1 && Request.principal(c) <= clients);
    Map<String, String> others = arguments.others();
    Settings.Tuning tuning = change(options.tuning(), others);
    Limits limits = change(options.limits(), others);
    Costs costs = change(Costs.NONE, others);
    if (!others.isEmpty()) {
      throw new ScriptFailure("cluster does not know " + others);
    }
    return options.withTuning(tuning).withLimits(limits).withCosts(costs);
  }

  private static <R extends Record> R change(R defaults, Map<String, String> changes) {
    Class<?> type = defaults.getClass();
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        String text = changes.remove(kebab(components[i].getName()));
        values[i] =
            text == null ? components[i].getAccessor().invoke(defaults) : value(types[i], text);
      }
      return cast(type.getDeclaredConstructor(types).newInstance(values), defaults);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("records are open to reading", e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <R> R cast(Object made, R sameType) {
    return (R) sameType.getClass().cast(made);
  }

  private static Object value(Class<?> type, String text) {
    if (text.startsWith("R")) {
      return Arguments.replica(text);
    }
    if (type == int.class) {
      return (int) Arguments.number(text);
    }
    return text.matches("\\d+") ? Arguments.number(text) : Arguments.duration(text);
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
