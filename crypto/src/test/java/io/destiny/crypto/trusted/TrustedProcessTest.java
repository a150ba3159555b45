package io.destiny.crypto.trusted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Result.Refusal;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.InProcessThreshSign;
import io.destiny.crypto.KeyCeremony;
import io.destiny.crypto.Scheme;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real processes. */
class TrustedProcessTest {
  private static final Digest M = Digest.of(new byte[] {1});
  private static final int DEADLINE_SECONDS = 60;

  private final List<Path> folders = new ArrayList<>();
  private Path folder;

  static List<String> jvmCommandPrefix() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"));
  }

  private static byte[] provision(long epoch) {
    return KeyCeremony.generate(
            new Domain(new byte[16], epoch),
            new QuorumRule(3, FaultModel.HYBRID),
            Scheme.MULTI_SIGNATURE,
            ClientAlgorithm.ED25519,
            1)
        .replicas()
        .get(1)
        .provision();
  }

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("trusted");
    folders.add(folder);
  }

  @AfterEach
  void endEverything() throws Exception {
    for (Path each : folders) {
      if (Files.exists(each.resolve(TrustedProcess.PID))) {
        kill(each);
      }
      remove(each);
    }
  }

  private static void remove(Path each) throws IOException {
    if (Files.exists(each)) {
      try (Stream<Path> files = Files.walk(each)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static ProcessHandle process(Path folder) throws IOException {
    long pid = Long.parseLong(Files.readString(folder.resolve(TrustedProcess.PID)));
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static void kill(Path folder) throws Exception {
    ProcessHandle process = process(folder);
    process.destroyForcibly();
    process.onExit().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private void give(byte[] provision) throws IOException {
    Files.write(folder.resolve("provision.once"), provision);
  }

  private TrustedProcessClient start() throws IOException {
    return TrustedProcessLauncher.ensureRunning(folder, jvmCommandPrefix());
  }

  private static TrustedCall f1(long value) {
    return new TrustedCall.IndependentShare(0, Counters.ORDER, value, M);
  }

  private static Refusal refusal(TrustedProcessClient client) {
    return ((Result.Refused) client.call(List.of(f1(1))).getFirst()).reason();
  }

  @Test
  void itServesOneHostAfterAnotherAndSignsWhatTheInProcessSubsystemWouldSign() throws Exception {
    byte[] provision = provision(0);
    give(provision);
    List<TrustedCall> calls = new ArrayList<>();
    for (long v = 1; v <= 200; v++) {
      calls.add(f1(v));
    }
    calls.add(new TrustedCall.Continuing(0, Counters.ORDER, 200, 1L << 40, M));
    calls.add(f1(7_000));
    calls.add(new TrustedCall.IndependentSignature(1, Counters.ORDER, 3, M));
    calls.add(new TrustedCall.IndependentSignature(1, Counters.ORDER, 2, M));
    calls.add(new TrustedCall.IndependentShare(70_000, 0, 1, M));
    calls.add(new TrustedCall.IndependentShare(0, 256, 1, M));
    List<Result> results;
    try (TrustedProcessClient client = start()) {
      results = client.call(calls);
      assertThat(client.call(List.of())).isEmpty();
      assertThatThrownBy(() -> client.attest(new byte[65]))
          .isInstanceOf(IllegalArgumentException.class);
    }
    InProcessThreshSign reference = new InProcessThreshSign(provision);
    assertThat(results).usingRecursiveComparison().isEqualTo(reference.call(calls));

    assertThat(folder.resolve("provision.once")).doesNotExist();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("trusted.sock"))))
        .isEqualTo("rw-------");
    long pid = process(folder).pid();
    try (TrustedProcessClient next = start();
        TrustedProcessClient another =
            TrustedProcessClient.connect(folder.resolve("trusted.sock"))) {
      assertThat(process(folder).pid()).as("no second process").isEqualTo(pid);
      assertThat(next.read(0, Counters.ORDER)).isEqualTo(1L << 40);
      assertThat(another.read(0, 3)).isEqualTo(-1);
      assertThat(another.call(List.of(f1(200))))
          .usingRecursiveComparison()
          .isEqualTo(List.of(results.get(199)));
      assertThat(another.attest(new byte[] {9}))
          .usingRecursiveComparison()
          .isEqualTo(reference.attest(new byte[] {9}));
    }
    List<String> second = new ArrayList<>(jvmCommandPrefix());
    second.addAll(List.of(TrustedProcess.class.getName(), folder.toString()));
    Process rival = new ProcessBuilder(second).start();
    assertThat(rival.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(rival.exitValue()).isEqualTo(TrustedProcess.ALREADY_RUNNING);
    try (TrustedProcessClient client = start()) {
      assertThat(client.read(0, Counters.ORDER)).isEqualTo(1L << 40);
    }
  }

  @Test
  void itOutlivesAHostThatIsKilledAndEndsWhenItsFolderIsGone() throws Exception {
    give(provision(0));
    List<String> command = new ArrayList<>(jvmCommandPrefix());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED", TrustedHost.class.getName(), folder.toString()));
    Process host =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(host.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("Shared");
    } finally {
      host.destroyForcibly().waitFor();
    }
    ProcessHandle process = process(folder);
    try (TrustedProcessClient client = start()) {
      assertThat(client.read(0, Counters.ORDER)).isEqualTo(5);
      assertThat(process(folder).pid()).isEqualTo(process.pid());
      remove(folder);
      process.onExit().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
      assertThat(refusal(client)).isEqualTo(Refusal.UNAVAILABLE);
      assertThatThrownBy(() -> client.read(0, 0)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> client.attest(new byte[1]))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void p3ASecondInitialisationIsImpossible() throws Exception {
    byte[] provision = provision(3);
    give(provision);
    try (TrustedProcessClient client = start()) {
      assertThat(client.call(List.of(f1(9))).getFirst()).isInstanceOf(Result.Shared.class);
      give(provision);
      assertThat(client.read(0, Counters.ORDER)).as("a running process looks away").isEqualTo(9);
    }
    for (byte[] again : List.of(provision, provision(3), provision(2))) {
      give(again);
      kill(folder);
      try (TrustedProcessClient client = start()) {
        assertThat(refusal(client)).isEqualTo(Refusal.NOT_PROVISIONED);
        assertThat(client.read(0, Counters.ORDER)).isEqualTo(-1);
        assertThat(client.attest(new byte[1]).provisioned()).isFalse();
      }
      assertThat(folder.resolve("provision.once")).doesNotExist();
    }
    give(provision(4));
    kill(folder);
    try (TrustedProcessClient client = start()) {
      assertThat(client.attest(new byte[1]).epoch()).as("the next epoch").isEqualTo(4);
    }
  }

  @Test
  void p2OnlyTheThreeOperationsAreAnsweredAndGarbageDoesNoHarm() throws Exception {
    assertThat(Operation.values())
        .containsExactly(Operation.CALL, Operation.READ, Operation.ATTEST);
    give(provision(0));
    try (TrustedProcessClient client = start()) {
      client.call(List.of(f1(3)));
      Random random = new Random(5);
      for (int code = 0; code < 256; code++) {
        byte[] body = new byte[1 + random.nextInt(80)];
        random.nextBytes(body);
        body[0] = (byte) code;
        send(frame(body.length, body));
      }
      send(frame(Integer.MAX_VALUE, new byte[10]));
      send(frame(-1, new byte[10]));
      send(frame(0, new byte[0]));
      send(frame(100, new byte[10]));
      send(new byte[] {0, 0});
      byte[] noise = new byte[100_000];
      random.nextBytes(noise);
      send(noise);
      assertThat(client.read(0, Counters.ORDER)).isEqualTo(3);

      List<SocketChannel> idle = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        idle.add(SocketChannel.open(address()));
      }
      assertThat(client.read(0, Counters.ORDER)).as("under idle connections").isEqualTo(3);
      for (SocketChannel channel : idle) {
        channel.close();
      }
    }
    try (TrustedProcessClient client = start()) {
      assertThat(client.call(List.of(f1(4))).getFirst()).isInstanceOf(Result.Shared.class);
    }
  }

  private UnixDomainSocketAddress address() {
    return UnixDomainSocketAddress.of(folder.resolve("trusted.sock"));
  }

  private static byte[] frame(int length, byte[] body) {
    return ByteBuffer.allocate(4 + body.length).putInt(length).put(body).array();
  }

  /** Sends bytes and the end of the stream, and waits until the other side closes. */
  private void send(byte[] bytes) throws IOException {
    try (SocketChannel channel = SocketChannel.open(address())) {
      channel.write(ByteBuffer.wrap(bytes));
      channel.shutdownOutput();
      ByteBuffer sink = ByteBuffer.allocate(1024);
      while (channel.read(sink) >= 0) {
        sink.clear();
      }
    } catch (IOException closedWhileWeWrote) {
      assertThat(bytes.length).isPositive();
    }
  }

  @Test
  void aFolderWithALongPathWorksToo() throws Exception {
    folder = folder.resolve("f".repeat(120));
    Files.createDirectory(folder);
    folders.addFirst(folder);
    give(provision(0));
    try (TrustedProcessClient client = start()) {
      assertThat(client.call(List.of(f1(1))).getFirst()).isInstanceOf(Result.Shared.class);
    }
    Path dead = folder.resolve("trusted.sock").toRealPath();
    kill(folder);
    try (TrustedProcessClient client = start()) {
      assertThat(refusal(client)).isEqualTo(Refusal.NOT_PROVISIONED);
      assertThat(dead.getParent()).as("the dead process's socket").doesNotExist();
    }
    Path elsewhere = folder.resolve("trusted.sock").toRealPath();
    ProcessHandle process = process(folder);
    remove(folder);
    process.onExit().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertThat(elsewhere.getParent()).doesNotExist();
  }

  @Test
  void toldToEndItTakesItsSocketAndItsNumberAlong() throws Exception {
    give(provision(0));
    start().close();
    ProcessHandle process = process(folder);
    process.destroy();
    process.onExit().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertThat(folder.resolve("trusted.sock")).doesNotExist();
    assertThat(folder.resolve(TrustedProcess.PID)).doesNotExist();
  }

  @Test
  void damagedKeysEndTheProcessWithAMessageAndAreLeftWhereTheyAre() throws Exception {
    give(new byte[] {1, 2, 3});
    assertThatThrownBy(this::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("status 4");
    assertThat(folder.resolve("trusted.log")).content().contains("provision.once is damaged");
    assertThat(folder.resolve("provision.once")).exists();
  }
}
