package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.model.Assignment;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AssignmentTableTest {
  private static final Domain DOMAIN = new Domain(new byte[16], 0);
  private static final long CLIENT = 7L << 32 | 5;
  private static final int N = 5;

  private static Assignment assignment(long client, long version, int home) {
    Request request =
        Request.of(
            DOMAIN,
            Assignment.asking(client),
            version,
            List.of(Assignment.command(home)),
            new byte[64]);
    Assignment a = Assignment.of(request);
    assertThat(a).isNotNull();
    return a;
  }

  @Test
  void anAssignmentIsARequestOfTheClientsSecondNumber() {
    Assignment a = assignment(CLIENT, 9, 3);
    assertThat(a.client()).isEqualTo(CLIENT);
    assertThat(a.version()).isEqualTo(9);
    assertThat(a.home()).isEqualTo(3);
    assertThat(Request.principal(a.request().client())).isEqualTo(7);
    assertThat(Assignment.asks(CLIENT)).isFalse();
    assertThat(Assignment.asks(Assignment.asking(CLIENT))).isTrue();
  }

  @Test
  void whatIsNoHomeIsNoAssignment() {
    long asking = Assignment.asking(CLIENT);
    byte[] home = Assignment.command(1);
    List<Request> others =
        List.of(
            Request.of(DOMAIN, CLIENT, 1, List.of(home), new byte[64]),
            Request.of(DOMAIN, asking, 1, List.of(home, home), new byte[64]),
            Request.of(DOMAIN, asking, 1, List.of(new byte[1]), new byte[64]),
            Request.of(DOMAIN, asking, 1, List.of(new byte[3]), new byte[64]));
    others.forEach(r -> assertThat(Assignment.of(r)).isNull());
  }

  @Test
  void onlyAHigherVersionMovesAClientAndAtMostOnceInSixtyFourSlots() {
    AssignmentTable table = new AssignmentTable();
    assertThat(table.home(CLIENT, N)).isEqualTo(Homes.of(CLIENT, N));
    assertThat(table.apply(10, assignment(CLIENT, 5, 2))).isTrue();
    assertThat(table.home(CLIENT, N)).isEqualTo(2);
    assertThat(table.apply(100, assignment(CLIENT, 5, 3))).as("the same version").isFalse();
    assertThat(table.apply(100, assignment(CLIENT, 4, 3))).as("a lower one").isFalse();
    assertThat(table.apply(73, assignment(CLIENT, 6, 3))).as("too early").isFalse();
    assertThat(table.home(CLIENT, N)).isEqualTo(2);
    assertThat(table.apply(74, assignment(CLIENT, 6, 3))).isTrue();
    assertThat(table.home(CLIENT, N)).isEqualTo(3);
    assertThat(table.version(CLIENT)).isEqualTo(6);
    assertThat(table.version(CLIENT + 1)).isEqualTo(-1);
  }

  /** After an epoch change with fewer replicas. */
  @Test
  void aHomeThatIsNoMemberCountsAsNone() {
    AssignmentTable table = new AssignmentTable();
    table.apply(1, assignment(CLIENT, 1, 4));
    assertThat(table.home(CLIENT, 5)).isEqualTo(4);
    assertThat(table.home(CLIENT, 3)).isEqualTo(Homes.of(CLIENT, 3));
  }

  @Test
  void theTableComesBackFromItsChunks() {
    AssignmentTable table = new AssignmentTable();
    assertThat(table.chunks()).as("a part without chunks leaves no trace").hasSize(1);
    for (int i = 0; i < 20_000; i++) {
      table.apply(1 + i, assignment(CLIENT + i, 1 + i, i % N));
    }
    List<byte[]> chunks = table.chunks();
    assertThat(chunks).hasSize(3);
    AssignmentTable back = AssignmentTable.of(chunks);
    for (int i = 0; i < 20_000; i++) {
      assertThat(back.home(CLIENT + i, N)).isEqualTo(i % N);
      assertThat(back.version(CLIENT + i)).isEqualTo(1 + i);
      assertThat(back.tooEarly(CLIENT + i, i + 64)).isTrue();
      assertThat(back.tooEarly(CLIENT + i, i + 65)).isFalse();
    }
    assertThat(back.chunks()).usingRecursiveComparison().isEqualTo(chunks);
    assertThat(AssignmentTable.of(new AssignmentTable().chunks()).version(CLIENT)).isEqualTo(-1);
  }

  @Test
  void chunksThatAreMissingOrCutAreNoTable() {
    AssignmentTable table = new AssignmentTable();
    for (int i = 0; i < 10_000; i++) {
      table.apply(1, assignment(CLIENT + i, 1, 1));
    }
    List<byte[]> whole = table.chunks();
    List<byte[]> cut = new ArrayList<>(whole);
    cut.set(0, java.util.Arrays.copyOf(whole.getFirst(), whole.getFirst().length - 1));
    assertThatThrownBy(() -> AssignmentTable.of(cut)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AssignmentTable.of(whole.subList(0, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AssignmentTable.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
