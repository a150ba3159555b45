package io.destiny.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.destiny.crypto.ReplicaSecrets;
import io.destiny.crypto.trusted.DurableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;

/** Writes the files of a cluster's folder. */
final class FolderWriter {
  private FolderWriter() {}

  static byte[] yaml(JsonNode node) throws IOException {
    return Fields.YAML.writeValueAsBytes(node);
  }

  private static FileAttribute<?>[] attributes(Path path, String permissions) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  /** Makes a folder that nobody else can look into, unless it is there. */
  static void folder(Path folder) throws IOException {
    Files.createDirectories(folder, attributes(folder, "rwx------"));
    new DurableFile(folder).syncFolder();
  }

  /** Writes a new file that nobody else can read at any moment. */
  static void secret(Path file, byte[] content) throws IOException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            attributes(file, "rw-------"))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /**
   * Writes a replica's keys of an epoch; what a broken-off attempt left was given to nobody.
   *
   * @param trusted whether it has a trusted subsystem, which takes its keys from there
   */
  static void provision(Path folder, ReplicaSecrets secrets, boolean trusted) throws IOException {
    delete(folder);
    folder(folder);
    new DurableFile(folder.resolve(NewReplica.EXECUTION_KEY)).replace(secrets.executionKey());
    if (trusted) {
      new DurableFile(folder.resolve(NewReplica.PROVISION)).replace(secrets.provision());
    }
  }

  /** Deletes a folder and all in it, if it is there. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> content = Files.walk(folder)) {
      for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** Puts a content that anybody may read in place of the old one, all or nothing. */
  static void replace(Path file, byte[] content) throws IOException {
    new DurableFile(file).replace(content);
    open(file);
  }

  /** Lets anybody read the file. */
  static void open(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  /** Writes a new file that anybody may read. */
  static void open(Path file, byte[] content) throws IOException {
    Files.write(file, content, StandardOpenOption.CREATE_NEW);
  }
}
