package io.destiny.cli;

import io.destiny.core.model.QuorumRule;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds what users name. */
final class Protocols {
  static final String DEFAULT = "destiny";

  private Protocols() {}

  static ProtocolEntry named(String name) {
    return Catalog.find(name)
        .orElseThrow(
            () ->
                Failure.usage(
                    "there is no protocol '%s' in this build; it has: %s"
                        .formatted(
                            name,
                            Catalog.entries().stream()
                                .map(ProtocolEntry::name)
                                .collect(Collectors.joining(", ")))));
  }

  /** The quorum arithmetic for N replicas, or for the protocol's smallest N. */
  static QuorumRule rule(ProtocolEntry protocol, @Nullable Integer replicas) {
    int n = replicas == null ? protocol.smallest() : replicas;
    if (n < protocol.smallest() || n > MAX_REPLICAS) {
      throw Failure.usage(
          "protocol %s needs %d to %d replicas, not %d"
              .formatted(protocol.name(), protocol.smallest(), MAX_REPLICAS, n));
    }
    return protocol.rule(n);
  }

  /** More than that is for the simulator. */
  private static final int MAX_REPLICAS = 301;
}
