package io.destiny.protocols.dqbft;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.crypto.Result;
import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Message;
import io.destiny.core.model.Digest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** dqbft.md §7: the owner of a D-instance gets it back. */
class ReinstatementTest {
  private static final byte[] NO_NOTE = {};
  private static final KitMessage.Recovered RECOVERED = new KitMessage.Recovered(0);
  private static final Digest STATE = Digest.of(new byte[1]);

  private final Stage stage = new Stage(5, 4);

  private void displace(int n) {
    stage.d(n).enter(stage.d(n).view + 1, 0, Probation.NONE.next(0).note());
    stage.turn();
  }

  private List<Message> sentTo(int to) {
    return stage.effects.stream()
        .filter(e -> e instanceof Effect.Send s && s.to() == to)
        .map(e -> ((Effect.Send) e).message())
        .filter(m -> m instanceof KitMessage.Probe || m instanceof KitMessage.ProbeAck)
        .toList();
  }

  /** The probe that the last turn sent to R1 is answered. */
  private void answer(boolean signs) {
    KitMessage.Probe probe = (KitMessage.Probe) sentTo(1).getFirst();
    ack(new KitMessage.ProbeAck(probe.nonce(), 0, STATE, 0, signs));
  }

  private void ack(KitMessage.ProbeAck ack) {
    stage.on(new Input.Received(1, ack));
  }

  @Test
  void anOwnerWhoseInstanceIsNotInItsHandsSaysSoEveryTime() {
    stage.ticks(4);
    assertThat(stage.sent).doesNotContain(RECOVERED);
    displace(4);
    stage.ticks(3);
    assertThat(stage.sent.stream().filter(RECOVERED::equals)).hasSize(3);
    stage.d(4).enter(5, 0, NO_NOTE);
    stage.turn();
    stage.ticks(3);
    assertThat(stage.sent.stream().filter(RECOVERED::equals)).hasSize(3);
  }

  /** A mute replica must not be reinstated, and does not ask for it. */
  @Test
  void anObserverDoesNotAsk() {
    stage.on(new Input.Computed(1, new Result.Refused(Result.Refusal.NOT_PROVISIONED, -1)));
    displace(4);
    stage.ticks(3);
    assertThat(stage.sent).doesNotContain(RECOVERED);
    stage.on(new Input.Received(0, new KitMessage.Probe(7)));
    assertThat(sentTo(0))
        .containsExactly(new KitMessage.ProbeAck(7, 0, stage.dqbft.recovery().state(), 0, false));
  }

  /** v* = the least view above the present one whose leader is the owner. */
  @Test
  void threeOfFourProbesAnsweredGiveItBack() {
    displace(1);
    displace(1);
    stage.on(new Input.Received(1, RECOVERED));
    for (int i = 0; i < 4; i++) {
      if (i != 2) {
        answer(true);
      }
      assertThat(stage.d(1).asked).isEmpty();
      stage.ticks(1);
    }
    assertThat(stage.d(1).asked).containsExactly("suspect REINSTATE 5");
    stage.ticks(1);
    assertThat(stage.d(1).asked).hasSize(2);
  }

  @Test
  void twoAreNotEnough() {
    displace(1);
    stage.on(new Input.Received(1, RECOVERED));
    for (int i = 0; i < 4; i++) {
      if (i < 2) {
        answer(true);
      }
      stage.ticks(1);
    }
    stage.ticks(4);
    assertThat(stage.d(1).asked).isEmpty();
  }

  @Test
  void whoCannotSignIsNotWell() {
    displace(1);
    stage.on(new Input.Received(1, RECOVERED));
    for (int i = 0; i < 4; i++) {
      answer(false);
      stage.ticks(1);
    }
    stage.ticks(4);
    assertThat(stage.d(1).asked).isEmpty();
  }

  /** Answers that come late, that name another nonce, an unknown checkpoint, or come twice. */
  @Test
  void answersThatDoNotCount() {
    displace(1);
    stage.on(new Input.Received(1, RECOVERED));
    for (int i = 0; i < 4; i++) {
      KitMessage.Probe probe = (KitMessage.Probe) sentTo(1).getFirst();
      ack(new KitMessage.ProbeAck(probe.nonce() + 1, 0, STATE, 0, true));
      if (i == 0) {
        ack(new KitMessage.ProbeAck(probe.nonce(), 0, STATE, 0, true));
        ack(new KitMessage.ProbeAck(probe.nonce(), 0, STATE, 0, true));
      } else {
        ack(new KitMessage.ProbeAck(probe.nonce(), 8, STATE, 8, true));
      }
      stage.ticks(1);
    }
    stage.ticks(4);
    assertThat(stage.d(1).asked).isEmpty();
  }

  /** T_rein·2^level: an owner that fails again waits. */
  @Test
  void notTwiceInAShortTime() {
    displace(1);
    stage.d(1).enter(5, 0, Probation.NONE.next(0).note());
    stage.turn();
    stage.d(1).enter(6, 0, new Probation(2, 64).note());
    stage.turn();
    stage.on(new Input.Received(1, RECOVERED));
    assertThat(sentTo(1)).isEmpty();
    stage.passes(3 * stage.settings.tuning().reinstateDelay());
    stage.on(new Input.Received(1, RECOVERED));
    assertThat(sentTo(1)).isEmpty();
    stage.passes(stage.settings.tuning().reinstateDelay());
    stage.on(new Input.Received(1, RECOVERED));
    assertThat(sentTo(1)).hasSize(1);
  }

  /** With every instance in another's hands nobody may propose: then there is no pause. */
  @Test
  void whereNoOwnerHasItsInstanceItIsGivenBackAtOnce() {
    stage.d(1).enter(5, 0, Probation.NONE.next(0).note());
    stage.turn();
    stage.d(1).enter(6, 0, new Probation(9, 64).note());
    for (int n : new int[] {2, 3, 4}) {
      displace(n);
    }
    stage.on(new Input.Received(1, RECOVERED));
    assertThat(sentTo(1)).as("R0 still proposes").isEmpty();
    displace(0);
    stage.on(new Input.Received(1, RECOVERED));
    assertThat(sentTo(1)).hasSize(1);
  }

  /** Floods: one check at a time, few answers a peer, nothing for an owner in charge. */
  @Test
  void floodsAreBounded() {
    stage.on(new Input.Received(1, RECOVERED));
    assertThat(sentTo(1)).isEmpty();
    displace(1);
    stage.on(new Input.Received(1, RECOVERED));
    assertThat(sentTo(1)).hasSize(1);
    stage.on(new Input.Received(1, RECOVERED));
    assertThat(sentTo(1)).isEmpty();
    int answers = 0;
    for (int i = 0; i < 100; i++) {
      stage.on(new Input.Received(2, new KitMessage.Probe(i)));
      answers += sentTo(2).size();
    }
    assertThat(answers).isEqualTo(4);
  }

  /** Rule 10: not in view 0, once a slot, to ⌈log2 N⌉ others. */
  @Test
  void freshProposalsOfALaterViewAreFlooded() {
    stage.d(1).proposed(1, stage.batch(1));
    stage.turn();
    assertThat(stage.d(1).asked).isEmpty();
    stage.d(1).enter(5, 1, NO_NOTE);
    stage.turn();
    assertThat(stage.d(1).asked).as("what the view takes over comes to all").isEmpty();
    stage.d(1).proposed(2, stage.batch(1));
    stage.turn();
    assertThat(stage.d(1).asked)
        .containsExactlyInAnyOrder("show 2 to 0", "show 2 to 2", "show 2 to 3");
  }
}
