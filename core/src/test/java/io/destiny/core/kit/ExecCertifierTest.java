package io.destiny.core.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Work;
import io.destiny.core.machine.Effect;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Reply;
import io.destiny.core.model.ReplyRule;
import io.destiny.core.model.Request;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three replicas; this one is R0, the first collector of D0. */
class ExecCertifierTest {
  private static final Request REQUEST = KitFixture.request(7, 1, "op");
  private static final byte[] RESULT = KitFixture.bytes("result");

  private final ClientTable table = new ClientTable();
  private final ExecCertifier certifier =
      new ExecCertifier(KitFixture.settings(3, 0), ReplyRule.AGGREGATED, r -> table.result(r));
  private final RecordingTurn turn = new RecordingTurn();
  private Digest root;

  @BeforeEach
  void execute() {
    certifier.executed(
        new ExecCertifier.Executed(0, 1, 1, List.of(new ExecCertifier.Leaf(REQUEST, RESULT))),
        0,
        turn);
    assertThat(turn.jobs.get(turn.job())).isInstanceOf(Work.SignExecution.class);
    certifier.onComputed(turn.job(), new Result.Signed(KitFixture.share(0)), turn);
    RecordingTurn other = new RecordingTurn();
    ExecCertifier peer =
        new ExecCertifier(KitFixture.settings(3, 1), ReplyRule.AGGREGATED, r -> table.result(r));
    peer.executed(
        new ExecCertifier.Executed(0, 1, 1, List.of(new ExecCertifier.Leaf(REQUEST, RESULT))),
        0,
        other);
    peer.onComputed(other.job(), new Result.Signed(KitFixture.share(1)), other);
    root = ((KitMessage.ExecSig) other.sentTo(0).getFirst()).root();
  }

  private void execSig(int from, Digest theirRoot) {
    certifier.onExecSig(
        from, new KitMessage.ExecSig(0, 1, 1, theirRoot, KitFixture.share(from)), turn);
  }

  @Test
  void twoSharesMakeAProofForAllAndAReplyForTheClient() {
    execSig(1, root);
    Work.Combine combine = (Work.Combine) turn.jobs.get(turn.job());
    assertThat(combine.shares()).hasSize(2);
    certifier.onComputed(turn.job(), new Result.Combined(KitFixture.certificate()), turn);

    assertThat(turn.all(Effect.Broadcast.class)).hasSize(1);
    Reply reply = turn.all(Effect.Answer.class).getFirst().reply();
    assertThat(reply.evidence()).isEqualTo(new Reply.Proof(KitFixture.certificate()));
    assertThat(reply.pathHolds()).isTrue();
    assertThat(reply.result()).isEqualTo(RESULT);
  }

  @Test
  void aBadShareIsBlamedAndTheNextOneCompletesTheProof() {
    execSig(1, root);
    certifier.onComputed(turn.job(), new Result.BadShares(List.of(1)), turn);
    assertThat(turn.all(Effect.Broadcast.class)).isEmpty();
    execSig(2, root);
    certifier.onComputed(turn.job(), new Result.Combined(KitFixture.certificate()), turn);
    assertThat(turn.all(Effect.Broadcast.class)).hasSize(1);
  }

  @Test
  void aShareInAnothersNameIsDropped() {
    certifier.onExecSig(2, new KitMessage.ExecSig(0, 1, 1, root, KitFixture.share(1)), turn);
    assertThat(turn.jobs.values()).noneMatch(Work.Combine.class::isInstance);
  }

  @Test
  void thisReplicaStopsWhenFPlusOneOthersVouchForAnotherResult() {
    Digest other = KitFixture.digest("other");
    execSig(1, other);
    assertThat(turn.jobs.values()).noneMatch(Work.Combine.class::isInstance);
    execSig(2, other);
    assertThat(turn.jobs.get(turn.job())).isInstanceOf(Work.Combine.class);
    assertThat(turn.halted()).isFalse();
    certifier.onComputed(turn.job(), new Result.Combined(KitFixture.certificate()), turn);
    assertThat(turn.halted()).isTrue();
  }

  @Test
  void aForgedProofIsFoundWhenItIsServedAndTheClientGetsTheOwnVote() {
    certifier.onExecProof(
        1, new KitMessage.ExecProof(0, 1, 1, root, KitFixture.certificate()), turn);
    certifier.answer(REQUEST, new ClientTable.Entry(1, REQUEST.digest(), RESULT), turn);
    assertThat(turn.jobs.get(turn.job())).isInstanceOf(Work.VerifyCertificate.class);
    assertThat(turn.all(Effect.Answer.class)).isEmpty();
    certifier.onComputed(turn.job(), new Result.Verdict(false), turn);
    Reply reply = turn.all(Effect.Answer.class).getFirst().reply();
    assertThat(reply.evidence()).isEqualTo(new Reply.Vote(KitFixture.share(0)));
  }

  @Test
  void aForgottenSlotIsAnsweredPlainlyFromTheTable() {
    certifier.forget(0, 1, turn);
    certifier.answer(REQUEST, new ClientTable.Entry(1, REQUEST.digest(), RESULT), turn);
    Reply reply = turn.all(Effect.Answer.class).getFirst().reply();
    assertThat(reply.evidence()).isEqualTo(new Reply.Plain());
    assertThat(reply.place()).isNull();
  }

  @Test
  void withoutAProofTheShareGoesToTheNextCollectors() {
    certifier.onTimer(0, 1, turn);
    certifier.onTimer(0, 1, turn);
    assertThat(turn.sentTo(1).size() + turn.sentTo(2).size()).isEqualTo(2);
  }

  @Test
  void aLongResultIsTakenFromTheTableAsLongAsItsClientMayAsk() {
    Request first = KitFixture.request(7, 2, "long");
    byte[] result = new byte[1000];
    result[999] = 5;
    assertThat(table.order(first)).isEqualTo(ClientTable.Disposition.FRESH);
    table.store(first, result);
    certifier.executed(
        new ExecCertifier.Executed(0, 2, 2, List.of(new ExecCertifier.Leaf(first, result))),
        0,
        turn);
    certifier.onComputed(turn.job(), new Result.Signed(KitFixture.share(0)), turn);
    ClientTable.Entry entry = table.get(first.client());
    assertThat(entry).isNotNull();
    certifier.answer(first, entry, turn);
    Reply vote = turn.all(Effect.Answer.class).getLast().reply();
    assertThat(vote.result()).isEqualTo(result);
    assertThat(vote.pathHolds()).isTrue();

    Request next = KitFixture.request(7, 3, "next");
    table.order(next);
    table.store(next, new byte[200]);
    int answers = turn.all(Effect.Answer.class).size();
    certifier.answer(first, entry, turn);
    assertThat(turn.all(Effect.Answer.class)).as("the client has gone on").hasSize(answers);
  }
}
