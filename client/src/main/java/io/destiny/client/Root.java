package io.destiny.client;

import io.destiny.core.model.Digest;
import io.destiny.core.model.Reply;
import io.destiny.core.statement.Domain;

/** A result root and where it stands: what an execution certificate certifies. */
record Root(int instance, long slot, long position, Digest digest) {
  static Root of(Reply.Place place) {
    return new Root(place.instance(), place.slot(), place.position(), place.root());
  }

  byte[] statement(Domain domain) {
    return domain.execution(instance, slot, position, digest);
  }
}
