package io.destiny.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The fields of a YAML mapping, read so that every error names the file and the field. */
final class Fields {
  static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build());

  private static final long MAX_FILE_BYTES = 3 << 20;

  private final Path file;
  private final String prefix;
  private final JsonNode node;
  private final Set<String> read = new HashSet<>();

  private Fields(Path file, String prefix, JsonNode node) {
    this.file = file;
    this.prefix = prefix;
    this.node = node;
  }

  /**
   * Reads a file whose content is one mapping.
   *
   * @param hint what to do if there is no such file
   */
  static Fields read(Path file, String hint) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new ConfigException(file + " is too large for a configuration file");
      }
      return parse(file, Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new ConfigException(file + " does not exist; " + hint, e);
    } catch (IOException e) {
      throw new ConfigException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The same of bytes.
   *
   * @param file what error messages call them
   */
  static Fields parse(Path file, byte[] content) {
    try {
      JsonNode node = YAML.readTree(new String(content, StandardCharsets.UTF_8));
      if (node == null || !node.isObject()) {
        throw new ConfigException(file + " is damaged: it does not hold a YAML mapping");
      }
      return new Fields(file, "", node);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " near line " + e.getLocation().getLineNr();
      throw new ConfigException(file + " is damaged: it is no YAML" + where, e);
    }
  }

  /** The error that {@code name} is wrong; {@code why} completes "field 'name' …". */
  ConfigException wrong(String name, String why) {
    return new ConfigException("%s: field '%s%s' %s".formatted(file, prefix, name, why));
  }

  private JsonNode get(String name) {
    read.add(name);
    JsonNode value = node.get(name);
    if (value == null || value.isNull()) {
      throw wrong(name, "is missing");
    }
    return value;
  }

  String text(String name) {
    JsonNode value = get(name);
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw wrong(name, "must be a text");
    }
    return value.textValue();
  }

  long number(String name, long min, long max) {
    JsonNode value = get(name);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      throw wrong(name, "must be a number from " + min + " to " + max);
    }
    return value.longValue();
  }

  boolean flag(String name) {
    JsonNode value = get(name);
    if (!value.isBoolean()) {
      throw wrong(name, "must be true or false");
    }
    return value.booleanValue();
  }

  int integer(String name, int min, int max) {
    return (int) number(name, min, max);
  }

  /** The text that {@link #bytes} reads. */
  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** A base64 text. */
  byte[] bytes(String name) {
    JsonNode value = get(name);
    try {
      if (value.isTextual()) {
        return Base64.getDecoder().decode(value.textValue());
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw wrong(name, "must be a base64 text");
  }

  byte[] bytes(String name, int length) {
    byte[] bytes = bytes(name);
    if (bytes.length != length) {
      throw wrong(name, "must be %d bytes in base64, not %d".formatted(length, bytes.length));
    }
    return bytes;
  }

  /** A value of an enumeration, by its file name. */
  <T> T choice(String name, Map<String, T> choices) {
    T value = choices.get(text(name));
    if (value == null) {
      throw wrong(name, "must be one of " + String.join(", ", choices.keySet()));
    }
    return value;
  }

  boolean has(String name) {
    return node.hasNonNull(name);
  }

  Fields object(String name) {
    JsonNode value = get(name);
    if (!value.isObject()) {
      throw wrong(name, "must be a mapping");
    }
    return new Fields(file, prefix + name + ".", value);
  }

  List<Fields> objects(String name) {
    JsonNode value = get(name);
    if (!value.isArray()) {
      throw wrong(name, "must be a list");
    }
    List<Fields> all = new ArrayList<>();
    for (JsonNode element : value) {
      String at = prefix + name + "[" + all.size() + "].";
      if (!element.isObject()) {
        throw wrong(name, "must be a list of mappings");
      }
      all.add(new Fields(file, at, element));
    }
    return all;
  }

  /** Refuses fields that nobody asked for: most are typing errors. */
  void end() {
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!read.contains(name)) {
        throw wrong(name, "is not known");
      }
    }
  }

  Path file() {
    return file;
  }
}
