package io.destiny.crypto.trusted;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Result.Refusal;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.Reader;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.crypto.ClientAlgorithm;
import io.destiny.crypto.InProcessThreshSign;
import io.destiny.crypto.KeyCeremony;
import io.destiny.crypto.Scheme;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against a server in this process, so that the connection can break at will. */
class TrustedProcessClientTest {
  private static final Digest M = Digest.of(new byte[] {1});

  @TempDir private Path folder;

  private final InProcessThreshSign subsystem =
      new InProcessThreshSign(
          KeyCeremony.generate(
                  new Domain(new byte[16], 0),
                  new QuorumRule(1, FaultModel.HYBRID),
                  Scheme.MULTI_SIGNATURE,
                  ClientAlgorithm.ED25519,
                  1)
              .replicas()
              .getFirst()
              .provision());

  private static TrustedCall f1(long value) {
    return new TrustedCall.IndependentShare(0, Counters.ORDER, value, M);
  }

  /** Carries out one request but loses its answer, then serves properly. */
  private void loseOneAnswer(ServerSocketChannel server) {
    try (SocketChannel channel = server.accept();
        FrameChannel frames = new FrameChannel(channel)) {
      Reader r = new Reader(frames.read());
      r.u8();
      subsystem.call(TrustedCodec.decodeCalls(r));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    new TrustedServer(subsystem, server).run();
  }

  @Test
  void aLostAnswerIsAskedForAgainAndIsTheSame() throws Exception {
    try (ServerSocketChannel server = TrustedSocket.bind(folder);
        TrustedProcessClient client =
            TrustedProcessClient.connect(folder.resolve(TrustedSocket.NAME))) {
      Thread.ofPlatform().daemon().start(() -> loseOneAnswer(server));
      List<Result> results = client.call(List.of(f1(1), f1(2)));
      assertThat(results).hasOnlyElementsOfType(Result.Shared.class);
      assertThat(results)
          .usingRecursiveComparison()
          .isEqualTo(subsystem.call(List.of(f1(1), f1(2))));
    }
  }

  @Test
  void manyThreadsShareAConnectionAndLongListsAreSplit() throws Exception {
    try (ServerSocketChannel server = TrustedSocket.bind(folder);
        TrustedProcessClient client =
            TrustedProcessClient.connect(folder.resolve(TrustedSocket.NAME))) {
      Thread.ofPlatform().daemon().start(() -> new TrustedServer(subsystem, server).run());
      ConcurrentLinkedQueue<Result> issued = new ConcurrentLinkedQueue<>();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        long base = t;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      List<TrustedCall> calls = new ArrayList<>();
                      for (long v = 0; v < 40; v++) {
                        Digest mine = Digest.of(new byte[] {(byte) base});
                        calls.add(new TrustedCall.Continuing(0, Counters.NEW_VIEW, v, v + 1, mine));
                      }
                      client.call(calls).stream()
                          .filter(Result.Continued.class::isInstance)
                          .forEach(issued::add);
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(issued)
          .extracting(r -> ((Result.Continued) r).certificate().value())
          .containsExactlyInAnyOrderElementsOf(
              java.util.stream.LongStream.rangeClosed(1, 40).boxed().toList());

      List<TrustedCall> many = new ArrayList<>();
      for (long v = 1; v <= 600; v++) {
        many.add(f1(v));
      }
      assertThat(client.call(many)).hasSize(600).hasOnlyElementsOfType(Result.Shared.class);
    }
  }

  @Test
  void nonsenseFromTheOtherSideIsUnavailability() throws Exception {
    try (ServerSocketChannel server = TrustedSocket.bind(folder);
        TrustedProcessClient client =
            TrustedProcessClient.connect(folder.resolve(TrustedSocket.NAME))) {
      Thread.ofPlatform().daemon().start(() -> answerNonsense(server));
      for (int i = 0; i < 20; i++) {
        assertThat(client.call(List.of(f1(1))).getFirst())
            .isEqualTo(new Result.Refused(Refusal.UNAVAILABLE, -1));
      }
    }
  }

  private static void answerNonsense(ServerSocketChannel server) {
    java.util.Random random = new java.util.Random(9);
    while (server.isOpen()) {
      try (FrameChannel frames = new FrameChannel(server.accept())) {
        while (frames.read() != null) {
          byte[] body = new byte[1 + random.nextInt(200)];
          random.nextBytes(body);
          frames.write(body);
        }
      } catch (IOException e) {
        assertThat(e).hasMessageNotContaining("a frame of");
      }
    }
  }

  @Test
  void aClosedClientAnswersUnavailableAndDoesNotReconnect() throws Exception {
    try (ServerSocketChannel server = TrustedSocket.bind(folder)) {
      Thread.ofPlatform().daemon().start(() -> new TrustedServer(subsystem, server).run());
      TrustedProcessClient client =
          TrustedProcessClient.connect(folder.resolve(TrustedSocket.NAME));
      client.close();
      assertThat(client.call(List.of(f1(1))).getFirst())
          .isEqualTo(new Result.Refused(Refusal.UNAVAILABLE, -1));
    }
    assertThat(Files.exists(folder.resolve(TrustedSocket.NAME))).isTrue();
  }
}
