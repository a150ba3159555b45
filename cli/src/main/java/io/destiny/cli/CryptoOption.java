package io.destiny.cli;

import picocli.CommandLine.Option;

/** What a simulation signs with. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class CryptoOption {
  private static final String GHOST = "ghost";
  private static final String REAL = "real";

  @Option(
      names = "--crypto",
      paramLabel = "C",
      defaultValue = GHOST,
      description = {
        "ghost: a table that nobody can forge (default); real: BLS12-381 and Ed25519, checked",
        "against the table, a hundred times slower."
      })
  private String crypto;

  boolean real() {
    return switch (crypto) {
      case GHOST -> false;
      case REAL -> true;
      default -> throw Failure.usage("--crypto is ghost or real, not " + crypto);
    };
  }

  static String word(boolean real) {
    return real ? REAL : GHOST;
  }
}
