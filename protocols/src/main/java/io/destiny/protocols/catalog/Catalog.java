package io.destiny.protocols.catalog;

import java.util.List;
import java.util.Optional;

/** All protocols that this build can run. */
public final class Catalog {
  private static final List<ProtocolEntry> ENTRIES = List.of();

  private Catalog() {}

  public static List<ProtocolEntry> entries() {
    return ENTRIES;
  }

  /** The protocol of this name, if this build has it. */
  public static Optional<ProtocolEntry> find(String name) {
    return ENTRIES.stream().filter(e -> e.name().equals(name)).findFirst();
  }
}
