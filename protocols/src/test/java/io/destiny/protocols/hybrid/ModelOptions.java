package io.destiny.protocols.hybrid;

/**
 * The size of the modelled world, which parts of hybster.md §5 it has, and which rule is broken.
 *
 * @param interval orders between checkpoints (rule 6); 0: nothing is executed, so there are none
 * @param window W, the orders above the stable checkpoint that a correct replica speaks for
 * @param severalNewViews the NEWVIEW counter is missing: a faulty leader may make many of one view
 * @param highestOnly rule 10 asks for NEW-VIEW(w) and its base only if w is the highest from-view
 */
record ModelOptions(
    int replicas,
    int orders,
    int views,
    int interval,
    int window,
    boolean severalNewViews,
    boolean highestOnly,
    Mutation mutation) {

  /** What is wrong with the rules. */
  enum Mutation {
    NONE,

    /** Rule 10: a VIEW-CHANGE is accepted with its last certificate alone. */
    CHAIN_DROPPED,

    /** Rule 12: the re-proposals of NEW-VIEW(w*) oblige to nothing. */
    OBLIGATION_DROPPED,

    /** Rule 10: a from-view w > 0 counts without a NEW-VIEW(w). */
    UNFOUNDED,

    /** Rule 10: o_c may be below the base of NEW-VIEW(w). */
    BASE_FORGOTTEN,

    /** Rule 2: a follower signs above a PREPARE that it lacks. */
    HOLES_SIGNED,

    /** Rules 10 and 14: a chain that ends at [w|0] comes with a checkpoint below NEW-VIEW(w)'s. */
    CHECKPOINT_KEPT,

    /** §6: the certificate of 3 % of the leaves is lost for good. */
    CERTIFICATE_LOST,

    /** Rule 12: a leader may leave its view between its PREPAREs and its NEW-VIEW. */
    LEADER_STOPS
  }

  /** The first explorer: agreement, and nothing that agreement does not need. */
  static ModelOptions small(int replicas, Mutation mutation) {
    return new ModelOptions(replicas, 2, 5, 0, 2, false, false, mutation);
  }

  /**
   * The second: checkpoints, windows, skipped signatures, belated NEW-VIEWs; all that could leave a
   * correct replica without a VIEW-CHANGE.
   */
  static ModelOptions large(int replicas, long seed, Mutation mutation) {
    return large(replicas, seed, false, mutation);
  }

  /** The second, without K5: neither the claim of §5.3 nor §5.4 needs it. */
  static ModelOptions several(int replicas, long seed, Mutation mutation) {
    return large(replicas, seed, true, mutation);
  }

  private static ModelOptions large(
      int replicas, long seed, boolean severalNewViews, Mutation mutation) {
    int interval = 1 + (int) (seed / 3 % 2);
    int window = interval + (int) (seed / 6 % 3);
    boolean highestOnly = seed % 3 == 0;
    return new ModelOptions(
        replicas, 4, 6, interval, window, severalNewViews, highestOnly, mutation);
  }

  int faulty() {
    return (replicas - 1) / 2;
  }

  int quorum() {
    return replicas / 2 + 1;
  }

  int leader(int view) {
    return view % replicas;
  }
}
