package io.destiny.sim.check;

import io.destiny.core.machine.Protocol;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The bytes of heap that what a protocol's state machine keeps takes, about: every object that can
 * be reached from it, each once. What belongs to its surroundings (ports, the world) is left out.
 */
final class RetainedBytes {
  private static final List<String> OURS = List.of("io.destiny.core.", "io.destiny.protocols.");

  private static final String PROJECT = "io.destiny.";
  private static final int HEADER = 16;
  private static final int REFERENCE = 4;
  private static final int MAP_ENTRY = 48;
  private static final int ELEMENT = 24;

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return Shape.of(type);
        }
      };

  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> open = new ArrayDeque<>();
  private long bytes;

  private RetainedBytes() {}

  /**
   * The bytes that can be reached from {@code root}.
   *
   * @throws IllegalStateException if a field cannot be read
   */
  static long of(Object root) {
    RetainedBytes walk = new RetainedBytes();
    walk.reach(root);
    while (!walk.open.isEmpty()) {
      walk.take(walk.open.pop());
    }
    return walk.bytes;
  }

  /** Its size without what it refers to, and the fields that refer to something. */
  private record Shape(int bytes, List<Field> references) {
    static Shape of(Class<?> type) {
      int bytes = HEADER;
      List<Field> references = new ArrayList<>();
      for (Class<?> t = type; t != null && t.getName().startsWith(PROJECT); t = t.getSuperclass()) {
        for (Field field : t.getDeclaredFields()) {
          // A fault that wraps a protocol is no part of it, and may lead anywhere.
          boolean part = ours(t) || field.getType() == Protocol.class;
          if (Modifier.isStatic(field.getModifiers()) || !part) {
            continue;
          }
          if (field.getType().isPrimitive()) {
            bytes += width(field.getType());
          } else {
            bytes += REFERENCE;
            field.setAccessible(true);
            references.add(field);
          }
        }
      }
      return new Shape(bytes, List.copyOf(references));
    }
  }

  private static boolean ours(Class<?> type) {
    return OURS.stream().anyMatch(type.getName()::startsWith);
  }

  private static int width(Class<?> primitive) {
    if (primitive == long.class || primitive == double.class) {
      return Long.BYTES;
    }
    if (primitive == int.class || primitive == float.class) {
      return Integer.BYTES;
    }
    return primitive == short.class || primitive == char.class ? Short.BYTES : 1;
  }

  private void reach(Object object) {
    if (object != null && !(object instanceof Enum) && seen.add(object)) {
      open.push(object);
    }
  }

  private void take(Object object) {
    Class<?> type = object.getClass();
    if (type.isArray()) {
      array(object, type.componentType());
      return;
    }
    switch (object) {
      case Map<?, ?> map -> {
        bytes += HEADER + (long) MAP_ENTRY * map.size();
        map.forEach(
            (key, value) -> {
              reach(key);
              reach(value);
            });
      }
      case Collection<?> all -> {
        bytes += HEADER + (long) ELEMENT * all.size();
        all.forEach(this::reach);
      }
      case BitSet bits -> bytes += HEADER + bits.size() / Byte.SIZE;
      case String text -> bytes += HEADER + text.length();
      case Optional<?> maybe -> {
        bytes += HEADER;
        maybe.ifPresent(this::reach);
      }
      default -> {
        Shape shape = SHAPES.get(type);
        bytes += shape.bytes;
        for (Field field : shape.references) {
          try {
            reach(field.get(object));
          } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot look into " + type, e);
          }
        }
      }
    }
  }

  private void array(Object object, Class<?> component) {
    if (object instanceof Object[] elements) {
      bytes += HEADER + (long) REFERENCE * elements.length;
      for (Object element : elements) {
        reach(element);
      }
    } else {
      bytes += HEADER + (long) width(component) * Array.getLength(object);
    }
  }
}
