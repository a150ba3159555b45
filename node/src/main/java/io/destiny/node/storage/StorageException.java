package io.destiny.node.storage;

import java.io.IOException;

/**
 * The disk did not do what was asked, or holds what it should not. The message is one sentence for
 * the operator.
 */
public final class StorageException extends IOException {
  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
