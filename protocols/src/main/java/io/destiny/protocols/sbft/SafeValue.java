package io.destiny.protocols.sbft;

import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.protocols.threephase.Outcome;
import io.destiny.protocols.threephase.ViewChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a quorum's VIEW-CHANGEs choose for each slot (sbft.md §5 rule 16). */
final class SafeValue {
  private final QuorumRule rule;

  /** What is said of each slot above the base. */
  private final TreeMap<Long, List<SlotEvidence.Entry>> entries = new TreeMap<>();

  private SafeValue(QuorumRule rule, List<ViewChange> set, long base) {
    this.rule = rule;
    for (ViewChange v : set) {
      for (SlotEvidence.Entry e : ((SlotEvidence) v.evidence()).slots()) {
        if (e.slot() > base) {
          entries.computeIfAbsent(e.slot(), s -> new ArrayList<>()).add(e);
        }
      }
    }
  }

  /**
   * The choice; null if there are too few.
   *
   * @param noop the digest of the null request
   * @param set of distinct senders
   */
  static @Nullable Outcome of(QuorumRule rule, Digest noop, List<ViewChange> set) {
    if (set.size() < rule.quorum()) {
      return null;
    }
    Watermark base = ViewChange.highestBase(set);
    SafeValue safe = new SafeValue(rule, set, base.slot());
    List<Digest> chosen = new ArrayList<>();
    int last = 0;
    for (Map.Entry<Long, List<SlotEvidence.Entry>> e : safe.entries.entrySet()) {
      Digest value = safe.choose(e.getValue());
      if (value != null) {
        int at = (int) (e.getKey() - base.slot());
        chosen.addAll(Collections.nCopies(at - 1 - last, noop));
        chosen.add(value);
        last = at;
      }
    }
    return new Outcome(base, List.copyOf(chosen));
  }

  /** Rules 16 a to d for one slot; null: nothing can have been committed there. */
  private @Nullable Digest choose(List<SlotEvidence.Entry> said) {
    PrepareCertificate prepared = null;
    for (SlotEvidence.Entry e : said) {
      CommitProof proof = e.proof();
      if (proof != null) {
        return proof.value();
      }
      PrepareCertificate p = e.prepared();
      if (p != null && (prepared == null || p.view() > prepared.view())) {
        prepared = p;
      }
    }
    SlotEvidence.Accepted fast = fast(said);
    if (prepared != null && (fast == null || prepared.view() >= fast.view())) {
      return prepared.value();
    }
    return fast == null ? null : fast.value();
  }

  /**
   * 16 c: v̂ and d̂; null if there is none. A value counts with the (f+1)-th highest view in which
   * it is said to have been accepted; two with the same one cannot have been committed fast.
   */
  private SlotEvidence.@Nullable Accepted fast(List<SlotEvidence.Entry> said) {
    TreeMap<Digest, List<Long>> views = new TreeMap<>();
    for (SlotEvidence.Entry e : said) {
      SlotEvidence.Accepted a = e.accepted();
      if (a != null) {
        views.computeIfAbsent(a.value(), v -> new ArrayList<>()).add(a.view());
      }
    }
    SlotEvidence.Accepted best = null;
    boolean tie = false;
    for (Map.Entry<Digest, List<Long>> e : views.entrySet()) {
      if (e.getValue().size() >= rule.weak()) {
        e.getValue().sort(Collections.reverseOrder());
        long w = e.getValue().get(rule.weak() - 1);
        tie = best != null && (w == best.view() || (tie && w < best.view()));
        best = best == null || w > best.view() ? new SlotEvidence.Accepted(w, e.getKey()) : best;
      }
    }
    return tie ? null : best;
  }
}
