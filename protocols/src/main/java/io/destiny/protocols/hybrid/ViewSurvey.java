package io.destiny.protocols.hybrid;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.LogSurvey;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.model.Digest;
import io.destiny.core.trusted.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the last view of an instance that was ever entered, in the logs of all reachable replicas.
 * Its NEW-VIEW says what the views before it may have committed (hybster.md §5.3), so the proposals
 * of earlier views need not be looked at where it has its say. A replica has it in its log before
 * it signs anything in that view (§6): one that no log has was followed by no vote that counts.
 */
public final class ViewSurvey {
  private record Shown(int replica, NewView newView, Digest digest) {}

  private final HybridHost host;
  private final HybridCodec codec;
  private final Validation validation;
  private final LogSurvey.Judge judge;
  private final TreeMap<Long, List<Shown>> shown = new TreeMap<>();
  private final TreeMap<Long, List<Certificate>> proofs = new TreeMap<>();

  /** The verdicts so far; a list of none: the view has no valid NEW-VIEW. */
  private final TreeMap<Long, List<NewView>> known = new TreeMap<>();

  public ViewSurvey(HybridHost host, HybridCodec codec, LogSurvey.Judge judge) {
    this.host = host;
    this.codec = codec;
    this.validation = new Validation(host);
    this.judge = judge;
  }

  /** Whether a record is read here. */
  public static boolean owns(LogRecord record) {
    return record.kind() == ViewRecord.KIND;
  }

  /** Takes a replica's record. */
  public void add(int replica, LogRecord record) {
    ViewRecord r;
    try {
      r = ViewRecord.of(record, codec);
    } catch (IllegalStateException e) {
      judge.rejected(replica, "the record of views is damaged");
      return;
    }
    r.kept()
        .forEach(
            (view, n) -> {
              if (view > 0 && view < Counters.VIEW_LIMIT) {
                Digest digest = n.content().digest(host.settings().domain());
                shown
                    .computeIfAbsent(view, v -> new ArrayList<>())
                    .add(new Shown(replica, n, digest));
              } else {
                judge.rejected(replica, "a NEW-VIEW of no view");
              }
            });
    r.proofs()
        .forEach((view, proof) -> proofs.computeIfAbsent(view, v -> new ArrayList<>()).add(proof));
  }

  /** The NEW-VIEW of the last view that was entered; null: that is view 0. */
  public @Nullable NewView last(Port port) {
    // The lower ones first: a liar's chain of them may be deeper than the stack.
    for (long view : shown.keySet()) {
      known(view, port);
    }
    for (long view : shown.descendingKeySet()) {
      NewView n = known(view, port);
      if (n != null) {
        return n;
      }
    }
    return null;
  }

  /**
   * The NEW-VIEW whose proposals a valid one took over; null for that of view 0, or if no log has
   * it.
   */
  public NewView.@Nullable Content before(NewView.Content next, Port port) {
    NewView before = next.from() == 0 ? null : known(next.from(), port);
    return before == null ? null : before.content();
  }

  private @Nullable NewView known(long view, Port port) {
    List<NewView> verdict = known.get(view);
    if (verdict == null) {
      NewView found = find(view, port);
      verdict = found == null ? List.of() : List.of(found);
      known.put(view, verdict);
    }
    return verdict.isEmpty() ? null : verdict.getFirst();
  }

  private @Nullable NewView find(long view, Port port) {
    for (Shown s : shown.getOrDefault(view, List.of())) {
      if (valid(s, port)) {
        return s.newView;
      }
      judge.rejected(s.replica, "the NEW-VIEW of view " + view + " is not valid");
    }
    return null;
  }

  private boolean valid(Shown s, Port port) {
    NewView n = s.newView;
    return validation.wellFormed(n)
        && judge.holds(validation.attestation(n, s.digest))
        && judge.holds(new Work.All(validation.proposals(n)))
        && (proven(s) || follows(n, port));
  }

  /** f+1 replicas vouched for it. */
  private boolean proven(Shown s) {
    byte[] statement =
        host.settings().domain().newViewAck(host.instance(), s.newView.view(), s.digest);
    return proofs.getOrDefault(s.newView.view(), List.of()).stream()
        .distinct()
        .anyMatch(
            proof ->
                judge.holds(new Work.VerifyCertificate(KeyPurpose.EXECUTION, statement, proof)));
  }

  /** It follows from the VIEW-CHANGEs in it, and from the NEW-VIEW that these rest on. */
  private boolean follows(NewView n, Port port) {
    long from = n.content().from();
    NewView before = from == 0 ? null : known(from, port);
    if (from > 0 && before == null) {
      return false;
    }
    List<Work> works = validation.newView(n, before == null ? null : before.content(), port);
    return works != null && judge.holds(new Work.All(works));
  }
}
