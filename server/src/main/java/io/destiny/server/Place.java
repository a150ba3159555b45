package io.destiny.server;

import org.jspecify.annotations.Nullable;

/**
 * Where new replicas go.
 *
 * @param host null: as the others, or the replaced one
 * @param basePort of the first one's three ports, each further one's are three higher; null: after
 *     the last member's, or the replaced one's
 */
public record Place(@Nullable String host, @Nullable Integer basePort) {
  /** Nothing said. */
  public static final Place DEFAULT = new Place(null, null);
}
