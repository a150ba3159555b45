package io.destiny.core.machine;

/**
 * Names a timer. Starting one that runs restarts it.
 *
 * @param instance the instance it belongs to
 * @param kind what it is for
 * @param subject the slot, view or client it watches, 0 where there is none
 */
public record TimerKey(int instance, TimerKind kind, long subject) {}
