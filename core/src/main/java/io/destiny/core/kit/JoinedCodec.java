package io.destiny.core.kit;

import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.machine.Header;
import io.destiny.core.machine.Message;
import io.destiny.core.machine.MessageCodec;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.List;

/** One protocol's codec, made of the codecs of its message families. */
public final class JoinedCodec implements MessageCodec {
  private final Settings settings;
  private final List<FamilyCodec> families;

  public JoinedCodec(Settings settings, List<FamilyCodec> families) {
    this.settings = settings;
    this.families = List.copyOf(families);
  }

  @Override
  public byte[] encode(Message message, int sender) {
    for (FamilyCodec family : families) {
      Header header = family.header(message);
      if (header != null) {
        Writer w = new Writer(message.wireSize());
        long epoch = settings.domain().epoch();
        header.encode(message instanceof KitMessage.Former ? epoch - 1 : epoch, sender, w);
        family.encodeBody(message, w);
        return w.toBytes();
      }
    }
    throw new IllegalArgumentException("no codec for " + message.kind());
  }

  @Override
  public Message decode(byte[] bytes, int sender) throws MalformedException {
    if (bytes.length > settings.limits().maxMessageBytes()) {
      throw new MalformedException("message over its limit");
    }
    Reader r = new Reader(bytes);
    long own = settings.domain().epoch();
    long epoch = Header.epoch(bytes) == own - 1 ? own - 1 : own;
    Header header = Header.decode(r, epoch, sender);
    if (!Instances.exists(header.instance(), settings.n(), settings.tuning().pillars())) {
      throw new MalformedException("unknown instance");
    }
    for (FamilyCodec family : families) {
      Message message = family.decode(header, r);
      if (message != null) {
        r.end();
        return epoch == own ? message : former(message);
      }
    }
    throw new MalformedException("unknown type");
  }

  private static Message former(Message message) throws MalformedException {
    if (message instanceof KitMessage m) {
      return new KitMessage.Former(m);
    }
    throw new MalformedException("of the epoch before");
  }
}
