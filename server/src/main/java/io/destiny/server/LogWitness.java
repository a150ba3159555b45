package io.destiny.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import io.destiny.crypto.trusted.DurableFile;
import io.destiny.node.storage.LogIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a replica of the BFT model whether its log is the one that it voted from
 * (00-system-model.md §8): nothing else shows what it has signed, and one that starts on an empty
 * or an old log would sign something else in the same places.
 *
 * <p>A file outside the data folder testifies which key has voted, from which log, and how often
 * that log was started; the log has the same about itself. A start writes, each step durable before
 * the next:
 *
 * <ol>
 *   <li>into the log: it begins, and which start the file confirmed last
 *   <li>into the file: it begins
 *   <li>into the log: the file has confirmed it
 * </ol>
 *
 * <p>Only then is anything sent. So without a file nothing was ever signed with the key, unless the
 * log says that there was one; and what the file names is in the log, unless that is lost or an
 * older copy. No crash between the steps looks like either.
 *
 * <p>A verdict is final for its key: data that come back afterwards may be a copy from before the
 * last votes. A new key, in a new epoch, begins anew. Not noticed are a copy of the data from after
 * the last start, and a folder that is set back as a whole, file included.
 */
final class LogWitness {
  static final String NAME = "log-witness.yaml";

  private static final Logger LOG = LoggerFactory.getLogger(LogWitness.class);
  private static final int MOST_BYTES = 4096;

  private final DurableFile file;
  private final Path path;
  private final LogIdentity log;
  private final Key present;

  /** What votes are signed with: the right to vote begins and ends with it. */
  record Key(long epoch, String id) {
    static Key of(ClusterManifest manifest, int replica) {
      byte[] signing = manifest.keys().replicas().get(replica).signingKey();
      return new Key(manifest.epoch(), HexFormat.of().formatHex(signing));
    }
  }

  /**
   * What the file says.
   *
   * @param log which log was voted from; empty if that is not known
   * @param starts its last start
   * @param lost the verdict that it is lost, or null
   */
  private record Testimony(Key key, String log, long starts, @Nullable String lost) {
    byte[] encode() throws IOException {
      ObjectNode node = Fields.YAML.createObjectNode();
      node.put("epoch", key.epoch).put("key", key.id).put("starts", starts);
      if (!log.isEmpty()) {
        node.put("log", log);
      }
      if (lost != null) {
        node.put("lost", lost);
      }
      return FolderWriter.yaml(node);
    }

    static Testimony decode(Path path, byte[] bytes) {
      Fields f = Fields.parse(path, bytes);
      Testimony said =
          new Testimony(
              new Key(f.number("epoch", 0, 0xFFFF_FFFFL), f.text("key")),
              f.has("log") ? f.text("log") : "",
              f.number("starts", 0, Long.MAX_VALUE - 1),
              f.has("lost") ? f.text("lost") : null);
      f.end();
      return said;
    }
  }

  /**
   * What the log says.
   *
   * @param log its own name
   * @param begun its last start
   * @param confirmed the last start that the file is known to tell of
   */
  private record Imprint(Key key, String log, long begun, long confirmed) {
    private static final int FORMAT = 1;
    private static final int KEY_BYTES = 32;
    private static final int NAME_BYTES = 16;

    static String name() {
      byte[] name = new byte[NAME_BYTES];
      new SecureRandom().nextBytes(name);
      return HexFormat.of().formatHex(name);
    }

    byte[] encode() {
      return new Writer(80)
          .u8(FORMAT)
          .u32(key.epoch)
          .raw(HexFormat.of().parseHex(key.id))
          .raw(HexFormat.of().parseHex(log))
          .u64(begun)
          .u64(confirmed)
          .toBytes();
    }

    static @Nullable Imprint decode(byte @Nullable [] bytes) throws MalformedException {
      if (bytes == null) {
        return null;
      }
      Reader r = new Reader(bytes);
      if (r.u8() != FORMAT) {
        throw new MalformedException("format");
      }
      Key key = new Key(r.u32(), HexFormat.of().formatHex(r.raw(KEY_BYTES)));
      String log = HexFormat.of().formatHex(r.raw(NAME_BYTES));
      Imprint imprint = new Imprint(key, log, r.u64(), r.u64());
      r.end();
      return imprint;
    }
  }

  /**
   * @param folder of the replica; the data are in another one
   * @param log nobody else writes it meanwhile
   */
  LogWitness(Path folder, LogIdentity log, Key present) {
    this.path = folder.resolve(NAME);
    this.file = new DurableFile(path);
    this.log = log;
    this.present = present;
  }

  /**
   * Judges the log, and counts a start from it.
   *
   * @return why it must not be voted from under the present key; null: it is whole
   * @throws IOException if that cannot be found out, or made durable: nothing may be sent then
   */
  @Nullable String begin() throws IOException {
    Optional<byte[]> bytes = file.read(MOST_BYTES);
    Testimony said;
    try {
      said = bytes.isEmpty() ? null : Testimony.decode(path, bytes.get());
    } catch (ConfigException e) {
      LOG.warn("{}", e.getMessage());
      return lose(null, NAME + " is damaged");
    }
    Imprint imprint;
    try {
      imprint = Imprint.decode(log.read());
    } catch (MalformedException e) {
      LOG.warn("the log's identity", e);
      return lose(said, "what its log says of itself is damaged");
    }
    String foreign = foreign(said, imprint);
    if (foreign != null) {
      return lose(said, foreign);
    }
    Testimony mine = said != null && said.key.equals(present) ? said : null;
    Imprint own = imprint != null && imprint.key.equals(present) ? imprint : null;
    String lost = judge(mine, own);
    if (lost != null) {
      return lose(said, lost);
    }
    count(mine, own);
    return null;
  }

  /** Words about a key that cannot have come before the present one. */
  private @Nullable String foreign(@Nullable Testimony said, @Nullable Imprint imprint) {
    if (said != null && isForeign(said.key)) {
      return "%s is of another key, in epoch %d".formatted(NAME, said.key.epoch);
    }
    return imprint != null && isForeign(imprint.key)
        ? "its log is of another key, in epoch %d".formatted(imprint.key.epoch)
        : null;
  }

  private boolean isForeign(Key key) {
    return !key.equals(present) && key.epoch >= present.epoch;
  }

  private static @Nullable String judge(@Nullable Testimony said, @Nullable Imprint own) {
    if (said == null) {
      // A log from before there were witnesses has no imprint, and is taken as it is.
      return own == null || own.confirmed == 0 ? null : NAME + " is missing, or older than the log";
    }
    if (said.lost != null) {
      return said.lost;
    }
    if (own == null || !own.log.equals(said.log)) {
      return "its log is gone";
    }
    if (own.begun < said.starts) {
      return "its log is an old copy: it was started %d times, and this one ends with start %d"
          .formatted(said.starts, own.begun);
    }
    return said.starts < own.confirmed ? NAME + " is older than the log" : null;
  }

  private void count(@Nullable Testimony said, @Nullable Imprint own) throws IOException {
    String name = own == null ? Imprint.name() : own.log;
    long confirmed = said == null ? 0 : said.starts;
    long next = Math.max(confirmed, own == null ? 0 : own.begun) + 1;
    log.write(new Imprint(present, name, next, confirmed).encode());
    file.replace(new Testimony(present, name, next, null).encode());
    log.write(new Imprint(present, name, next, next).encode());
  }

  /** The verdict, to be found by later starts; words about a later key are left as they are. */
  private String lose(@Nullable Testimony said, String why) throws IOException {
    if (said != null && said.key.equals(present)) {
      if (said.lost == null) {
        file.replace(new Testimony(present, said.log, said.starts, why).encode());
      }
    } else if (said == null || said.key.epoch <= present.epoch) {
      file.replace(new Testimony(present, "", 0, why).encode());
    }
    return why;
  }

  @Override
  public String toString() {
    return "witness " + path;
  }
}
