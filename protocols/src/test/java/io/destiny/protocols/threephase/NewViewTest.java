package io.destiny.protocols.threephase;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Digest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The form of a NEW-VIEW (pbft.md §5 rules 13 and 14), and what makes two of them the same. */
class NewViewTest {
  private static final Digest A = new Digest(1, 0, 0, 0);
  private static final Digest B = new Digest(2, 0, 0, 0);

  private static NewView of(long view, long base, List<Digest> chosen, Integer... replicas) {
    List<NewView.Reference> references =
        Arrays.stream(replicas).map(r -> new NewView.Reference(r, A)).toList();
    return new NewView(view, references, base, chosen, new byte[] {1}, new byte[64]);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a quorum in order,        1, 0, '0 1 3',   4, true",
    "all of them,              1, 0, '0 1 2 3', 4, true",
    "too few,                  1, 0, '0 1',     4, false",
    "one of them twice,        1, 0, '0 1 1',   4, false",
    "out of order,             1, 0, '1 0 2',   4, false",
    "a replica that is none,   1, 0, '0 1 4',   4, false",
    "view 0 needs none,        0, 0, '0 1 2',   4, false",
    "more slots than a window, 1, 0, '0 1 2',   5, false",
  })
  void form(String what, long view, long base, String replicas, int slots, boolean expected) {
    Integer[] named =
        Arrays.stream(replicas.split(" ", -1)).map(Integer::valueOf).toArray(Integer[]::new);
    NewView n = of(view, base, Collections.nCopies(slots, A), named);
    assertThat(n.wellFormed(4, 3, 4)).as(what).isEqualTo(expected);
  }

  /** Pbft.md §9: an extra or altered X entry, another base, another note, other VIEW-CHANGEs. */
  @Test
  void whateverItSaysCounts() {
    NewView n = of(1, 5, List.of(A, B), 0, 1, 2);
    assertThat(n.sameAs(n.signed(new byte[] {7}))).isTrue();
    assertThat(n.sameAs(of(1, 5, List.of(A, B, A), 0, 1, 2))).isFalse();
    assertThat(n.sameAs(of(1, 5, List.of(A), 0, 1, 2))).isFalse();
    assertThat(n.sameAs(of(1, 5, List.of(B, B), 0, 1, 2))).isFalse();
    assertThat(n.sameAs(of(1, 6, List.of(A, B), 0, 1, 2))).isFalse();
    assertThat(n.sameAs(of(2, 5, List.of(A, B), 0, 1, 2))).isFalse();
    assertThat(n.sameAs(of(1, 5, List.of(A, B), 0, 1, 3))).isFalse();
    assertThat(
            n.sameAs(new NewView(1, n.references(), 5, n.chosen(), new byte[] {2}, new byte[64])))
        .isFalse();
  }
}
