package io.destiny.protocols.hybster;

import io.destiny.core.kit.Blacklist;
import io.destiny.core.model.Digest;
import io.destiny.protocols.hybster.HybsterMessage.Vote;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The votes for one slot in the view entered last, one a replica, and one a replica for a view that
 * is not entered here yet.
 */
final class Ballot {
  private enum State {
    UNCHECKED,
    VALID,
    REJECTED
  }

  /** What a replica voted for. */
  static final class Cast {
    final Vote vote;
    private final long view;
    private final Digest value;
    private State state = State.UNCHECKED;

    private Cast(Vote vote, long view, Digest value) {
      this.vote = vote;
      this.view = view;
      this.value = value;
    }

    private boolean counts(Digest wanted) {
      return state != State.REJECTED && value.equals(wanted);
    }
  }

  /** By replica; empty while there is none. */
  private @Nullable Cast[] present = {};

  private @Nullable Cast[] early = {};
  private final int replicas;

  /** Checks under way. */
  int checks;

  /** This replica's vote is made, and T_col ran since then. */
  boolean voted;

  long waitingSince;

  /** How often T_col has expired since then. */
  int expiries;

  /**
   * @param replicas N
   */
  Ballot(int replicas) {
    this.replicas = replicas;
  }

  /** Records a vote of the view entered last; false if its replica already has one. */
  boolean add(Vote vote, long view, Digest value) {
    if (present.length == 0) {
      present = new Cast[replicas];
    }
    if (present[vote.replica()] != null) {
      return false;
    }
    present[vote.replica()] = new Cast(vote, view, value);
    return true;
  }

  /** Records a vote that needs no check, in the place of what its replica sent. */
  void addValid(Vote vote, long view, Digest value) {
    if (present.length == 0) {
      present = new Cast[replicas];
    }
    Cast cast = new Cast(vote, view, value);
    cast.state = State.VALID;
    present[vote.replica()] = cast;
  }

  /** Keeps a vote of a view that is not entered yet: of each replica that of the highest one. */
  void keepEarly(Vote vote, long view, Digest value) {
    if (early.length == 0) {
      early = new Cast[replicas];
    }
    Cast known = early[vote.replica()];
    if (known == null || known.view < view) {
      early[vote.replica()] = new Cast(vote, view, value);
    }
  }

  /** A view is entered: its votes that came early count now, and those of later ones stay. */
  void enter(long view) {
    @Nullable Cast[] before = early;
    present = new Cast[0];
    early = new Cast[0];
    checks = 0;
    voted = false;
    for (Cast cast : before) {
      if (cast != null && cast.view == view) {
        add(cast.vote, view, cast.value);
      } else if (cast != null && cast.view > view) {
        keepEarly(cast.vote, cast.view, cast.value);
      }
    }
  }

  /** The slot is committed: its votes are of no more use. */
  void clear() {
    present = new Cast[0];
    checks = 0;
  }

  /** The votes for a value that are known valid, in their replicas' order. */
  List<Vote> valid(Digest value) {
    List<Vote> valid = new ArrayList<>();
    for (Cast cast : present) {
      if (cast != null && cast.state == State.VALID && cast.value.equals(value)) {
        valid.add(cast.vote);
      }
    }
    return valid;
  }

  /** Those for a value that are not checked yet, blacklisted senders' last. */
  List<Cast> unchecked(Digest value, Blacklist blacklist, long slot) {
    List<Cast> good = new ArrayList<>();
    List<Cast> doubtful = new ArrayList<>(0);
    for (Cast cast : present) {
      if (cast != null && cast.state == State.UNCHECKED && cast.value.equals(value)) {
        (blacklist.contains(cast.vote.replica(), slot) ? doubtful : good).add(cast);
      }
    }
    good.addAll(doubtful);
    return good;
  }

  /** Who voted for a value. */
  List<Integer> voters(Digest value) {
    List<Integer> voters = new ArrayList<>();
    for (Cast cast : present) {
      if (cast != null && cast.counts(value)) {
        voters.add(cast.vote.replica());
      }
    }
    return voters;
  }

  /** How many votes for a value may be valid. */
  int count(Digest value) {
    int count = 0;
    for (Cast cast : present) {
      if (cast != null && cast.counts(value)) {
        count++;
      }
    }
    return count;
  }

  void accept(Cast cast) {
    cast.state = State.VALID;
  }

  /** A bad vote is not counted; its sender may not send another one for this slot. */
  void reject(Cast cast) {
    cast.state = State.REJECTED;
  }
}
