package io.destiny.protocols.pbft;

import io.destiny.core.engine.Value;
import io.destiny.core.model.Digest;
import io.destiny.protocols.threephase.Votes;
import org.jspecify.annotations.Nullable;

/** The state of one sequence number (pbft.md §2); pSet and qSet are kept apart. */
final class PbftSlot {
  /** A proposal that is being checked; one is not another, whatever they say. */
  static final class Candidate {
    final PbftMessage.Header header;

    /** Null: only its header is here. */
    final @Nullable Value value;

    final int from;

    Candidate(PbftMessage.Header header, @Nullable Value value, int from) {
      this.header = header;
      this.value = value;
      this.from = from;
    }
  }

  final long slot;
  final Votes prepares = new Votes();
  final Votes commits = new Votes();

  /** Decisions claimed by others; they have no view. */
  final Votes claims = new Votes();

  // ---- of the view entered last

  @Nullable Candidate candidate;

  /** The accepted proposal, if it is known; a re-proposal of the NEW-VIEW has no header. */
  @Nullable Digest proposal;

  PbftMessage.@Nullable Header header;
  boolean reproposed;

  /** The valid payload of {@link #proposal}. */
  @Nullable Value value;

  /** A payload of the proposal is being checked. */
  boolean checking;

  /** The composer was told of it. */
  boolean told;

  /** The composer refused it. */
  boolean rejected;

  /** It is pre-prepared here: in qSet, and in the log. */
  boolean voted;

  boolean prepared;

  /** This replica proposed it, and it is not committed yet. */
  boolean mine;

  // ---- for good

  @Nullable Digest committed;
  @Nullable Value decision;

  PbftSlot(long slot) {
    this.slot = slot;
  }

  /** Another view is entered: what is committed stays, and votes that came early for it. */
  void beginView(long view) {
    prepares.forgetBelow(view);
    commits.forgetBelow(view);
    candidate = null;
    proposal = null;
    header = null;
    reproposed = false;
    value = null;
    checking = false;
    told = false;
    rejected = false;
    voted = false;
    prepared = false;
    mine = false;
  }
}
