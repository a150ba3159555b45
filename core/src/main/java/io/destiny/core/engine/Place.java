package io.destiny.core.engine;

import io.destiny.core.machine.Settings;

/**
 * Where an engine runs.
 *
 * @param instance the instance's number
 * @param offset leader(v) = (offset + v) mod N
 * @param width W
 */
public record Place(Settings settings, int instance, int offset, int width) {
  /** The leader of a view. */
  public int leader(long view) {
    return (int) ((offset + view) % settings.n());
  }
}
