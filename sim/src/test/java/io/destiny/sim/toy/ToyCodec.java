package io.destiny.sim.toy;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;

/** The toy's bytes, with the header of 00-system-model §5. */
public final class ToyCodec implements MessageCodec {
  private final Settings settings;

  public ToyCodec(Settings settings) {
    this.settings = settings;
  }

  @Override
  public byte[] encode(Message message, int sender) {
    Writer w = new Writer(message.wireSize());
    w.u8(1).u8(type(message)).u16(0).u32(settings.domain().epoch()).u32(0);
    w.u64(message.sequence()).u16(sender).u16(0);
    switch ((ToyMessage) message) {
      case ToyMessage.Propose m -> m.batch().encode(w);
      case ToyMessage.Ack m -> m.share().encode(w.digest(m.digest()));
      case ToyMessage.Decide m -> m.certificate().encode(w.digest(m.digest()));
      case ToyMessage.Fetch m -> {}
    }
    return w.toBytes();
  }

  private static int type(Message message) {
    return switch ((ToyMessage) message) {
      case ToyMessage.Propose m -> 1;
      case ToyMessage.Ack m -> 2;
      case ToyMessage.Decide m -> 3;
      case ToyMessage.Fetch m -> 4;
    };
  }

  @Override
  public Message decode(byte[] bytes, int sender) throws MalformedException {
    Reader r = new Reader(bytes);
    int version = r.u8();
    int type = r.u8();
    int instance = r.u16();
    long epoch = r.u32();
    long view = r.u32();
    long sequence = r.u64();
    if (version != 1
        || instance != 0
        || epoch != settings.domain().epoch()
        || view != 0
        || r.u16() != sender
        || r.u16() != 0) {
      throw new MalformedException("not a header of the toy");
    }
    Message message =
        switch (type) {
          case 1 ->
              new ToyMessage.Propose(
                  sequence, Batch.decode(settings.domain(), r, settings.limits()));
          case 2 -> new ToyMessage.Ack(sequence, r.digest(), Share.decode(r));
          case 3 -> new ToyMessage.Decide(sequence, r.digest(), Certificate.decode(r));
          case 4 -> new ToyMessage.Fetch(sequence);
          default -> throw new MalformedException("unknown type");
        };
    r.end();
    return message;
  }
}
