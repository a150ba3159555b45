package io.destiny.protocols.dqbft;

import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.core.statement.Writer;
import java.util.Comparator;
import java.util.List;

/**
 * How far a D-instance is trusted after its view changes (dqbft.md §6 rule 11): the note agreed on
 * with a view. Slots up to {@code end} are ordered only when they are disseminated.
 *
 * @param level level_n, 0 to {@value #HIGHEST}
 * @param end probEnd_n
 */
record Probation(int level, long end) {
  /** Probation of level 1 lasts for so many slots; each level doubles it. */
  static final int SLOTS = 64;

  static final int HIGHEST = 10;

  /** Before the first view change. */
  static final Probation NONE = new Probation(0, 0);

  /** Reads a note; an empty one is {@link #NONE}, and so is what no correct replica agrees to. */
  static Probation of(byte[] note) {
    try {
      Reader r = new Reader(note);
      if (note.length > 0) {
        Probation p = new Probation(r.u8(), r.u64());
        r.end();
        return p.level > HIGHEST || p.end < 0 ? NONE : p;
      }
    } catch (MalformedException e) {
      // Falls through.
    }
    return NONE;
  }

  /** The {@code rank}-th largest of some notes, by level and then by end. */
  static Probation ranked(List<byte[]> notes, int rank) {
    return notes.stream()
        .map(Probation::of)
        .sorted(
            Comparator.comparingInt(Probation::level).thenComparingLong(Probation::end).reversed())
        .skip(rank - 1L)
        .findFirst()
        .orElse(NONE);
  }

  /** The note of a view whose re-proposals end at {@code max}, after a view with this note. */
  Probation next(long max) {
    // Each completed stretch of clean slots after probEnd takes one level off.
    long clean = Math.max(0, max - end) / ((long) SLOTS << level);
    int decayed = (int) Math.max(0, level - clean);
    int now = Math.min(decayed + 1, HIGHEST);
    return new Probation(now, max + ((long) SLOTS << (now - 1)));
  }

  byte[] note() {
    return new Writer(9).u8(level).u64(end).toBytes();
  }
}
