package io.destiny.core.statement;

/**
 * A decoder's rejection of bytes: the only thing that bytes from outside can make a decoder throw.
 * Cheap: no stack trace.
 */
public final class MalformedException extends Exception {
  public MalformedException(String reason) {
    super(reason, null, false, false);
  }
}
