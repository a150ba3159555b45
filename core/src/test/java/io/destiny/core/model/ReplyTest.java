package io.destiny.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.core.crypto.Certificate;
import io.destiny.core.crypto.Share;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.MerkleTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplyTest {
  private static final Digest REQUEST = Digest.of(new byte[] {1});
  private static final byte[] RESULT = Outcome.encode(List.of(new byte[] {4, 2}));
  private static final int LIMIT = 1000;
  private static final int INDEX = 2;
  private static final List<Digest> LEAVES =
      List.of(
          Digest.of(new byte[] {10}),
          Digest.of(new byte[] {11}),
          Reply.leaf(3, 4, REQUEST, RESULT),
          Digest.of(new byte[] {13}),
          Digest.of(new byte[] {14}));
  private static final Reply.Place PLACE =
      new Reply.Place(
          1,
          20,
          30,
          MerkleTree.root(LEAVES),
          INDEX,
          LEAVES.size(),
          MerkleTree.path(MerkleTree.levels(LEAVES), INDEX));

  private static Reply reply(Reply.Evidence evidence) {
    return new Reply(
        7, 3, 4, REQUEST, RESULT, evidence instanceof Reply.Plain ? null : PLACE, evidence);
  }

  private static List<Reply> replies() {
    return List.of(
        reply(new Reply.Proof(new Certificate(new byte[48], new byte[] {7}))),
        reply(new Reply.Proof(new Certificate(new byte[48], new byte[0]))),
        reply(new Reply.Vote(new Share(2, new byte[48]))),
        reply(new Reply.Plain()));
  }

  @Test
  void everyFormComesBack() throws MalformedException {
    for (Reply sent : replies()) {
      Reply read = Reply.decode(sent.encode(), LIMIT);
      assertThat(read.encode()).isEqualTo(sent.encode()).hasSize(sent.encodedLength());
      assertThat(read.place()).isEqualTo(sent.place());
      assertThat(read.evidence()).isEqualTo(sent.evidence());
      assertThat(read.result()).isEqualTo(RESULT);
      assertThat(read.pathHolds()).isEqualTo(sent.place() != null);
    }
  }

  @Test
  void everyTruncationAndEveryTrailingByteIsRefused() {
    for (Reply sent : replies()) {
      byte[] bytes = sent.encode();
      for (int length = 0; length < bytes.length; length++) {
        byte[] shorter = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> Reply.decode(shorter, LIMIT))
            .isInstanceOf(MalformedException.class);
      }
      byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
      assertThatThrownBy(() -> Reply.decode(longer, LIMIT)).isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void aResultOverTheLimitIsRefused() {
    byte[] bytes = replies().getFirst().encode();
    assertThatThrownBy(() -> Reply.decode(bytes, RESULT.length - 1))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void whatIsAcceptedIsCanonical() {
    Random random = new Random(3);
    int accepted = 0;
    for (int i = 0; i < 40_000; i++) {
      byte[] bytes = replies().get(i % 4).encode();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(Reply.decode(bytes, LIMIT).encode()).isEqualTo(bytes);
        accepted++;
      } catch (MalformedException expected) {
        // refused
      }
    }
    assertThat(accepted).isPositive();
  }

  @Test
  void aReplyWithAnyOtherFieldHasNoPath() {
    Reply good = replies().getFirst();
    assertThat(good.pathHolds()).isTrue();
    Reply.Evidence e = good.evidence();
    Reply.Place p = PLACE;
    byte[] otherResult = Outcome.encode(List.of(new byte[] {4, 3}));
    List<Digest> shorter = p.path().subList(0, p.path().size() - 1);
    List<Reply> bad = new ArrayList<>();
    bad.add(new Reply(7, 9, 4, REQUEST, RESULT, p, e));
    bad.add(new Reply(7, 3, 5, REQUEST, RESULT, p, e));
    bad.add(new Reply(7, 3, 4, p.root(), RESULT, p, e));
    bad.add(new Reply(7, 3, 4, REQUEST, otherResult, p, e));
    bad.add(placed(new Reply.Place(1, 20, 30, REQUEST, INDEX, 5, p.path())));
    bad.add(placed(new Reply.Place(1, 20, 30, p.root(), INDEX + 1, 5, p.path())));
    bad.add(placed(new Reply.Place(1, 20, 30, p.root(), INDEX, 3, p.path())));
    bad.add(placed(new Reply.Place(1, 20, 30, p.root(), -1, 5, p.path())));
    bad.add(placed(new Reply.Place(1, 20, 30, p.root(), 5, 5, p.path())));
    bad.add(placed(new Reply.Place(1, 20, 30, p.root(), INDEX, 5, shorter)));
    assertThat(bad).noneMatch(Reply::pathHolds);
  }

  private static Reply placed(Reply.Place place) {
    return new Reply(
        7,
        3,
        4,
        REQUEST,
        RESULT,
        place,
        new Reply.Proof(new Certificate(new byte[48], new byte[] {7})));
  }

  /** Instance, slot and position are not in the path: the statement that is certified has them. */
  @Test
  void theExecutionStatementBindsThePlace() {
    Domain domain = new Domain(new byte[16], 0);
    byte[] statement = domain.execution(1, 20, 30, PLACE.root());
    assertThat(domain.execution(2, 20, 30, PLACE.root())).isNotEqualTo(statement);
    assertThat(domain.execution(1, 21, 30, PLACE.root())).isNotEqualTo(statement);
    assertThat(domain.execution(1, 20, 31, PLACE.root())).isNotEqualTo(statement);
  }

  @Test
  void aPlaceComesWithAProofOrAVoteAndOnlyThere() {
    Reply.Plain plain = new Reply.Plain();
    Reply.Vote vote = new Reply.Vote(new Share(2, new byte[48]));
    assertThatThrownBy(() -> new Reply(7, 3, 4, REQUEST, RESULT, PLACE, plain))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Reply(7, 3, 4, REQUEST, RESULT, null, vote))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void outcomesComeBack() throws MalformedException {
    List<byte[]> results = List.of(new byte[] {1}, new byte[0], new byte[300]);
    assertThat(Outcome.decode(Outcome.encode(results))).containsExactlyElementsOf(results);
    assertThat(Outcome.decode(Outcome.stale())).isEmpty();
    assertThat(Outcome.isStale(Outcome.stale())).isTrue();
    assertThat(Outcome.isNotKept(Outcome.notKept())).isTrue();
    assertThat(Outcome.isStale(Outcome.encode(results))).isFalse();
    assertThat(Outcome.decode(Outcome.notKept())).isEmpty();
  }

  @Test
  void outcomesOfNoFormAreRefused() {
    for (byte[] bad :
        List.of(
            new byte[0],
            new byte[] {0},
            new byte[] {3},
            new byte[] {1, 0},
            new byte[] {0, 0, 1},
            new byte[] {0, 0, 0, 0},
            new byte[] {0, 0, 1, 127, -1, -1, -1})) {
      assertThatThrownBy(() -> Outcome.decode(bad))
          .as(Arrays.toString(bad))
          .isInstanceOf(MalformedException.class);
    }
  }
}
