package io.destiny.core.model;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * RECONFIG (dqbft.md §8): the one command of the administrators' principal. Ordered like any other
 * command, so that it is retransmitted, adopted and answered like one; carried out by the order
 * itself, never by the application. Its request signature is the provisioner's.
 *
 * @param epoch the epoch that it begins; without effect unless that is the next one
 * @param n N of that epoch; replica i of it owns D_i
 * @param manifest what drivers need of the epoch: keys and addresses; opaque here
 */
public record Reconfiguration(long epoch, int n, byte[] manifest) {
  /** The administrators' client identifier: the last principal, session 0. */
  public static final long CLIENT = 0xFFFF_FFFF_0000_0000L;

  /** Largest N of any cluster. */
  public static final int MOST_REPLICAS = 1024;

  /** Longest manifest: with what else a checkpoint says of the order it fits into one chunk. */
  public static final int MOST_MANIFEST_BYTES = 1 << 19;

  /** Whether a client identifier is one of the administrators'. */
  public static boolean administers(long client) {
    return Request.principal(client) == Request.principal(CLIENT);
  }

  /** What the command answers: one byte, 1 if it took effect, else 0. */
  public static byte[] result(boolean tookEffect) {
    return new byte[] {(byte) (tookEffect ? 1 : 0)};
  }

  /** The command. */
  public byte[] encode() {
    return new Writer(16 + manifest.length).u32(epoch).u16(n).bytes(manifest).toBytes();
  }

  /** Reads it back. */
  public static Reconfiguration decode(byte[] bytes) throws MalformedException {
    Reader r = new Reader(bytes);
    Reconfiguration decoded = new Reconfiguration(r.u32(), r.u16(), r.bytes(bytes.length));
    r.end();
    if (decoded.n == 0
        || decoded.n > MOST_REPLICAS
        || decoded.manifest.length > MOST_MANIFEST_BYTES) {
      throw new MalformedException("no such cluster");
    }
    return decoded;
  }

  /** What a request of the administrators asks for; null if it is none. */
  public static @Nullable Reconfiguration of(Request request) {
    List<byte[]> commands = request.commands();
    if (!administers(request.client()) || commands.size() != 1) {
      return null;
    }
    try {
      return decode(commands.getFirst());
    } catch (MalformedException e) {
      return null;
    }
  }
}
