package io.destiny.sim.check;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Instances;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.StatementKind;
import io.destiny.core.statement.Writer;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.TraceListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The vote gate (S4, dqbft.md §4 rule 4): a correct replica votes for an O-list only if it was
 * shown every slot that the list adds. Reads the lists out of the bytes of the proposals.
 */
public final class GateCheck implements TraceListener {
  private static final int HEADER = 24;

  /** The kind of an ORDER entry. */
  private static final int ORDER = 1;

  /** The flag of a proposal without a share. */
  private static final int WITHOUT_SHARE = 2;

  private record Entry(int instance, long slot) {}

  private record Proposed(Digest digest, List<Entry> entries) {}

  /** What one replica was shown. */
  private static final class Shown {
    final Map<Integer, BitSet> slots = new HashMap<>();

    /** By O-slot: the lists proposed to it. */
    final TreeMap<Long, List<Proposed>> lists = new TreeMap<>();

    /** By O-view: the last slot that its NEW-VIEW re-proposes; the gates are for fresh lists. */
    final TreeMap<Long, Long> reproposed = new TreeMap<>();

    BitSet of(int instance) {
      return slots.computeIfAbsent(instance, i -> new BitSet());
    }
  }

  private static final int MOST_SLOTS = 1 << 20;

  private final Scope scope;
  private final Scope.Count s4;
  private final Domain domain;
  private final Map<Integer, Shown> replicas = new HashMap<>();

  /** Per instance: the last slot that anybody executed. */
  private final Map<Integer, Long> executed = new HashMap<>();

  public GateCheck(Scope scope, Domain domain) {
    this.scope = scope;
    this.domain = domain;
    this.s4 = scope.count("S4");
  }

  private Shown shown(int replica) {
    return replicas.computeIfAbsent(replica, r -> new Shown());
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    look(from, frame);
  }

  @Override
  public void delivered(int from, int to, Frame frame) {
    look(to, frame);
  }

  private void look(int replica, Frame frame) {
    if (!scope.correct(replica)) {
      return;
    }
    String kind = frame.kind();
    // A re-proposed list comes by its digest, alone behind the header.
    boolean alone = kind.equals("Payload");
    if (!alone && !kind.equals("Prepare") && !kind.equals("Forward") && !kind.equals("Commit")) {
      return;
    }
    try {
      Reader r = new Reader(frame.bytes());
      r.u16();
      int instance = r.u16();
      r.u32();
      r.u32();
      long slot = r.u64();
      int start = alone ? HEADER : payload(frame.bytes());
      if (instance != Instances.ORDER) {
        if (!alone && slot < MOST_SLOTS && slot > 0) {
          shown(replica).of(instance).set((int) slot);
        }
      } else if (!kind.equals("Commit") && frame.bytes().length > start) {
        Proposed list = list(frame.bytes(), start);
        // The digest in a proposal may be another list's: then it decodes nowhere.
        if (alone || list.digest.equals(claimed(frame.bytes()))) {
          List<Proposed> known =
              shown(replica).lists.computeIfAbsent(slot, s -> new ArrayList<>(1));
          if (known.stream().noneMatch(l -> l.digest.equals(list.digest))) {
            known.add(list);
          }
        }
      }
    } catch (MalformedException e) {
      // bytes that are no message; the replica's decoder says the same
    }
  }

  /** Header, digest, share if any, attestation; then the list: time u64, count u16, entries. */
  private static int payload(byte[] proposal) {
    boolean share = proposal.length < HEADER || (proposal[HEADER - 1] & WITHOUT_SHARE) == 0;
    return HEADER + 32 + (share ? 48 : 0) + 64;
  }

  private static Digest claimed(byte[] proposal) throws MalformedException {
    Reader r = new Reader(proposal);
    r.raw(HEADER);
    return r.digest();
  }

  /** The list that begins there, with its digest (dqbft.md §2), worked out once more. */
  private Proposed list(byte[] bytes, int start) throws MalformedException {
    Writer w = domain.begin(StatementKind.ORDER_LIST, Instances.ORDER, 0, 0);
    Digest digest = Digest.of(w.raw(Arrays.copyOfRange(bytes, start, bytes.length)).toBytes());
    Reader r = new Reader(bytes);
    r.raw(start);
    r.u64();
    int count = r.u16();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count && r.u8() == ORDER; i++) {
      // ASSIGN entries follow; no vote waits for them.
      int instance = r.u16();
      entries.add(new Entry(instance, r.u64()));
      r.u8();
    }
    return new Proposed(digest, entries);
  }

  @Override
  public void effect(int replica, long number, Effect effect) {
    if (effect instanceof Effect.Note(Effect.Event.Ordered o) && scope.correct(replica)) {
      executed.merge(o.instance(), o.slot(), Math::max);
    }
    if (effect instanceof Effect.Note(Effect.Event.Committed c)
        && scope.correct(replica)
        && c.instance() != Instances.ORDER
        && c.slot() < MOST_SLOTS) {
      // It holds a quorum of votes, which shows more than a proposal.
      shown(replica).of(c.instance()).set((int) c.slot());
    }
    if (effect instanceof Effect.Note(Effect.Event.Entered e) && scope.correct(replica)) {
      if (e.instance() == Instances.ORDER) {
        shown(replica).reproposed.put(e.view(), e.max());
      } else {
        // A checkpoint's base is executed: by somebody here, or in the epoch before.
        executed.merge(e.instance(), e.base(), Math::max);
        // Its NEW-VIEW has shown them.
        for (long slot = e.base() + 1; slot <= Math.min(e.max(), MOST_SLOTS - 1); slot++) {
          shown(replica).of(e.instance()).set((int) slot);
        }
      }
    }
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    if (!(call instanceof TrustedCall.Independent f1)
        || f1.instance() != Instances.ORDER
        || f1.counter() != Counters.ORDER
        || !(result instanceof Result.Certified)
        || !scope.correct(replica)) {
      return;
    }
    Shown shown = shown(replica);
    forget(shown);
    long slot = Counters.slot(f1.value());
    long view = Counters.view(f1.value());
    // A new leader certifies its re-proposals before it enters: the view is not known here yet.
    if (slot <= shown.reproposed.getOrDefault(view, view == 0 ? 0 : Long.MAX_VALUE)) {
      return;
    }
    for (Proposed list : shown.lists.getOrDefault(slot, List.of())) {
      Digest statement =
          domain.proposal(Instances.ORDER, Counters.view(f1.value()), slot, list.digest);
      if (statement.equals(f1.message())) {
        judge(replica, shown, slot, list);
      }
    }
  }

  /** Lists that name nothing but what somebody has executed, from the first on. */
  private void forget(Shown shown) {
    while (!shown.lists.isEmpty()
        && shown.lists.firstEntry().getValue().stream().allMatch(this::over)) {
      shown.lists.pollFirstEntry();
    }
  }

  private boolean over(Proposed list) {
    return list.entries.stream().allMatch(e -> e.slot <= executed.getOrDefault(e.instance, 0L));
  }

  private void judge(int replica, Shown shown, long slot, Proposed list) {
    for (Entry e : list.entries) {
      s4.checked++;
      BitSet slots = shown.of(e.instance);
      // A re-proposed list may name the highest number there is.
      for (long s = covered(shown, slot, e.instance); s < e.slot; ) {
        s++;
        if (s >= MOST_SLOTS || !slots.get((int) s)) {
          throw new Violation(
              "S4",
              "R%d votes for a list that names slot %d of %s, which nobody has shown it"
                  .formatted(replica, s, Instances.name(e.instance)));
        }
      }
    }
  }

  /** What lists before this one name, or somebody has executed. */
  private long covered(Shown shown, long before, int instance) {
    long covered = executed.getOrDefault(instance, 0L);
    for (List<Proposed> lists : shown.lists.headMap(before, false).values()) {
      for (Proposed list : lists) {
        for (Entry e : list.entries) {
          if (e.instance == instance) {
            covered = Math.max(covered, e.slot);
          }
        }
      }
    }
    return covered;
  }
}
