package io.destiny.node.toy;

import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;

/** A message with a name, a number and some bytes. */
public record ToyMessage(String kind, long sequence, byte[] body, boolean bulk) implements Message {
  private static final byte[] NOTHING = new byte[0];

  public static final MessageCodec CODEC = new Codec();

  public static ToyMessage small(String kind, long sequence) {
    return new ToyMessage(kind, sequence, NOTHING, false);
  }

  public static ToyMessage large(String kind, long sequence, byte[] body) {
    return new ToyMessage(kind, sequence, body, true);
  }

  @Override
  public int instance() {
    return 0;
  }

  @Override
  public int wireSize() {
    return 2 + 1 + 8 + 4 + kind.length() + 4 + body.length;
  }

  private static final class Codec implements MessageCodec {
    @Override
    public byte[] encode(Message message, int sender) {
      ToyMessage toy = (ToyMessage) message;
      return new Writer(toy.wireSize())
          .u16(sender)
          .u8(toy.bulk ? 1 : 0)
          .u64(toy.sequence)
          .bytes(toy.kind.getBytes(java.nio.charset.StandardCharsets.US_ASCII))
          .bytes(toy.body)
          .toBytes();
    }

    @Override
    public Message decode(byte[] bytes, int sender) throws MalformedException {
      Reader r = new Reader(bytes);
      if (r.u16() != sender) {
        throw new MalformedException("sender is not the channel's");
      }
      boolean bulk = r.u8() == 1;
      long sequence = r.u64();
      String kind = new String(r.bytes(64), java.nio.charset.StandardCharsets.US_ASCII);
      byte[] body = r.bytes(4 << 20);
      r.end();
      return new ToyMessage(kind, sequence, body, bulk);
    }
  }
}
