package io.destiny.core.machine;

/**
 * A record of the protocol log, found again by its key; a second record with the same key replaces
 * the first.
 *
 * @param instance whose record
 * @param slot which slot, 0 for records about the instance as a whole
 * @param kind a number of the engine's choosing, 0..255
 * @param view the view, so that records of two views do not replace each other
 * @param body opaque to the driver
 */
public record LogRecord(int instance, long slot, int kind, long view, byte[] body) {}
