package io.destiny.crypto.trusted;

import io.destiny.core.trusted.ThreshSign;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The isolated trusted process of one replica. It takes its keys from the folder it is given, once,
 * and answers the host through a socket there until the folder is gone or it is killed; its
 * counters and keys end with it.
 */
public final class TrustedProcess {
  /** Exit status: the folder is gone. */
  public static final int ENDED = 0;

  /** Exit status: wrong arguments. */
  public static final int USAGE = 2;

  /** Exit status: another process serves this folder. */
  public static final int ALREADY_RUNNING = 3;

  /** Exit status: the keys could not be taken safely, or the socket could not be made. */
  public static final int FAILED = 4;

  /** Name of the file with the process's number. */
  public static final String PID = "trusted.pid";

  private static final String LOCK = "trusted.lock";
  private static final int WATCH_SECONDS = 2;
  private static final byte[] WARM_UP = {};

  private final Path folder;
  private final Path lockFile;
  private final CountDownLatch failed = new CountDownLatch(1);

  private TrustedProcess(Path folder) {
    this.folder = folder.toAbsolutePath();
    this.lockFile = this.folder.resolve(LOCK);
  }

  /**
   * @param args the replica's folder
   */
  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("usage: TrustedProcess <replica folder>");
      System.exit(USAGE);
    }
    int status;
    try {
      status = new TrustedProcess(Path.of(args[0])).run();
    } catch (IOException | RuntimeException | LinkageError e) {
      System.err.println("the trusted process cannot run: " + e);
      status = FAILED;
    }
    System.exit(status);
  }

  /** Serves until the folder is gone; answers the exit status. */
  private int run() throws IOException {
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        return ALREADY_RUNNING;
      }
      Object identity = Objects.requireNonNull(identity());
      ThreshSign subsystem = new Provisioning(folder).take();
      subsystem.attest(WARM_UP);
      // Before the socket: whoever is answered may look for the process.
      new DurableFile(folder.resolve(PID)).replace(pid());
      try (ServerSocketChannel server = TrustedSocket.bind(folder)) {
        Path bound = TrustedSocket.boundTo(server);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> cleanUp(identity, bound)));
        Thread.ofPlatform().daemon().name("accept").start(() -> accept(subsystem, server));
        watch(identity);
      }
      return failed.getCount() == 0 ? FAILED : ENDED;
    }
  }

  private static byte[] pid() {
    return Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
  }

  private void accept(ThreshSign subsystem, ServerSocketChannel server) {
    try {
      new TrustedServer(subsystem, server).run();
    } finally {
      failed.countDown();
    }
  }

  /** Waits until the folder, or this process's lock in it, is gone. */
  private void watch(Object identity) {
    try {
      while (!failed.await(WATCH_SECONDS, TimeUnit.SECONDS)) {
        if (!identity.equals(identity())) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What tells this folder's lock file from one made anew under the same name. */
  private @Nullable Object identity() {
    try {
      return Files.readAttributes(lockFile, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  private void cleanUp(Object identity, Path bound) {
    try {
      if (!bound.startsWith(folder)) {
        // found from the folder only as long as that exists
        TrustedSocket.removeElsewhere(bound);
      }
      if (identity.equals(identity())) {
        TrustedSocket.remove(folder);
        Files.deleteIfExists(folder.resolve(PID));
      }
    } catch (IOException e) {
      System.err.println("the socket could not be removed: " + e);
    }
  }
}
