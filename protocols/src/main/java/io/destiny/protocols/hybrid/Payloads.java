package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Result;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Validity;
import io.destiny.core.engine.Value;
import io.destiny.core.kit.Jobs;
import io.destiny.core.machine.DropReason;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybrid.HybridMessage.Ask;
import io.destiny.protocols.hybrid.HybridMessage.Payload;
import io.destiny.protocols.hybrid.HybridMessage.Wanted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Payloads that a view change refers to by digest (hybster.md §5 rules 12 and 13): fetched from who
 * reports them, valid or not counted. Only what certified proposals name is wanted, which bounds
 * it.
 */
final class Payloads {
  /** Asked for in one round. */
  private static final int MOST_ASKED = 64;

  /** Two slots may have equal payloads, and one of them may be forgotten by all others. */
  private record Key(long slot, Digest digest) {}

  private static final class Sought {
    final TreeSet<Integer> reporters = new TreeSet<>();
    int attempts;
    boolean bad;
    boolean checking;
    @Nullable Value value;
  }

  private final HybridHost host;
  private final Map<Key, Sought> sought = new LinkedHashMap<>();
  private final Jobs jobs;

  /** What is done when something that was missing has come late. */
  private final Consumer<Port> progress;

  Payloads(HybridHost host, Jobs jobs, Consumer<Port> progress) {
    this.host = host;
    this.jobs = jobs;
    this.progress = progress;
  }

  /** The valid payload of a proposal; null, and then it is sought, if it is not held. */
  @Nullable Value get(long slot, Digest digest, int reporter) {
    Value held = host.payload(slot, digest);
    if (held != null) {
      return held;
    }
    Sought s = sought.computeIfAbsent(new Key(slot, digest), k -> new Sought());
    s.reporters.add(reporter);
    return s.value;
  }

  /** The same of a re-proposal; null, too, where a NEW-VIEW makes none. */
  @Nullable Value get(NewView.Content content, long slot) {
    Digest digest = content.value(slot);
    return digest == null ? null : get(slot, digest, host.settings().self());
  }

  /** A valid payload from the log. */
  void restored(long slot, Value value) {
    sought.computeIfAbsent(new Key(slot, value.digest()), k -> new Sought()).value = value;
  }

  /** The checkpoint is stable up to here: nothing below is needed any more. */
  void forget(long upTo) {
    sought.keySet().removeIf(key -> key.slot <= upTo);
  }

  /** Whether something is missing. */
  boolean missing() {
    return sought.values().stream().anyMatch(s -> s.value == null && !s.bad);
  }

  /** Asks reporters in turn for what is missing; only for the first time if {@code first}. */
  void ask(boolean first, Port port) {
    int asked = 0;
    for (Map.Entry<Key, Sought> e : sought.entrySet()) {
      Sought s = e.getValue();
      if (s.value != null || s.bad || s.checking || (first && s.attempts > 0)) {
        continue;
      }
      List<Integer> reporters = new ArrayList<>(s.reporters);
      int to = reporters.get(s.attempts++ % reporters.size());
      if (to == host.settings().self() || s.attempts % 3 == 0) {
        // Whoever committed it has it as well.
        to = port.random().nextInt(host.settings().n());
      }
      if (to != host.settings().self()) {
        Key key = e.getKey();
        port.send(to, new Ask(host.instance(), 0, Wanted.PAYLOAD, key.slot, key.digest));
      }
      if (++asked == MOST_ASKED) {
        return;
      }
    }
  }

  /** PAYLOAD. True: something that was missing is held now. */
  boolean onPayload(int from, Payload m, Port port) {
    Key key = new Key(m.slot(), m.value().digest());
    Sought s = sought.get(key);
    if (s == null || s.value != null || s.bad || s.checking) {
      port.drop(DropReason.UNEXPECTED, from, "Payload");
      return false;
    }
    switch (port.validate(m.value())) {
      case Validity.Valid v -> {
        s.value = m.value();
        return true;
      }
      case Validity.Invalid i -> {
        s.bad = true;
        port.drop(i.reason(), from, "Payload");
      }
      case Validity.Depends d -> {
        s.checking = true;
        jobs.compute(
            d.work(),
            port,
            (result, turn) -> checked(from, m, ((Result.Verdict) result).valid(), turn));
      }
    }
    return false;
  }

  private void checked(int from, Payload m, boolean valid, Port port) {
    Sought s = sought.get(new Key(m.slot(), m.value().digest()));
    if (s == null) {
      return;
    }
    s.checking = false;
    if (valid) {
      s.value = m.value();
      progress.accept(port);
    } else {
      s.bad = true;
      port.drop(DropReason.INVALID, from, m.kind());
    }
  }

  /** What was fetched and is still here: for others that fetch it now. */
  @Nullable Value held(long slot, Digest digest) {
    Sought s = sought.get(new Key(slot, digest));
    return s == null ? null : s.value;
  }

  void clear() {
    sought.clear();
  }
}
