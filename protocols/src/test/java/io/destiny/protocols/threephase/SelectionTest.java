package io.destiny.protocols.threephase;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.protocols.threephase.Claims.Entry;
import io.destiny.protocols.threephase.Claims.Said;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules 11 and 13 of pbft.md §5, against {@link Claims}, and by hand. */
class SelectionTest {
  private static final Digest NOOP = new Digest(0, 0, 0, 1);
  private static final QuorumRule RULE = new QuorumRule(4, FaultModel.BFT);
  private static final int VALUES = 4;

  /** Digests in the order of their numbers. */
  private static final List<Digest> DIGESTS =
      Stream.iterate(1, i -> i + 1)
          .limit(VALUES)
          .map(i -> Digest.of(new byte[] {i.byteValue()}))
          .sorted()
          .toList();

  private static Digest digest(int value) {
    return value == Claims.NOOP ? NOOP : DIGESTS.get(value - 1);
  }

  private static List<SlotClaim> claims(List<Entry> entries, long base) {
    return entries.stream()
        .map(e -> new SlotClaim(base + e.slot(), digest(e.value()), e.view()))
        .sorted(Comparator.comparingLong(SlotClaim::slot).thenComparing(SlotClaim::value))
        .toList();
  }

  private static ViewChange viewChange(Said v, long target, long base) {
    return new ViewChange(
        v.replica(),
        target,
        new Watermark(base, new byte[0]),
        new byte[0],
        new ClaimSets(claims(v.p(), base), claims(v.q(), base)),
        List.of(),
        new byte[64]);
  }

  private static Said random(int replica, SplittableRandom random, int target, boolean wild) {
    List<Entry> p = new ArrayList<>();
    List<Entry> q = new ArrayList<>();
    for (int slot = 1; slot <= 3; slot++) {
      for (int value = 0; value <= VALUES; value++) {
        if (random.nextInt(3) == 0) {
          q.add(
              new Entry(
                  slot + (wild ? random.nextInt(4) - 1 : 0),
                  value,
                  random.nextInt(target + (wild ? 2 : 0))));
        }
      }
    }
    for (int slot = 1; slot <= 3; slot++) {
      int at = slot;
      List<Entry> of = q.stream().filter(e -> e.slot() == at).toList();
      if (!of.isEmpty() && random.nextInt(3) > 0) {
        Entry e = of.get(random.nextInt(of.size()));
        p.add(
            new Entry(
                slot, e.value(), wild ? random.nextInt(target + 1) : random.nextInt(e.view() + 1)));
      }
    }
    q = q.stream().distinct().toList();
    return new Said(replica, p, q);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 6, 7, 10})
  void theChoiceIsThatOfTheRuleWrittenOnceMore(int n) {
    QuorumRule rule = new QuorumRule(n, FaultModel.BFT);
    SplittableRandom random = new SplittableRandom(n);
    int decided = 0;
    for (int i = 0; i < 20_000; i++) {
      List<Said> set = new ArrayList<>();
      int size = rule.quorum() + random.nextInt(n - rule.quorum() + 1);
      for (int r = 0; r < size; r++) {
        set.add(random(r, random, 3, false));
      }
      List<Integer> expected = Claims.chosen(set, rule.quorum(), rule.weak(), true);
      Outcome outcome =
          Selection.of(rule, NOOP, set.stream().map(v -> viewChange(v, 3, 7)).toList());
      if (expected == null) {
        assertThat(outcome).isNull();
      } else {
        decided++;
        assertThat(outcome).isNotNull();
        assertThat(outcome.chosen())
            .isEqualTo(expected.stream().map(SelectionTest::digest).toList());
      }
    }
    assertThat(decided).isGreaterThan(100);
  }

  @Test
  void wellFormedIsWhatTheRuleSays() {
    SplittableRandom random = new SplittableRandom(1);
    int valid = 0;
    for (int i = 0; i < 20_000; i++) {
      Said v = random(0, random, 3, random.nextInt(3) > 0);
      boolean twice =
          v.q().stream().map(e -> e.slot() * 100 + e.value()).distinct().count() < v.q().size();
      boolean expected = Claims.valid(v, 3, 0, 4) && !twice;
      assertThat(viewChange(v, 3, 0).wellFormed(4, RULE)).as("%s", v).isEqualTo(expected);
      valid += expected ? 1 : 0;
    }
    assertThat(valid).isBetween(100, 19_900);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // what, P (slot value view), Q, whether it is well formed; window 4, view 3
    "nothing at all,                  '',      '',                    true",
    "prepared and pre-prepared,       '1 1 2', '1 1 2',               true",
    "pre-prepared later again,        '1 1 0', '1 1 2',               true",
    "prepared and not pre-prepared,   '1 1 2', '',                    false",
    "pre-prepared before,             '1 1 2', '1 1 1',               false",
    "pre-prepared something else,     '1 1 2', '1 2 2',               false",
    "two entries of a slot in P,      '1 1 2;1 2 2', '1 1 2;1 2 2',   false",
    "two digests of a slot in Q,      '1 1 2', '1 1 2;1 2 2',         true",
    "prepared in the view to go to,   '1 1 3', '1 1 3',               false",
    "pre-prepared in a later view,    '',      '1 1 4',               false",
    "at the end of the window,        '4 1 2', '4 1 2',               true",
    "behind the window,               '5 1 2', '5 1 2',               false",
    "below the watermark,             '0 1 2', '0 1 2',               false",
  })
  void rule11(String what, String p, String q, boolean expected) {
    Said v = new Said(0, entries(p), entries(q));
    assertThat(viewChange(v, 3, 0).wellFormed(4, RULE)).as(what).isEqualTo(expected);
    assertThat(Claims.valid(v, 3, 0, 4)).as(what).isEqualTo(expected);
  }

  private static List<Entry> entries(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String each : text.isEmpty() ? new String[0] : text.split(";", -1)) {
      String[] e = each.split(" ", -1);
      entries.add(
          new Entry(Integer.parseInt(e[0]), Integer.parseInt(e[1]), Integer.parseInt(e[2])));
    }
    return entries;
  }

  @Test
  void complaintsAreFAnd1OrNoneAndInOrder() {
    ViewChange v = viewChange(new Said(0, List.of(), List.of()), 3, 0);
    ViewChange.Complaint one = new ViewChange.Complaint(1, new byte[64]);
    ViewChange.Complaint two = new ViewChange.Complaint(2, new byte[64]);
    assertThat(v.with(List.of(one, two)).wellFormed(4, RULE)).isTrue();
    assertThat(v.with(List.of(one)).wellFormed(4, RULE)).isFalse();
    assertThat(v.with(List.of(one, one)).wellFormed(4, RULE)).isFalse();
    assertThat(v.with(List.of(two, one)).wellFormed(4, RULE)).isFalse();
  }

  @Test
  void unsortedEntriesAreRefusedSoThatThereIsOneEncoding() {
    ViewChange v =
        new ViewChange(
            0,
            3,
            new Watermark(0, new byte[0]),
            new byte[0],
            new ClaimSets(
                List.of(), List.of(new SlotClaim(2, digest(1), 0), new SlotClaim(1, digest(1), 0))),
            List.of(),
            new byte[64]);
    assertThat(v.wellFormed(4, RULE)).isFalse();
  }

  @Test
  void atMost64QEntriesOfASlot() {
    List<SlotClaim> q = new ArrayList<>();
    for (int i = 0; i < 65; i++) {
      q.add(new SlotClaim(1, new Digest(1, 0, 0, i), 0));
    }
    for (int size : new int[] {64, 65}) {
      ViewChange v =
          new ViewChange(
              0,
              3,
              new Watermark(0, new byte[0]),
              new byte[0],
              new ClaimSets(List.of(), List.copyOf(q.subList(0, size))),
              List.of(),
              new byte[64]);
      assertThat(v.wellFormed(4, RULE)).isEqualTo(size == 64);
    }
  }

  @Test
  void theBaseIsTheHighestWatermarkAndWhatIsBelowIsNotProposedAgain() {
    List<Entry> entries = List.of(new Entry(1, 1, 0), new Entry(3, 2, 0));
    List<ViewChange> set =
        List.of(
            viewChange(new Said(0, entries, entries), 1, 10),
            viewChange(new Said(1, entries, entries), 1, 10),
            viewChange(new Said(2, List.of(), List.of()), 1, 12));
    Outcome outcome = Selection.of(RULE, NOOP, set);
    assertThat(outcome).isNotNull();
    assertThat(outcome.base().slot()).isEqualTo(12);
    assertThat(outcome.chosen()).containsExactly(digest(2));
  }

  @Test
  void twoAreNoQuorumOfFour() {
    Said nothing = new Said(0, List.of(), List.of());
    assertThat(
            Selection.of(RULE, NOOP, List.of(viewChange(nothing, 1, 0), viewChange(nothing, 1, 0))))
        .isNull();
  }

  /** Pbft.md §9: a faulty VIEW-CHANGE that claims a digest nobody has; A2 must reject it. */
  @Test
  void anInventedDigestOfAHighViewIsNotChosen() {
    List<Entry> truth = List.of(new Entry(1, 1, 0));
    List<Entry> lie = List.of(new Entry(1, 2, 4));
    List<ViewChange> set = new ArrayList<>();
    set.add(viewChange(new Said(0, lie, lie), 5, 0));
    set.add(viewChange(new Said(1, truth, truth), 5, 0));
    set.add(viewChange(new Said(2, truth, truth), 5, 0));
    assertThat(Selection.of(RULE, NOOP, set)).isNull();
    set.add(viewChange(new Said(3, List.of(), truth), 5, 0));
    Outcome outcome = Selection.of(RULE, NOOP, set);
    assertThat(outcome).isNotNull();
    assertThat(outcome.chosen()).containsExactly(digest(1));
  }
}
