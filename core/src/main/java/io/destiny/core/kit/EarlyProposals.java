package io.destiny.core.kit;

import java.util.ArrayList;
import java.util.List;

/**
 * Proposals of one view that is not entered yet, its leader's alone: the NEW-VIEW comes before
 * them, or is still being checked. No more than a window of them can come.
 *
 * @param <M> the message
 */
public final class EarlyProposals<M> {
  private final LongMap<M> kept = new LongMap<>();
  private long view = -1;

  /** The view of those that are kept; -1: there are none. */
  public long view() {
    return kept.isEmpty() ? -1 : view;
  }

  /** Keeps a proposal, in the place of those of another view. */
  public void keep(long of, long slot, M proposal) {
    if (of != view) {
      kept.clear();
      view = of;
    }
    kept.put(slot, proposal);
  }

  /** A view was entered: those of it that lie in the window, by slot; nothing is kept any more. */
  public List<M> take(long entered, SlotWindow<?> window) {
    List<M> taken = new ArrayList<>();
    if (entered == view) {
      for (long slot : kept.keysUpTo(window.high())) {
        M proposal = kept.get(slot);
        if (proposal != null && window.contains(slot)) {
          taken.add(proposal);
        }
      }
    }
    kept.clear();
    return taken;
  }

  public void clear() {
    kept.clear();
  }
}
