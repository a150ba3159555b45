package io.destiny.node.metrics;

import java.util.List;
import java.util.Map;

/** Writes one JSON object, with objects of numbers and lists in it. */
public final class Json {
  private final StringBuilder text = new StringBuilder("{");

  private StringBuilder name(String name) {
    if (text.length() > 1) {
      text.append(',');
    }
    return quote(name).append(':');
  }

  private StringBuilder quote(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    return text.append('"');
  }

  public Json put(String name, String value) {
    name(name);
    quote(value);
    return this;
  }

  public Json put(String name, long value) {
    name(name).append(value);
    return this;
  }

  public Json put(String name, boolean value) {
    name(name).append(value);
    return this;
  }

  public Json put(String name, Map<String, Long> values) {
    Json inner = new Json();
    values.forEach(inner::put);
    name(name).append(inner);
    return this;
  }

  /** A list of objects. */
  public Json putAll(String name, List<Json> values) {
    name(name).append(values);
    return this;
  }

  /** A list of numbers. */
  public Json putNumbers(String name, List<Integer> values) {
    name(name).append(values);
    return this;
  }

  /** The object so far. */
  @Override
  public String toString() {
    return text + "}";
  }
}
