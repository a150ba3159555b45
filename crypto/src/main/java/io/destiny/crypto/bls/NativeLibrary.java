package io.destiny.crypto.bls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import supranational.blst.blst;

/** Finds blst's shared library inside jblst's jar and loads it. */
final class NativeLibrary {
  private NativeLibrary() {}

  /** The resource's name, by the scheme of jblst: operating system, architecture, file. */
  private static String resource() {
    String system = System.getProperty("os.name", "").split(" ", 2)[0];
    String file =
        switch (system.toLowerCase(Locale.ROOT)) {
          case "linux" -> "libblst.so";
          case "mac" -> "libblst.dylib";
          default -> "blst.dll";
        };
    return system + "/" + System.getProperty("os.arch") + "/" + file;
  }

  /**
   * @throws UnsatisfiedLinkError if the jar has no library for this platform
   */
  @SuppressWarnings("restricted")
  static SymbolLookup load() {
    try (InputStream in = blst.class.getResourceAsStream(resource())) {
      if (in == null) {
        throw new UnsatisfiedLinkError("jblst has no native library " + resource());
      }
      Path file = Files.createTempFile("blst", ".lib");
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        return SymbolLookup.libraryLookup(file, Arena.global());
      } finally {
        // the mapping stays; a process that is killed leaves nothing behind
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("blst's native library cannot be unpacked", e);
    }
  }
}
