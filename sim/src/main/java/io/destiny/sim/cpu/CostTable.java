package io.destiny.sim.cpu;

import io.destiny.core.model.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The constants of a cost profile, read from a file that users can read and replace: lines {@code
 * NAME VALUE}, {@code #} begins a comment. Times in microseconds, per byte in nanoseconds.
 */
public final class CostTable {
  /** All that a file must name, and nothing else. */
  private static final List<String> NAMES =
      List.of(
          "cores",
          "kappa",
          "speed_sigma",
          "pause_per_second",
          "pause_min",
          "pause_max",
          "serialise",
          "serialise_per_byte",
          "deserialise",
          "deserialise_per_byte",
          "dispatch",
          "enqueue",
          "frame",
          "frame_per_byte",
          "sha",
          "sha_per_byte",
          "mac",
          "mac_per_byte",
          "client_verify",
          "ed25519_sign",
          "ed25519_verify",
          "bls_sign",
          "bls_verify",
          "bls_combine",
          "enclave_call",
          "enclave_per_byte",
          "enclave_slowdown",
          "put",
          "reply",
          "sync",
          "snapshot");

  private final String name;
  private final String hash;
  private final SortedMap<String, Double> values;

  private CostTable(String name, String hash, SortedMap<String, Double> values) {
    this.name = name;
    this.hash = hash;
    this.values = values;
  }

  /** The profile P2021 that ships. */
  public static CostTable p2021() {
    return shipped("P2021");
  }

  /** The profile of this implementation that ships. */
  public static CostTable measured() {
    return shipped("measured");
  }

  private static CostTable shipped(String name) {
    try (InputStream in = CostTable.class.getResourceAsStream(name + ".costs")) {
      if (in == null) {
        throw new IllegalStateException("the profile " + name + " is missing from this build");
      }
      return parse(name, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a profile.
   *
   * @throws IllegalArgumentException naming the line that is wrong or the constant that is missing
   */
  public static CostTable parse(String name, byte[] file) {
    SortedMap<String, Double> values = new TreeMap<>();
    for (String line : new String(file, StandardCharsets.UTF_8).split("\n", -1)) {
      String[] words = line.replaceFirst("#.*", "").strip().split("\\s+", -1);
      if (words[0].isEmpty()) {
        continue;
      }
      try {
        double value = Double.parseDouble(words[1]);
        if (words.length != 2 || !NAMES.contains(words[0]) || !(value >= 0)) {
          throw new IllegalArgumentException("unknown name, or a value that is none");
        }
        values.put(words[0], value);
      } catch (RuntimeException e) {
        throw new IllegalArgumentException("not a line of a cost profile: " + line, e);
      }
    }
    List<String> missing = new ArrayList<>(NAMES);
    missing.removeAll(values.keySet());
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("the cost profile " + name + " lacks " + missing);
    }
    return new CostTable(name, Digest.of(file).toHex(), values);
  }

  /** The same table with some constants replaced, for studies of sensitivity. */
  public CostTable with(Map<String, Double> changed) {
    SortedMap<String, Double> all = new TreeMap<>(values);
    for (Map.Entry<String, Double> e : changed.entrySet()) {
      if (all.put(e.getKey(), e.getValue()) == null) {
        throw new IllegalArgumentException("no constant " + e.getKey());
      }
    }
    byte[] text = all.toString().getBytes(StandardCharsets.UTF_8);
    return new CostTable(name + "*", Digest.of(text).toHex(), all);
  }

  /** The same machines without differences of speed and without pauses. */
  public CostTable steady() {
    return with(Map.of("speed_sigma", 0.0, "pause_per_second", 0.0));
  }

  public String name() {
    return name;
  }

  /** SHA-256 of the file, which every result states. */
  public String hash() {
    return hash;
  }

  /** A constant as it stands in the file. */
  public double get(String constant) {
    Double value = values.get(constant);
    if (value == null) {
      throw new IllegalArgumentException("no constant " + constant);
    }
    return value;
  }
}
