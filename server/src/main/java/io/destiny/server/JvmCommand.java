package io.destiny.server;

import java.nio.file.Path;
import java.util.List;

/** How to start another JVM with this one's classes. */
public final class JvmCommand {
  private JvmCommand() {}

  /** The Java that runs here, with its class path and the flags that the libraries need. */
  public static List<String> prefix() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        System.getProperty("java.class.path"));
  }
}
