package io.destiny.protocols.single;

import io.destiny.core.engine.ConsensusEngine;
import io.destiny.core.engine.Suspicion;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Request;
import java.util.ArrayList;
import java.util.List;

/**
 * The pillars of a replica (hybster.md §3), and what they have to do with each other.
 *
 * <p><b>One primary.</b> Each pillar changes its view by itself, by §5, with VIEW-CHANGEs of its
 * own. All have the same leader(v), and a replica whose pillar has left for view v' complains of
 * the present view of each pillar that is below v', and names v' as the target, until it gets
 * there. Whoever left has shown a complaint proof, which makes every correct replica's pillar leave
 * too; so all correct replicas, the old primary among them, come to say the same of the other
 * pillars, and f+1 of them suffice. Replicas whose views of a pillar differ are led to the highest
 * first, as always. So all end in the highest view that any pillar of a correct replica has
 * reached. T_nv runs in each pillar, and the first that runs out, and doubles, moves all on: it may
 * take P times as many views until all wait long enough, none of which takes longer for that.
 *
 * <p><b>Safety</b> needs none of this: the claim of hybster.md §5.3 is one of an instance, each
 * pillar is one, and which place in the order its slot has follows from the two numbers alone.
 */
final class Pillars {
  private final List<Pillar> all = new ArrayList<>();

  Pillars(Settings settings, Single single) {
    for (int p = 0; p < single.frame().pillars(); p++) {
      all.add(new Pillar(settings, single, Instances.pillar(p)));
    }
  }

  List<Pillar> all() {
    return all;
  }

  /** The pillar with this number among all instances. */
  Pillar of(int instance) {
    return all.get(Instances.pillarOf(instance));
  }

  /** The pillar that a client's requests belong to, the same at all replicas. */
  Pillar of(Request request) {
    return all.get(all.size() == 1 ? 0 : Homes.of(request.client(), all.size()));
  }

  /** The last row of which this replica knows a slot: every pillar is to fill it. */
  long begun() {
    long row = 0;
    for (Pillar pillar : all) {
      row = Math.max(row, pillar.engine().highest());
    }
    return row;
  }

  int pending() {
    return all.stream().mapToInt(pillar -> pillar.requests().size()).sum();
  }

  int slots() {
    return all.stream().mapToInt(pillar -> pillar.engine().slots()).sum();
  }

  /** All go where the first of them went; said again, at most every T_resend, until they are. */
  void together() {
    long view = 0;
    for (Pillar pillar : all) {
      view = Math.max(view, pillar.engine().view());
    }
    for (Pillar pillar : all) {
      ConsensusEngine engine = pillar.engine();
      if (engine.view() < view) {
        engine.suspect(Suspicion.PILLAR, view, pillar.port());
      }
    }
  }
}
