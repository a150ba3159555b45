package io.destiny.core.crypto;

/** Who may send requests. Thread-safe. */
@FunctionalInterface
public interface ClientRegistry {
  /** Whether the client's principal is enrolled and its session number is allowed. */
  boolean enrolled(long client);
}
