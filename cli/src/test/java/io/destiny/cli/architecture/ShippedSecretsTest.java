package io.destiny.cli.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No default passwords, and no keys that ship. Byte code does not show them, so this reads files.
 */
class ShippedSecretsTest {
  private static final Pattern KEY_FILE = Pattern.compile(".*\\.(pem|key|p12|pfx|jks|jceks|der)");
  private static final Pattern KEY_TEXT = Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----");
  private static final Pattern PASSWORD =
      Pattern.compile("(?i)(password|passphrase)\\w*\"?\\s*[=:]\\s*\"?[^\\s\"();,]+\"?\\s*;?\\s*$");
  private static final Pattern LITERAL =
      Pattern.compile("(?i)(password|passphrase)\\w*\\s*=\\s*\"[^\"]+\"");

  @Test
  void noModuleShipsThem() throws IOException {
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path sources : modules.map(module -> module.resolve("src/main")).toList()) {
        if (Files.isDirectory(sources)) {
          assertThat(secretsIn(sources)).isEmpty();
        }
      }
    }
  }

  @Test
  void secretsAreFound(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("server.pem"), "");
    Files.writeString(dir.resolve("Key.java"), "\"-----BEGIN EC " + "PRIVATE KEY-----\"");
    Files.writeString(dir.resolve("Login.java"), "String PASSWORD = \"changeit\";");
    Files.writeString(dir.resolve("server.yaml"), "user: me\npassword: changeit\n");
    Files.writeString(dir.resolve("Fine.java"), "char[] password = console.readPassword();\n");
    assertThat(secretsIn(dir))
        .map(path -> path.getFileName().toString())
        .containsExactlyInAnyOrder("server.pem", "Key.java", "Login.java", "server.yaml");
  }

  private static List<Path> secretsIn(Path dir) throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      return files.filter(Files::isRegularFile).filter(ShippedSecretsTest::isSecret).toList();
    }
  }

  private static boolean isSecret(Path file) {
    String name = file.getFileName().toString();
    if (KEY_FILE.matcher(name).matches()) {
      return true;
    }
    String text;
    try {
      // any bytes are text in this character set
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    boolean configuration = name.matches(".*\\.(ya?ml|properties|json)");
    return KEY_TEXT.matcher(text).find()
        || LITERAL.matcher(text).find()
        || (configuration && text.lines().anyMatch(line -> PASSWORD.matcher(line).find()));
  }
}
