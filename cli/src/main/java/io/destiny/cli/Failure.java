package io.destiny.cli;

/** Ends a command with one line on standard error and an exit code. */
final class Failure extends RuntimeException {
  /** A run that failed. */
  static final int RUN = 1;

  /** Bad usage or configuration. */
  static final int USAGE = 2;

  private final int exitCode;

  private Failure(String line, int exitCode) {
    super(line);
    this.exitCode = exitCode;
  }

  static Failure run(String line) {
    return new Failure(line, RUN);
  }

  static Failure usage(String line) {
    return new Failure(line, USAGE);
  }

  int exitCode() {
    return exitCode;
  }
}
