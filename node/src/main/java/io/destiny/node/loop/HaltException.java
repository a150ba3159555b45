package io.destiny.node.loop;

/** The protocol found that this replica's own state cannot be trusted. */
public final class HaltException extends RuntimeException {
  public HaltException(String reason) {
    super(reason);
  }
}
