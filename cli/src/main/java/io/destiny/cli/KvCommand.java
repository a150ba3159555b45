package io.destiny.cli;

import io.destiny.server.KeyValueOperation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code destiny kv}. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
    name = "kv",
    mixinStandardHelpOptions = true,
    description = "One operation on the key-value store, its proof verified.",
    footer = {
      "",
      "Example: destiny kv --dir cluster put colour blue --receipt put.json",
      "         destiny kv --dir cluster cas colour blue green"
    })
final class KvCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Mixin private DirOption dir;

  @Option(
      names = "--receipt",
      scope = ScopeType.INHERIT,
      paramLabel = "F",
      description = "Keep the proof in this file.")
  private @Nullable Path receipt;

  @Option(
      names = "--session",
      scope = ScopeType.INHERIT,
      paramLabel = "S",
      description = "Use this session (default: one that no other process on this machine uses).")
  private @Nullable Integer session;

  @Option(
      names = "--timeout",
      scope = ScopeType.INHERIT,
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "Give up after this time (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Mixin private Output output;

  /** What is asked for beside the operation. */
  record Wishes(@Nullable Path receipt, @Nullable Integer session, int timeoutSeconds) {}

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "one of put, get, delete, cas is missing");
  }

  private void run(KeyValueOperation operation) {
    if (timeout < 1) {
      throw Failure.usage("--timeout is at least one second");
    }
    // a class of its own: it loads the network
    new KvRun(dir.open(), new Wishes(receipt, session, timeout), output).run(operation);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void run(Supplier<KeyValueOperation> operation) {
    try {
      run(operation.get());
    } catch (IllegalArgumentException e) {
      throw Failure.usage(String.valueOf(e.getMessage()));
    }
  }

  @Command(
      name = "put",
      mixinStandardHelpOptions = true,
      description = "Set a key.",
      footer = {"", "Example: destiny kv --dir cluster put colour blue"})
  void put(@Parameters(paramLabel = "K") String key, @Parameters(paramLabel = "V") String value) {
    run(() -> new KeyValueOperation.Put(bytes(key), bytes(value)));
  }

  @Command(
      name = "get",
      mixinStandardHelpOptions = true,
      description = "Read a key.",
      footer = {"", "Example: destiny kv --dir cluster get colour"})
  void get(@Parameters(paramLabel = "K") String key) {
    run(() -> new KeyValueOperation.Get(bytes(key)));
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Remove a key.",
      footer = {"", "Example: destiny kv --dir cluster delete colour"})
  void delete(@Parameters(paramLabel = "K") String key) {
    run(() -> new KeyValueOperation.Delete(bytes(key)));
  }

  @Command(
      name = "cas",
      mixinStandardHelpOptions = true,
      description = "Set a key to NEW if it holds OLD.",
      footer = {"", "Example: destiny kv --dir cluster cas colour blue green"})
  void cas(
      @Parameters(paramLabel = "K") String key,
      @Parameters(paramLabel = "OLD") String old,
      @Parameters(paramLabel = "NEW") String value) {
    run(() -> new KeyValueOperation.CompareAndSet(bytes(key), bytes(old), bytes(value)));
  }
}
