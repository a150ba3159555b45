package io.destiny.core.machine;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import org.jspecify.annotations.Nullable;

/**
 * The codec of one family of messages; {@link io.destiny.core.kit.JoinedCodec} makes a protocol's
 * codec of several.
 */
public interface FamilyCodec {
  /** The header of a message of this family; null for one of another family. */
  @Nullable Header header(Message message);

  /** Appends the fields after the header. */
  void encodeBody(Message message, Writer w);

  /** The message of this header and body; null for a type of another family. */
  @Nullable Message decode(Header header, Reader r) throws MalformedException;
}
