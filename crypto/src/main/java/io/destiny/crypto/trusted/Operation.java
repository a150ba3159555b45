package io.destiny.crypto.trusted;

import io.destiny.core.statement.MalformedException;

/** All that a host can ask of the trusted process. None resets, sets or exports anything. */
enum Operation {
  /** F1 and F4: count u16, then the calls. */
  CALL(1),
  /** The value of a counter: instance and counter, 32 bits each. */
  READ(2),
  /** A quote over a nonce. */
  ATTEST(3);

  private final int code;

  Operation(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static Operation of(int code) throws MalformedException {
    for (Operation operation : values()) {
      if (operation.code == code) {
        return operation;
      }
    }
    throw new MalformedException("unknown operation");
  }
}
