package io.destiny.core.model;

/**
 * One command as the application sees it.
 *
 * @param client the client that signed it
 * @param timestamp the client's number of the request that holds it
 * @param operation opaque bytes, not to be modified
 */
public record Command(long client, long timestamp, byte[] operation) {}
