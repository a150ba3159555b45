package io.destiny.core.model;

import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * REQUEST(c, t, op, sig) of 00-system-model §6. The operation is a group: 1 to 65535 commands under
 * one signature, one timestamp and one Merkle leaf.
 *
 * <p>The digest covers the signature too: two requests with one digest are byte for byte the same,
 * so whether a payload is valid is a function of its digest alone.
 */
public final class Request {
  /** Most commands in one group. */
  public static final int MAX_GROUP = 0xFFFF;

  /** Longest client signature accepted, in bytes (Ed25519 has 64, ECDSA P-256 in DER up to 72). */
  public static final int MAX_SIGNATURE = 80;

  /** Encoded length of a request with one empty command and no signature. */
  static final int SHORTEST = 8 + 8 + 4 + 2 + 4 + 4;

  private final long client;
  private final long timestamp;
  private final List<byte[]> commands;
  private final byte[] operation;
  private final byte[] signature;
  private final byte[] statement;
  private final Digest digest;
  private @Nullable List<Command> calls;

  private Request(
      Domain domain,
      long client,
      long timestamp,
      byte[] operation,
      List<byte[]> commands,
      byte[] signature) {
    this.client = client;
    this.timestamp = timestamp;
    this.operation = operation;
    this.commands = commands;
    this.signature = signature;
    this.statement = domain.request(client, timestamp, operation);
    this.digest = Digest.of(statement, signature);
  }

  /**
   * A request made of its parts; {@code signature} is that of {@link Domain#request} under the
   * client's key.
   */
  public static Request of(
      Domain domain, long client, long timestamp, List<byte[]> commands, byte[] signature) {
    return new Request(
        domain, client, timestamp, group(commands), List.copyOf(commands), signature);
  }

  /** The encoded operation of a group: count u16, then each command with a u32 length. */
  public static byte[] group(List<byte[]> commands) {
    if (commands.isEmpty() || commands.size() > MAX_GROUP) {
      throw new IllegalArgumentException("a group has 1 to 65535 commands, not " + commands.size());
    }
    int size = 2;
    for (byte[] command : commands) {
      size += 4 + command.length;
    }
    Writer w = new Writer(size).u16(commands.size());
    for (byte[] command : commands) {
      w.bytes(command);
    }
    return w.toBytes();
  }

  /** Reads one request; refuses an operation longer than {@code maxOperation} bytes. */
  public static Request decode(Domain domain, Reader r, int maxOperation)
      throws MalformedException {
    long client = r.u64();
    long timestamp = r.u64();
    byte[] operation = r.bytes(maxOperation);
    byte[] signature = r.bytes(MAX_SIGNATURE);
    Reader ops = new Reader(operation);
    int count = ops.u16();
    if (count == 0) {
      throw new MalformedException("empty group");
    }
    List<byte[]> commands = new ArrayList<>(Math.min(count, operation.length / 4 + 1));
    for (int i = 0; i < count; i++) {
      commands.add(ops.bytes(maxOperation));
    }
    ops.end();
    return new Request(domain, client, timestamp, operation, List.copyOf(commands), signature);
  }

  /** Appends the encoded form: c u64, t u64, op and signature with u32 lengths. */
  public void encode(Writer w) {
    w.u64(client).u64(timestamp).bytes(operation).bytes(signature);
  }

  /** Encoded length in bytes. */
  public int encodedLength() {
    return 8 + 8 + 4 + operation.length + 4 + signature.length;
  }

  /** Principal in the upper 32 bits, session in the lower 32. */
  public long client() {
    return client;
  }

  /** The enrolled key's number. */
  public static int principal(long client) {
    return (int) (client >>> 32);
  }

  public long timestamp() {
    return timestamp;
  }

  /** The commands of the group, not to be modified. */
  public List<byte[]> commands() {
    return commands;
  }

  /** The same as the application gets them; made when they are first asked for. */
  public List<Command> calls() {
    List<Command> known = calls;
    if (known == null) {
      List<Command> made = new ArrayList<>(commands.size());
      for (byte[] command : commands) {
        made.add(new Command(client, timestamp, command));
      }
      known = List.copyOf(made);
      calls = known;
    }
    return known;
  }

  public byte[] signature() {
    return signature;
  }

  /** The bytes that the client signed. */
  public byte[] statement() {
    return statement;
  }

  /** H(signed statement ‖ signature). */
  public Digest digest() {
    return digest;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Request r && r.digest.equals(digest);
  }

  @Override
  public int hashCode() {
    return digest.hashCode();
  }

  @Override
  public String toString() {
    return "request(" + Long.toHexString(client) + "," + timestamp + ")";
  }
}
