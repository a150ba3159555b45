package io.destiny.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine;

/** The versions of this program and of the Java that runs it. */
final class Version implements CommandLine.IVersionProvider {
  /** The project's version. */
  static String project() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a resource of this program can be read", e);
    }
    return properties.getProperty("version", "unknown");
  }

  static String java() {
    return Runtime.version().toString();
  }

  @Override
  public String[] getVersion() {
    return new String[] {"destiny " + project() + " (Java " + java() + ")"};
  }
}
