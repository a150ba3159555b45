package io.destiny.node.storage;

import io.destiny.core.machine.Settings;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.HexFormat;

/**
 * Whose a data folder is.
 *
 * @param cluster hexadecimal
 */
record Owner(String cluster, long epoch, int replica) {
  private static final int FORMAT = 1;

  static Owner of(Settings settings) {
    return new Owner(
        HexFormat.of().formatHex(settings.domain().cluster()),
        settings.domain().epoch(),
        settings.self());
  }

  byte[] encode() {
    return new Writer(32)
        .u8(FORMAT)
        .raw(HexFormat.of().parseHex(cluster))
        .u32(epoch)
        .u16(replica)
        .toBytes();
  }

  static Owner decode(byte[] bytes) throws MalformedException {
    Reader r = new Reader(bytes);
    if (r.u8() != FORMAT) {
      throw new MalformedException("a data folder of another version of Destiny");
    }
    String cluster = HexFormat.of().formatHex(r.raw(16));
    Owner owner = new Owner(cluster, r.u32(), r.u16());
    r.end();
    return owner;
  }

  @Override
  public String toString() {
    return "replica %d of cluster %s, epoch %d".formatted(replica, cluster, epoch);
  }
}
