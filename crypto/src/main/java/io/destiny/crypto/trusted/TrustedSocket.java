package io.destiny.crypto.trusted;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The socket in a replica's folder. The system limits a socket's path to about a hundred bytes:
 * where the folder's is longer, the socket is in a fresh folder for temporary files, readable by
 * the owner only, and the name in the replica's folder is a symbolic link to it.
 */
final class TrustedSocket {
  static final String NAME = "trusted.sock";

  private static final String UNREADY = ".new";
  private static final int MAX_PATH_BYTES = 100;
  private static final int BACKLOG = 16;

  private TrustedSocket() {}

  private static boolean fits(Path path) {
    return path.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length
        <= MAX_PATH_BYTES;
  }

  /** Connects to the socket of that name, whatever the length of the path. */
  static SocketChannel connect(Path socket) throws IOException {
    Path path = socket.toAbsolutePath();
    return SocketChannel.open(UnixDomainSocketAddress.of(fits(path) ? path : path.toRealPath()));
  }

  /** Takes the place of whatever socket an earlier process left in the folder. */
  static ServerSocketChannel bind(Path folder) throws IOException {
    Path name = folder.toAbsolutePath().resolve(NAME);
    remove(folder);
    Path unready = name.resolveSibling(NAME + UNREADY);
    if (fits(unready)) {
      Files.deleteIfExists(unready);
      ServerSocketChannel server = listen(unready);
      // the name appears only once nobody else may use it
      Files.move(unready, name, StandardCopyOption.ATOMIC_MOVE);
      return server;
    }
    Path elsewhere = Files.createTempDirectory("destiny-").resolve(NAME);
    ServerSocketChannel server = listen(elsewhere);
    Files.createSymbolicLink(name, elsewhere);
    return server;
  }

  private static ServerSocketChannel listen(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path), BACKLOG);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    return server;
  }

  /** Removes the socket, and the temporary folder it may be in. */
  static void remove(Path folder) throws IOException {
    Path name = folder.toAbsolutePath().resolve(NAME);
    if (Files.isSymbolicLink(name)) {
      Path elsewhere = Files.readSymbolicLink(name);
      if (elsewhere.endsWith(NAME) && !Files.isDirectory(elsewhere, LinkOption.NOFOLLOW_LINKS)) {
        removeElsewhere(elsewhere);
      }
    }
    Files.deleteIfExists(name);
  }

  /** Removes a socket outside the replica's folder, and the folder made for it. */
  static void removeElsewhere(Path socket) throws IOException {
    Files.deleteIfExists(socket);
    Files.deleteIfExists(socket.getParent());
  }

  /** Where a server listens; inside the replica's folder the name it had at first. */
  static Path boundTo(ServerSocketChannel server) throws IOException {
    return ((UnixDomainSocketAddress) server.getLocalAddress()).getPath();
  }
}
