package io.destiny.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.node.storage.LogIdentity;
import io.destiny.node.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a replica without a trusted subsystem knows of its log when it starts: whole, or not to be
 * voted from.
 */
class LogWitnessTest {
  private static final LogWitness.Key FIRST = key(0, '1');
  private static final LogWitness.Key NEXT = key(1, '2');

  @TempDir Path folder;
  private Log log = new Log(null);

  private static LogWitness.Key key(long epoch, char digit) {
    return new LogWitness.Key(epoch, String.valueOf(digit).repeat(64));
  }

  /** In place of a data folder; the power may fail before one of its writes. */
  private static final class Log implements LogIdentity {
    private byte @Nullable [] bytes;
    private int writesLeft = Integer.MAX_VALUE;

    Log(byte @Nullable [] bytes) {
      this.bytes = bytes;
    }

    Log copy() {
      return new Log(bytes);
    }

    @Override
    public byte @Nullable [] read() {
      return bytes;
    }

    @Override
    public void write(byte[] fresh) throws StorageException {
      if (writesLeft-- == 0) {
        throw new StorageException("the power fails");
      }
      bytes = fresh;
    }
  }

  private Path file() {
    return folder.resolve(LogWitness.NAME);
  }

  private @Nullable String start(LogWitness.Key key) throws IOException {
    return new LogWitness(folder, log, key).begin();
  }

  private @Nullable String start() throws IOException {
    return start(FIRST);
  }

  @Test
  void aLogIsWholeHoweverOftenItIsStarted() throws IOException {
    for (int i = 0; i < 5; i++) {
      assertThat(start()).isNull();
    }
    assertThat(Files.readString(file())).contains("starts: 5");
  }

  /** In the first start and in a later one. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void noCrashInAStartLooksLikeALoss(int before) throws IOException {
    for (int i = 0; i < before; i++) {
      start();
    }
    // before the first write, between the file and the second one, and twice in a row
    for (int writes : new int[] {0, 1, 0, 1, 1}) {
      log.writesLeft = writes;
      assertThatThrownBy(this::start).isInstanceOf(StorageException.class);
    }
    log.writesLeft = Integer.MAX_VALUE;
    failBeforeTheFile();
    failBeforeTheFile();
    assertThat(start()).isNull();
    assertThat(start()).isNull();
  }

  private void failBeforeTheFile() throws IOException {
    Path obstacle = folder.resolve(LogWitness.NAME + ".new");
    Files.createDirectories(obstacle.resolve("inside"));
    assertThatThrownBy(this::start).isInstanceOf(IOException.class);
    FolderWriter.delete(obstacle);
  }

  /** Nothing was sent before the file was there. */
  @Test
  void aLogThatIsLostBeforeTheFileIsThereIsNoLoss() throws IOException {
    failBeforeTheFile();
    log = new Log(null);
    assertThat(start()).isNull();
  }

  /** Nothing was sent here either, but that cannot be told any more. */
  @Test
  void oneThatIsLostRightAfterTheFileWasWrittenIsALoss() throws IOException {
    log.writesLeft = 1;
    assertThatThrownBy(this::start).isInstanceOf(StorageException.class);
    log = new Log(null);
    assertThat(start()).isEqualTo("its log is gone");
  }

  @Test
  void anEmptyLogIsALossForGood() throws IOException {
    start();
    start();
    Log lost = log.copy();
    log = new Log(null);
    assertThat(start()).isEqualTo("its log is gone");
    assertThat(start()).isEqualTo("its log is gone");
    // What comes back may be from before the last votes.
    log = lost;
    assertThat(start()).isEqualTo("its log is gone");
    assertThat(Files.readString(file())).contains("lost: \"its log is gone\"");
  }

  @Test
  void anotherLogIsNotTheOneThatWasVotedFrom() throws IOException {
    start();
    Log other = new Log(null);
    new LogWitness(Files.createDirectory(folder.resolve("other")), other, FIRST).begin();
    log = other;
    assertThat(start()).isEqualTo("its log is gone");
  }

  @Test
  void aLogFromBeforeTheLastStartIsAnOldCopy() throws IOException {
    start();
    Log copy = log.copy();
    start();
    log = copy;
    assertThat(start())
        .isEqualTo(
            "its log is an old copy: it was started 2 times, and this one ends with start 1");
  }

  /** After a crash the log may be ahead of the file, but a copy that is behind it is old. */
  @Test
  void aLogFromACrashIsAnOldCopyTooOnceItWasStartedAgain() throws IOException {
    start();
    log.writesLeft = 1;
    assertThatThrownBy(this::start).isInstanceOf(StorageException.class);
    Log copy = log.copy();
    log.writesLeft = Integer.MAX_VALUE;
    start();
    log = copy;
    assertThat(start()).startsWith("its log is an old copy");
  }

  @Test
  void withoutTheFileALogThatWasVotedFromIsNotTrusted() throws IOException {
    start();
    Files.delete(file());
    assertThat(start()).isEqualTo("log-witness.yaml is missing, or older than the log");
    assertThat(start()).isEqualTo("log-witness.yaml is missing, or older than the log");
  }

  @Test
  void aFileThatIsOlderThanTheLogIsNoWitness() throws IOException {
    start();
    byte[] old = Files.readAllBytes(file());
    start();
    Files.write(file(), old);
    assertThat(start()).isEqualTo("log-witness.yaml is older than the log");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\0\0\0",
        "epoch: 0",
        "[",
        "epoch: x\nkey: k\nstarts: 1",
        "epoch: 0\nkey: k\nstarts: -1",
        "epoch: 0\nkey: k\nstarts: 9223372036854775807",
        "epoch: 0\nkey: k\nstarts: 1\nmore: 1"
      })
  void aDamagedFileIsALossUntilTheNextEpoch(String content) throws IOException {
    start();
    Files.writeString(file(), content);
    assertThat(start()).isEqualTo("log-witness.yaml is damaged");
    assertThat(start()).isEqualTo("log-witness.yaml is damaged");
    assertThat(start(NEXT)).isNull();
  }

  @Test
  void damageOfWhatTheLogSaysIsALoss() throws IOException {
    for (byte[] damaged : new byte[][] {{}, {1}, new byte[69], new byte[70], {2, 0}}) {
      log = new Log(null);
      assertThat(start()).isNull();
      log = new Log(damaged);
      assertThat(start()).isEqualTo("what its log says of itself is damaged");
      Files.delete(file());
    }
  }

  @Test
  void aNewKeyVotesFromWhateverLogThereIs() throws IOException {
    start();
    log = new Log(null);
    assertThat(start()).isNotNull();
    assertThat(start(NEXT)).isNull();
    assertThat(start(NEXT)).isNull();
    Log copy = log.copy();
    start(NEXT);
    log = copy;
    assertThat(start(NEXT)).startsWith("its log is an old copy");
  }

  /** The log goes over with what it says of the epoch before. */
  @Test
  void aLogThatGoesOverIsWhole() throws IOException {
    start();
    assertThat(start(NEXT)).isNull();
    assertThat(start(NEXT)).isNull();
    assertThat(start(key(7, '3'))).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void noCrashOnTheWayIntoAnEpochLooksLikeALoss(int writes) throws IOException {
    start();
    log.writesLeft = writes;
    assertThatThrownBy(() -> start(NEXT)).isInstanceOf(StorageException.class);
    log.writesLeft = Integer.MAX_VALUE;
    assertThat(start(NEXT)).isNull();
  }

  /** The folder was set back, the file was not: it is believed, and kept. */
  @Test
  void inAnEarlierEpochThanTheFileTellsOfNothingIsSigned() throws IOException {
    start();
    Log old = log.copy();
    start(NEXT);
    byte[] later = Files.readAllBytes(file());
    log = old;
    assertThat(start()).isEqualTo("log-witness.yaml is of another key, in epoch 1");
    assertThat(Files.readAllBytes(file())).isEqualTo(later);
    assertThat(start(NEXT)).isEqualTo("its log is gone");
  }

  @Test
  void withAFileOfAnEarlierEpochALogThatWasVotedFromIsNotTrusted() throws IOException {
    start();
    byte[] earlier = Files.readAllBytes(file());
    start(NEXT);
    Files.write(file(), earlier);
    assertThat(start(NEXT)).isEqualTo("log-witness.yaml is missing, or older than the log");
  }

  @Test
  void theWordsAboutAnotherKeyOfTheEpochAreNone() throws IOException {
    start(key(0, '9'));
    assertThat(start()).isEqualTo("log-witness.yaml is of another key, in epoch 0");
    Files.delete(file());
    log = new Log(null);
    start(key(0, '9'));
    Files.delete(file());
    assertThat(start()).isEqualTo("its log is of another key, in epoch 0");
  }

  /** Nothing is sent by who does not know whether it may. */
  @Test
  void aFileThatCannotBeReadStopsTheStart() throws IOException {
    Files.createDirectory(file());
    assertThatThrownBy(this::start).isInstanceOf(IOException.class);
    Files.delete(file());
    Files.write(file(), new byte[5000]);
    assertThatThrownBy(this::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("longer than 4096 bytes");
  }
}
