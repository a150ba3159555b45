package io.destiny.protocols.threephase;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.engine.Port;
import io.destiny.core.engine.Validity;
import io.destiny.core.machine.DropReason;
import io.destiny.core.model.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The VIEW-CHANGEs and NEW-VIEWs that are held: of each sender the newest one, and those that a
 * NEW-VIEW refers to. All are valid by rule 11, signatures included.
 */
final class ViewChanges {
  /** Most VIEW-CHANGEs asked for in one round: a faulty primary may name what nobody has. */
  private static final int MOST_ASKED = 512;

  /** With its hash, which takes reading all of it. */
  private record Kept(ViewChange viewChange, Digest id) {}

  private final ThreePhaseEngine engine;
  private final TreeMap<Integer, Kept> latest = new TreeMap<>();

  /** NEW-VIEWs that are not entered, of each primary one: its signature is good. */
  private final TreeMap<Integer, NewView> offered = new TreeMap<>();

  /** What those refer to and {@link #latest} does not have, by hash; only that is taken. */
  private final TreeMap<Digest, ViewChange> referred = new TreeMap<>();

  /** Of each peer one VIEW-CHANGE and one NEW-VIEW are checked at a time. */
  private final TreeMap<Integer, Boolean> checking = new TreeMap<>();

  private final TreeMap<Integer, Boolean> checkingNewView = new TreeMap<>();

  ViewChanges(ThreePhaseEngine engine) {
    this.engine = engine;
  }

  // ---- what is held

  /** The newest of each sender that wants this view or a later one. */
  List<ViewChange> from(long view) {
    return latest.values().stream().map(Kept::viewChange).filter(v -> v.view() >= view).toList();
  }

  void keep(ViewChange valid) {
    if (newer(valid)) {
      latest.put(valid.replica(), new Kept(valid, id(valid)));
    }
  }

  private boolean newer(ViewChange v) {
    Kept before = latest.get(v.replica());
    return before == null || before.viewChange.view() < v.view();
  }

  /** A view was entered: what is of it or of earlier ones is of no use any more. */
  void forget(long entered) {
    latest.values().removeIf(k -> k.viewChange.view() <= entered);
    offered.values().removeIf(v -> v.view() <= entered);
    referred.values().removeIf(v -> v.view() <= entered);
  }

  /** NEW-VIEWs for this view or later ones, the earliest first. */
  List<NewView> offered(long view) {
    return offered.values().stream()
        .filter(v -> v.view() >= view)
        .sorted((a, b) -> Long.compare(a.view(), b.view()))
        .toList();
  }

  void reject(NewView newView) {
    offered.remove(engine.leader(newView.view()));
  }

  private Digest id(ViewChange v) {
    return v.id(engine.settings.domain(), engine.instance);
  }

  @Nullable ViewChange find(NewView.Reference reference) {
    Kept kept = latest.get(reference.replica());
    return kept != null && kept.id.equals(reference.id())
        ? kept.viewChange
        : referred.get(reference.id());
  }

  /** One by its hash, for a peer that asks. */
  @Nullable ViewChange find(Digest id) {
    for (Kept kept : latest.values()) {
      if (kept.id.equals(id)) {
        return kept.viewChange;
      }
    }
    return referred.get(id);
  }

  /** All that a NEW-VIEW refers to, in order; null if one is missing. */
  @Nullable List<ViewChange> resolve(NewView newView) {
    List<ViewChange> all = new ArrayList<>();
    for (NewView.Reference reference : newView.references()) {
      ViewChange v = find(reference);
      if (v == null) {
        return null;
      }
      all.add(v);
    }
    return all;
  }

  /** Asks for what NEW-VIEWs refer to and is missing: its sender, the primary, or anybody. */
  void ask(Port port) {
    int asked = 0;
    for (NewView newView : offered(engine.view())) {
      for (NewView.Reference reference : newView.references()) {
        if (find(reference) == null && asked++ < MOST_ASKED) {
          int n = engine.settings.n();
          int to =
              port.random().nextBoolean()
                  ? engine.leader(newView.view())
                  : port.random().nextInt(n);
          if (to != engine.settings.self()) {
            port.send(
                to, new ThreePhaseMessage.Ask(engine.instance, newView.view(), 0, reference.id()));
          }
        }
      }
    }
  }

  boolean isMissing() {
    return offered(engine.view()).stream().anyMatch(v -> resolve(v) == null);
  }

  private boolean wanted(ViewChange v) {
    if (offered.isEmpty()) {
      return false;
    }
    Digest id = id(v);
    for (NewView newView : offered.values()) {
      boolean named =
          newView.view() == v.view()
              && newView.references().contains(new NewView.Reference(v.replica(), id));
      if (named && find(id) == null) {
        return true;
      }
    }
    return false;
  }

  // ---- what comes in

  /** Rule 11. */
  void onViewChange(int from, ViewChange v, Port port) {
    if (v.view() <= engine.installed()) {
      engine.views.lead(from, port);
      port.drop(DropReason.OLD, from, "ViewChange");
    } else if (!(newer(v) && from == v.replica()) && !wanted(v)) {
      port.drop(DropReason.DUPLICATE, from, "ViewChange");
    } else if (checking.containsKey(from)) {
      port.drop(DropReason.FULL, from, "ViewChange");
    } else if (!v.wellFormed(engine.width(), engine.settings.rule())) {
      port.drop(DropReason.INVALID, from, "ViewChange");
    } else {
      List<Work> all = v.proofs(engine.settings.domain(), engine.instance);
      switch (port.check(v.base())) {
        case Validity.Valid valid -> {}
        case Validity.Depends d -> all.add(d.work());
        case Validity.Invalid i -> {
          port.drop(i.reason(), from, "ViewChange");
          return;
        }
      }
      checking.put(from, true);
      engine.jobs.compute(
          new Work.All(all),
          port,
          (result, turn) -> checked(from, v, ((Result.Verdict) result).valid(), turn));
    }
  }

  void onNewView(int from, NewView v, Port port) {
    NewView before = offered.get(engine.leader(v.view()));
    boolean known = before != null && before.view() >= v.view();
    if (v.view() < engine.view() || v.view() <= engine.installed() || known) {
      port.drop(DropReason.OLD, from, "NewView");
    } else if (checkingNewView.containsKey(from)) {
      port.drop(DropReason.FULL, from, "NewView");
    } else if (!v.wellFormed(
        engine.settings.n(), engine.settings.rule().quorum(), engine.width())) {
      port.drop(DropReason.INVALID, from, "NewView");
    } else {
      checkingNewView.put(from, true);
      Work work =
          new Work.VerifyReplica(
              engine.leader(v.view()),
              v.statement(engine.settings.domain(), engine.instance),
              v.signature());
      engine.jobs.compute(
          work, port, (result, turn) -> checked(from, v, ((Result.Verdict) result).valid(), turn));
    }
  }

  private void checked(int from, ViewChange v, boolean valid, Port port) {
    checking.remove(from);
    if (!valid) {
      port.drop(DropReason.BAD_SIGNATURE, from, "ViewChange");
    }
    if (!valid || v.view() <= engine.installed()) {
      engine.views.checked(port);
      return;
    }
    if (wanted(v)) {
      referred.put(id(v), v);
    }
    if (from == v.replica()) {
      keep(v);
    }
    engine.views.valid(v, port);
  }

  private void checked(int from, NewView v, boolean valid, Port port) {
    checkingNewView.remove(from);
    if (!valid) {
      port.drop(DropReason.BAD_SIGNATURE, from, "NewView");
    } else if (v.view() > engine.installed()) {
      offered.put(engine.leader(v.view()), v);
    }
    engine.views.checked(port);
  }
}
