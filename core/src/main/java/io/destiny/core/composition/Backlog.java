package io.destiny.core.composition;

import io.destiny.core.machine.DropReason;
import io.destiny.core.model.Request;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The requests that are known here and not executed, of each client that with its highest t
 * (00-system-model §6). How far each has come is its composer's to say.
 *
 * @param <H> what the composer holds of a request
 */
public final class Backlog<H extends Batcher.Held> {
  /** Most requests held. */
  private static final int MOST = 1 << 16;

  /** No further client's request is taken beyond this. */
  private static final long MOST_BYTES = 64 << 20;

  private final Map<Long, H> byClient = new LinkedHashMap<>();
  private long bytes;

  public int size() {
    return byClient.size();
  }

  /** All, in the order in which they came. */
  public Collection<H> all() {
    return Collections.unmodifiableCollection(byClient.values());
  }

  /** Whose requests are held, in order. */
  public List<Long> clients() {
    return byClient.keySet().stream().sorted().toList();
  }

  public @Nullable H get(long client) {
    return byClient.get(client);
  }

  /** What is held of a client, if its t is not above this one. */
  public @Nullable H upTo(long client, long timestamp) {
    H held = byClient.get(client);
    return held == null || held.request().timestamp() > timestamp ? null : held;
  }

  /** Whether it is held, and no other in its place. */
  public boolean has(H held) {
    return held.equals(byClient.get(held.request().client()));
  }

  /** Why a request is not to be held; null: it is, in the place of its client's last one. */
  public @Nullable DropReason refuses(Request request) {
    H before = byClient.get(request.client());
    if (before != null) {
      return before.request().timestamp() >= request.timestamp() ? DropReason.DUPLICATE : null;
    }
    return byClient.size() >= MOST || bytes > MOST_BYTES ? DropReason.FULL : null;
  }

  /** Holds a request of a client of which none is held. */
  public void put(H held) {
    byClient.put(held.request().client(), held);
    bytes += held.request().encodedLength();
  }

  public void remove(H held) {
    byClient.remove(held.request().client());
    bytes -= held.request().encodedLength();
  }
}
