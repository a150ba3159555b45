package io.destiny.protocols.threephase;

import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.ArrayList;
import java.util.List;

/**
 * An entry of P or of Q: the highest view in which a replica prepared, or pre-prepared, this digest
 * at this slot. A claim, which proves nothing (pbft.md §7).
 */
public record SlotClaim(long slot, Digest value, long view) {
  static final int BYTES = 8 + Digest.BYTES + 4;

  void encode(Writer w) {
    w.u64(slot).digest(value).u32(view);
  }

  static void encode(List<SlotClaim> claims, Writer w) {
    w.u32(claims.size());
    claims.forEach(c -> c.encode(w));
  }

  static List<SlotClaim> decodeAll(Reader r) throws MalformedException {
    long count = r.u32();
    if (count > r.remaining() / BYTES) {
      throw new MalformedException("more entries than bytes");
    }
    List<SlotClaim> claims = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      claims.add(new SlotClaim(r.u64(), r.digest(), r.u32()));
    }
    return List.copyOf(claims);
  }
}
