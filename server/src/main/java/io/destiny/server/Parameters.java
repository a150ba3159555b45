package io.destiny.server;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Records of numbers and flags, such as limits and tuning, by the names of their components: what
 * the core adds to them appears in the files by itself.
 */
final class Parameters {
  private static final Map<String, Long> UNITS = units();
  private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|us|ns)");

  private Parameters() {}

  private static Map<String, Long> units() {
    Map<String, Long> units = new LinkedHashMap<>();
    units.put("ms", 1_000_000L);
    units.put("us", 1_000L);
    units.put("ns", 1L);
    return units;
  }

  /** Names and values in the order of declaration; a flag is 1 or 0. */
  static Map<String, Long> of(Record values) {
    Map<String, Long> all = new LinkedHashMap<>();
    for (RecordComponent component : values.getClass().getRecordComponents()) {
      try {
        Object value = component.getAccessor().invoke(values);
        all.put(component.getName(), value instanceof Boolean flag ? flag(flag) : number(value));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException("a public record's component can be read", e);
      }
    }
    return all;
  }

  private static long flag(boolean value) {
    return value ? 1 : 0;
  }

  private static long number(Object value) {
    return ((Number) value).longValue();
  }

  /** Names and values as they are written: times with a unit. */
  static Map<String, Object> written(Record values) {
    Map<String, Object> all = new LinkedHashMap<>(of(values));
    for (RecordComponent component : values.getClass().getRecordComponents()) {
      if (isTime(component)) {
        all.computeIfPresent(component.getName(), (name, nanos) -> time((Long) nanos));
      } else if (isFlag(component)) {
        all.computeIfPresent(component.getName(), (name, flag) -> (Long) flag == 1);
      }
    }
    return all;
  }

  /** The core's records hold times as nanoseconds in a long, or say their unit in the name. */
  private static boolean isTime(RecordComponent component) {
    return component.getType() == long.class && !component.getName().endsWith("Millis");
  }

  private static boolean isFlag(RecordComponent component) {
    return component.getType() == boolean.class;
  }

  private static String time(long nanos) {
    for (Map.Entry<String, Long> unit : UNITS.entrySet()) {
      if (nanos % unit.getValue() == 0) {
        return nanos / unit.getValue() + unit.getKey();
      }
    }
    return nanos + "ns";
  }

  private static long read(Fields fields, RecordComponent component) {
    String name = component.getName();
    if (isFlag(component)) {
      return flag(fields.flag(name));
    }
    if (!isTime(component)) {
      long max = component.getType() == int.class ? Integer.MAX_VALUE : Long.MAX_VALUE;
      return fields.number(name, 0, max);
    }
    Matcher time = TIME.matcher(fields.text(name));
    Long unit = time.matches() ? UNITS.get(time.group(2)) : null;
    if (unit == null) {
      throw fields.wrong(name, "must be a time such as 10ms");
    }
    return Long.parseLong(time.group(1)) * unit;
  }

  /** {@code defaults} with what {@code fields} sets. */
  static <T extends Record> T read(Fields fields, Class<T> type, T defaults) {
    Map<String, Long> values = of(defaults);
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      types[i] = components[i].getType();
      long value = values.getOrDefault(name, 0L);
      if (fields.has(name)) {
        value = read(fields, components[i]);
      }
      arguments[i] = argument(types[i], value);
    }
    fields.end();
    try {
      Constructor<T> canonical = type.getDeclaredConstructor(types);
      return canonical.newInstance(arguments);
    } catch (InvocationTargetException e) {
      throw fields.wrong("", "are not consistent: " + e.getTargetException().getMessage());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record has its canonical constructor", e);
    }
  }

  private static Object argument(Class<?> type, long value) {
    if (type == boolean.class) {
      return value == 1;
    }
    return type == int.class ? (Object) (int) value : (Object) value;
  }
}
