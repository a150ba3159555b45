package io.destiny.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A receipt as JSON. */
final class ReceiptJson {
  private static final int MAX_PATH = 64;
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private ReceiptJson() {}

  static String write(Receipt r) {
    StringWriter text = new StringWriter();
    try (JsonGenerator g = FACTORY.createGenerator(text)) {
      g.useDefaultPrettyPrinter();
      g.writeStartObject();
      g.writeStringField("cluster", base64(r.cluster()));
      g.writeNumberField("epoch", r.epoch());
      g.writeNumberField("instance", r.instance());
      g.writeNumberField("slot", r.slot());
      g.writeNumberField("position", r.position());
      g.writeStringField("root", base64(r.root().toBytes()));
      g.writeNumberField("client", r.client());
      g.writeNumberField("timestamp", r.timestamp());
      g.writeStringField("request", base64(r.request().toBytes()));
      g.writeStringField("result", base64(r.result()));
      g.writeArrayFieldStart("path");
      for (Digest sibling : r.path()) {
        g.writeString(base64(sibling.toBytes()));
      }
      g.writeEndArray();
      g.writeNumberField("leafIndex", r.leafIndex());
      g.writeNumberField("leaves", r.leaves());
      g.writeStringField("proof", base64(r.proof()));
      g.writeStringField("bitmap", base64(r.bitmap()));
      g.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string takes every character", e);
    }
    return text.toString();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  static Receipt read(String json) throws MalformedException {
    Map<String, Object> fields = fields(json);
    return new Receipt(
        bytes(fields, "cluster", 16),
        number(fields, "epoch", 0xFFFF_FFFFL),
        (int) number(fields, "instance", 0xFFFF),
        number(fields, "slot", Long.MAX_VALUE),
        number(fields, "position", Long.MAX_VALUE),
        digest(fields, "root"),
        number(fields, "client", Long.MAX_VALUE),
        number(fields, "timestamp", Long.MAX_VALUE),
        digest(fields, "request"),
        bytes(fields, "result", -1),
        path(fields),
        (int) number(fields, "leafIndex", Integer.MAX_VALUE),
        (int) number(fields, "leaves", Integer.MAX_VALUE),
        bytes(fields, "proof", -1),
        bytes(fields, "bitmap", -1));
  }

  private static Map<String, Object> fields(String json) throws MalformedException {
    Map<String, Object> fields = new HashMap<>();
    try (JsonParser p = FACTORY.createParser(json)) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("a receipt is one JSON object");
      }
      while (p.nextToken() != JsonToken.END_OBJECT) {
        String name = p.currentName();
        p.nextToken();
        fields.put(name, value(p, name));
      }
      if (p.nextToken() != null) {
        throw new MalformedException("something follows the JSON object");
      }
    } catch (StreamReadException e) {
      throw new MalformedException("no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("a string can be read", e);
    }
    return fields;
  }

  private static Object value(JsonParser p, String name) throws IOException, MalformedException {
    return switch (p.currentToken()) {
      case VALUE_STRING -> p.getText();
      case VALUE_NUMBER_INT -> longValue(p, name);
      case START_ARRAY -> strings(p, name);
      default -> throw wrong(name);
    };
  }

  private static Object longValue(JsonParser p, String name) throws MalformedException {
    try {
      return p.getLongValue();
    } catch (IOException e) {
      throw wrong(name);
    }
  }

  private static List<String> strings(JsonParser p, String name)
      throws IOException, MalformedException {
    List<String> values = new ArrayList<>();
    while (p.nextToken() != JsonToken.END_ARRAY) {
      if (p.currentToken() != JsonToken.VALUE_STRING || values.size() == MAX_PATH) {
        throw wrong(name);
      }
      values.add(p.getText());
    }
    return values;
  }

  private static MalformedException wrong(String name) {
    return new MalformedException("field '" + name + "' is missing or not what it should be");
  }

  private static long number(Map<String, Object> fields, String name, long max)
      throws MalformedException {
    if (fields.get(name) instanceof Long value && value >= 0 && value <= max) {
      return value;
    }
    throw wrong(name);
  }

  private static byte[] bytes(Map<String, Object> fields, String name, int length)
      throws MalformedException {
    return decode(fields.get(name) instanceof String s ? s : null, name, length);
  }

  private static byte[] decode(@Nullable String text, String name, int length)
      throws MalformedException {
    if (text == null) {
      throw wrong(name);
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (length >= 0 && bytes.length != length) {
        throw wrong(name);
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw wrong(name);
    }
  }

  private static Digest digest(Map<String, Object> fields, String name) throws MalformedException {
    return Digest.fromBytes(bytes(fields, name, Digest.BYTES));
  }

  private static List<Digest> path(Map<String, Object> fields) throws MalformedException {
    if (!(fields.get("path") instanceof List<?> siblings)) {
      throw wrong("path");
    }
    List<Digest> path = new ArrayList<>(siblings.size());
    for (Object sibling : siblings) {
      path.add(
          Digest.fromBytes(decode(sibling instanceof String s ? s : null, "path", Digest.BYTES)));
    }
    return List.copyOf(path);
  }
}
