package io.destiny.crypto.trusted;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Small files whose content, and whose absence, survives a power cut once a method returned. */
public final class DurableFile {
  private static final String NEW = ".new";

  private final Path path;

  /**
   * @param path the file, whether or not it exists
   */
  public DurableFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  /**
   * The content, or empty if there is no such file.
   *
   * @throws IOException also if it is longer than {@code max} bytes
   */
  public Optional<byte[]> read(int max) throws IOException {
    try {
      if (Files.size(path) > max) {
        throw new IOException(path.getFileName() + " is longer than " + max + " bytes");
      }
      return Optional.of(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Puts a content, readable by the owner only, in place of the old one, all or nothing. */
  public void replace(byte[] content) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + NEW);
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    overwrite(fresh, content);
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    syncFolder();
  }

  /** Gives it another name, in place of whatever has that name. */
  public void moveTo(Path other) throws IOException {
    Files.move(path, other, StandardCopyOption.ATOMIC_MOVE);
    new DurableFile(other).syncFolder();
    syncFolder();
  }

  /** Overwrites the content with zeros, then deletes the file. */
  public void destroy() throws IOException {
    overwrite(path, new byte[Math.toIntExact(Files.size(path))]);
    Files.delete(path);
    syncFolder();
  }

  private static void overwrite(Path file, byte[] content) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /** Makes durable that it is there, or no longer. */
  public void syncFolder() throws IOException {
    try (FileChannel folder = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
