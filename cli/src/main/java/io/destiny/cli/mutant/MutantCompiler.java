package io.destiny.cli.mutant;

import com.github.difflib.patch.PatchFailedException;
import com.github.difflib.unifieddiff.UnifiedDiff;
import com.github.difflib.unifieddiff.UnifiedDiffFile;
import com.github.difflib.unifieddiff.UnifiedDiffReader;
import io.destiny.core.machine.Protocol;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.sim.world.World;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Applies a mutant's patch to copies of the sources in memory and compiles them there. */
public final class MutantCompiler {
  /** A patch that does not apply, or whose result does not compile. */
  public static final class BrokenMutant extends RuntimeException {
    BrokenMutant(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private static final String SOURCES = "src/main/java/";

  private final Path root;

  /**
   * @param root the project's root; nothing in it is changed
   */
  public MutantCompiler(Path root) {
    this.root = root;
  }

  /**
   * The patched classes by their binary names.
   *
   * @throws BrokenMutant if a line of the patch or of its context is not there, or the result does
   *     not compile
   */
  public Map<String, byte[]> compile(Mutant mutant) {
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    if (javac == null) {
      throw new BrokenMutant("this Java has no compiler: use a JDK, not a JRE", null);
    }
    List<JavaFileObject> sources = new ArrayList<>();
    patched(mutant).forEach((path, text) -> sources.add(new Source(path, text)));
    Map<String, ByteArrayOutputStream> compiled = new TreeMap<>();
    StringWriter complaints = new StringWriter();
    List<String> options =
        List.of("-proc:none", "-nowarn", "-parameters", "-implicit:none", "-cp", classPath());
    try (JavaFileManager files = new InMemory(standard(javac), compiled)) {
      if (!javac.getTask(complaints, files, null, options, null, sources).call()) {
        throw new BrokenMutant(mutant.id() + " does not compile: " + complaints, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, byte[]> classes = new TreeMap<>();
    compiled.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
    return classes;
  }

  private static JavaFileManager standard(JavaCompiler javac) {
    return javac.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);
  }

  private Map<String, String> patched(Mutant mutant) {
    Map<String, String> sources = new TreeMap<>();
    try {
      UnifiedDiff diff =
          UnifiedDiffReader.parseUnifiedDiff(
              new ByteArrayInputStream(mutant.patch().getBytes(StandardCharsets.UTF_8)));
      for (UnifiedDiffFile file : diff.getFiles()) {
        String path = file.getToFile();
        List<String> lines = Files.readAllLines(root.resolve(path));
        // Every line as the patch has it; only its place may have moved.
        List<String> changed = file.getPatch().applyFuzzy(lines, 0);
        if (changed.equals(lines)) {
          throw new BrokenMutant(mutant.id() + " changes nothing in " + path, null);
        }
        sources.put(path, String.join("\n", changed) + "\n");
      }
    } catch (PatchFailedException e) {
      throw new BrokenMutant(
          mutant.id() + " no longer applies (" + e.getMessage() + "): regenerate it", e);
    } catch (IOException e) {
      throw new BrokenMutant(mutant.id() + ": " + e, e);
    }
    if (sources.isEmpty()) {
      throw new BrokenMutant(mutant.id() + " has no patch", null);
    }
    return sources;
  }

  /** Where the classes come from that patched sources use. */
  private static String classPath() {
    return Stream.of(Protocol.class, Catalog.class, World.class, NullMarked.class)
        .map(MutantCompiler::place)
        .distinct()
        .collect(Collectors.joining(System.getProperty("path.separator")));
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a class path entry is a path", e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String path, String text) {
      super(
          URI.create("string:///" + path.substring(path.indexOf(SOURCES) + SOURCES.length())),
          Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Keeps what the compiler writes. */
  private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> compiled;

    InMemory(JavaFileManager beneath, Map<String, ByteArrayOutputStream> compiled) {
      super(beneath);
      this.compiled = compiled;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location,
        String className,
        JavaFileObject.Kind kind,
        @Nullable FileObject sibling) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      compiled.put(className, bytes);
      return new SimpleJavaFileObject(
          URI.create("mem:///" + className.replace('.', '/') + kind.extension), kind) {
        @Override
        public OutputStream openOutputStream() {
          return bytes;
        }
      };
    }
  }
}
