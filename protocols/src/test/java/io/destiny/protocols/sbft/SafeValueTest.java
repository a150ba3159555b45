package io.destiny.protocols.sbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.engine.Watermark;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.protocols.sbft.DualPath.At;
import io.destiny.protocols.sbft.DualPath.Said;
import io.destiny.protocols.threephase.Outcome;
import io.destiny.protocols.threephase.ViewChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules 13 to 16 of sbft.md §5, against {@link DualPath}, and by hand. */
class SafeValueTest {
  private static final QuorumRule RULE = new QuorumRule(4, FaultModel.BFT);
  private static final Digest NOOP = new Digest(0, 0, 0, 1);

  /** So many signers, the first ones. */
  private static Certificate signedBy(int count) {
    byte[] bitmap = new byte[2];
    for (int i = 0; i < count; i++) {
      bitmap[i / 8] |= (byte) (1 << (i % 8));
    }
    return new Certificate(new byte[48], bitmap);
  }

  /** Digests are ordered like their numbers. */
  private static Digest digest(int value) {
    return new Digest(value, 0, 0, 0);
  }

  private static SlotEvidence.Entry entry(long slot, Said s, QuorumRule rule) {
    if (s.proof() != null) {
      Certificate all = signedBy(rule.n());
      return new SlotEvidence.Entry(
          slot, new CommitProof(0, digest(s.proof()), all, null), null, null);
    }
    At p = s.prepared();
    At a = s.accepted();
    return new SlotEvidence.Entry(
        slot,
        null,
        p == null
            ? null
            : new PrepareCertificate(p.view(), digest(p.value()), signedBy(rule.quorum())),
        a == null ? null : new SlotEvidence.Accepted(a.view(), digest(a.value())));
  }

  private static ViewChange viewChange(int replica, long base, SlotEvidence.Entry... entries) {
    return new ViewChange(
        replica,
        9,
        new Watermark(base, new byte[0]),
        new byte[0],
        new SlotEvidence(List.of(entries)),
        List.of(),
        new byte[64]);
  }

  private static At at(SplittableRandom random) {
    return random.nextInt(3) == 0 ? null : new At(random.nextInt(3), 1 + random.nextInt(3));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 7, 10})
  void theChoiceIsThatOfTheRuleWrittenOnceMore(int n) {
    QuorumRule rule = new QuorumRule(n, FaultModel.BFT);
    SplittableRandom random = new SplittableRandom(n);
    int[] met = new int[2];
    for (int i = 0; i < 20_000; i++) {
      List<Said> set = new ArrayList<>();
      List<ViewChange> all = new ArrayList<>();
      int size = rule.quorum() + random.nextInt(n - rule.quorum() + 1);
      boolean proofs = random.nextInt(4) == 0;
      for (int r = 0; r < size; r++) {
        Integer proof = proofs && random.nextInt(3) == 0 ? 2 : null;
        Said s = new Said(r, proof, at(random), at(random));
        set.add(s);
        boolean nothing = proof == null && s.prepared() == null && s.accepted() == null;
        all.add(nothing ? viewChange(r, 5) : viewChange(r, 5, entry(6, s, rule)));
      }
      int expected = DualPath.choose(set, rule.f(), DualPath.Mutation.NONE);
      Outcome outcome = SafeValue.of(rule, NOOP, all);
      assertThat(outcome).isNotNull();
      assertThat(outcome.chosen())
          .as("%s", set)
          .isEqualTo(expected == DualPath.FREE ? List.of() : List.of(digest(expected)));
      met[expected == DualPath.FREE ? 0 : 1]++;
    }
    assertThat(Arrays.stream(met).min().orElseThrow()).isPositive();
  }

  @Test
  void tooFewDecideNothing() {
    assertThat(SafeValue.of(RULE, NOOP, List.of(viewChange(0, 0), viewChange(1, 0)))).isNull();
  }

  @Test
  void gapsBelowTheLastChoiceAreNoopsAndTheBaseIsTheHighest() {
    Said prepared = new Said(0, null, new At(1, 7), new At(1, 7));
    Outcome outcome =
        SafeValue.of(
            RULE,
            NOOP,
            List.of(
                viewChange(0, 2, entry(3, prepared, RULE), entry(7, prepared, RULE)),
                viewChange(1, 4),
                // One claim of a value is none: it is no choice, and slot 8 stays free.
                viewChange(2, 2, entry(8, new Said(2, null, null, new At(3, 5)), RULE))));
    assertThat(outcome).isNotNull();
    assertThat(outcome.base().slot()).isEqualTo(4);
    assertThat(outcome.chosen()).containsExactly(NOOP, NOOP, digest(7));
  }

  /** One slot: of each replica "PREPARED_IN:VALUE ACCEPTED_IN:VALUE", a dash for none. */
  private static List<Digest> chosen(String... said) {
    List<ViewChange> all = new ArrayList<>();
    for (String text : said) {
      String[] parts = text.split(" ", -1);
      Said s = new Said(all.size(), null, claim(parts[0]), claim(parts[1]));
      boolean nothing = s.prepared() == null && s.accepted() == null;
      all.add(nothing ? viewChange(all.size(), 0) : viewChange(all.size(), 0, entry(1, s, RULE)));
    }
    Outcome outcome = SafeValue.of(RULE, NOOP, all);
    assertThat(outcome).isNotNull();
    return outcome.chosen();
  }

  private static At claim(String text) {
    String[] parts = text.split(":", -1);
    return parts.length == 1
        ? null
        : new At(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
  }

  /** Sbft.md §9: fast evidence of one view, slow evidence of another, for different values. */
  @Test
  void rule16dBothWays() {
    assertThat(chosen("- 0:7", "- 0:7", "1:8 1:8")).containsExactly(digest(8));
    assertThat(chosen("0:7 0:7", "- 1:8", "- 1:8")).containsExactly(digest(8));
    // The later of two certificates, and a certificate before fast evidence of the same view.
    assertThat(chosen("0:7 0:7", "1:8 1:8", "- -")).containsExactly(digest(8));
    assertThat(chosen("1:7 1:7", "- 1:8", "- 1:8")).containsExactly(digest(7));
  }

  /** What one of four invents or hides: f+1 claims count with the lower of their views. */
  @Test
  void oneReporterNeitherMakesNorHidesFastEvidence() {
    assertThat(chosen("- 8:9", "- 0:7", "- 0:7")).containsExactly(digest(7));
    assertThat(chosen("- -", "- 0:7", "- 0:7")).containsExactly(digest(7));
    assertThat(chosen("- 8:7", "- 0:7", "1:8 1:8")).containsExactly(digest(8));
    assertThat(chosen("- 8:9", "- 0:7", "- -")).isEmpty();
  }

  /** The tie: two values with f+1 reports each in one view, neither can have been committed. */
  @Test
  void aTieIsNoFastEvidence() {
    assertThat(chosen("- 0:7", "- 0:7", "- 0:8", "- 0:8")).isEmpty();
    assertThat(chosen("- 0:7", "- 1:7", "- 1:8", "- 0:8")).isEmpty();
    assertThat(chosen("- 0:7", "- 0:7", "- 1:8", "- 1:8")).containsExactly(digest(8));
    assertThat(chosen("0:8 1:7", "- 1:7", "- 1:8", "- 1:8")).containsExactly(digest(8));
    assertThat(chosen("0:7 1:7", "- 1:7", "- 1:8", "- 1:8")).containsExactly(digest(7));
  }

  private static boolean wellFormed(SlotEvidence.Entry... entries) {
    return viewChange(0, 2, entries).wellFormed(4, RULE);
  }

  @Test
  void whatAViewChangeMaySay() {
    PrepareCertificate good = new PrepareCertificate(3, digest(1), signedBy(3));
    assertThat(wellFormed()).isTrue();
    assertThat(wellFormed(new SlotEvidence.Entry(3, null, good, null))).isTrue();
    assertThat(wellFormed(new SlotEvidence.Entry(6, null, good, null))).isTrue();
    // outside the window
    assertThat(wellFormed(new SlotEvidence.Entry(2, null, good, null))).isFalse();
    assertThat(wellFormed(new SlotEvidence.Entry(7, null, good, null))).isFalse();
    // twice, and out of order
    SlotEvidence.Entry three = new SlotEvidence.Entry(3, null, good, null);
    SlotEvidence.Entry four = new SlotEvidence.Entry(4, null, good, null);
    assertThat(wellFormed(three, three)).isFalse();
    assertThat(wellFormed(four, three)).isFalse();
    assertThat(wellFormed(three, four)).isTrue();
    // too few signers
    PrepareCertificate few = new PrepareCertificate(3, digest(1), signedBy(2));
    assertThat(wellFormed(new SlotEvidence.Entry(3, null, few, null))).isFalse();
    // of the view to go to, or a later one
    PrepareCertificate late = new PrepareCertificate(9, digest(1), signedBy(3));
    assertThat(wellFormed(new SlotEvidence.Entry(3, null, late, null))).isFalse();
    SlotEvidence.Accepted claim = new SlotEvidence.Accepted(9, digest(1));
    assertThat(wellFormed(new SlotEvidence.Entry(3, null, null, claim))).isFalse();
    // a fast proof has all, a slow one a quorum twice
    CommitProof three3 = new CommitProof(3, digest(1), signedBy(3), null);
    assertThat(wellFormed(new SlotEvidence.Entry(3, three3, null, null))).isFalse();
    CommitProof fast = new CommitProof(3, digest(1), signedBy(4), null);
    assertThat(wellFormed(new SlotEvidence.Entry(3, fast, null, null))).isTrue();
    CommitProof slow = new CommitProof(3, digest(1), signedBy(3), signedBy(3));
    assertThat(wellFormed(new SlotEvidence.Entry(3, slow, null, null))).isTrue();
    CommitProof half = new CommitProof(3, digest(1), signedBy(3), signedBy(2));
    assertThat(wellFormed(new SlotEvidence.Entry(3, half, null, null))).isFalse();
  }
}
