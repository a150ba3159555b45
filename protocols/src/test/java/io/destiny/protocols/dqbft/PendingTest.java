package io.destiny.protocols.dqbft;

import static io.destiny.protocols.dqbft.Stage.order;
import static io.destiny.protocols.dqbft.Stage.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.kit.KitMessage;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

/** 00-system-model.md §6: homes, adoption, retransmission, T_prop. */
class PendingTest {
  private static final byte[] NO_NOTE = {};

  private static List<Integer> relayedTo(Stage stage) {
    return stage.effects.stream()
        .filter(e -> e instanceof Effect.Send s && s.message() instanceof KitMessage.Relay)
        .map(e -> ((Effect.Send) e).to())
        .toList();
  }

  private static Request of(Stage stage, int home) {
    return request(stage.client(home, 0), 1);
  }

  @Test
  void aCommandIsPassedOnUntilItsHomeProposesIt() {
    Stage stage = new Stage(5, 4);
    Request r = of(stage, 1);
    stage.on(new Input.Submitted(r));
    assertThat(relayedTo(stage)).containsExactly(1);
    stage.ticks(1);
    assertThat(relayedTo(stage)).containsExactly(1);
    stage.d(2).proposed(1, Batch.of(List.of(r)));
    stage.turn();
    stage.ticks(1);
    assertThat(relayedTo(stage)).as("a third instance's proposal").containsExactly(1);
    stage.d(1).proposed(1, Batch.of(List.of(r)));
    stage.turn();
    stage.ticks(1);
    assertThat(relayedTo(stage)).isEmpty();
    assertThat(stage.d(1).asked).isEmpty();
  }

  @Test
  void aHomeThatDoesNotProposeIsSuspectedAndTheClockStartsAgainInItsNextView() {
    Stage stage = new Stage(5, 4);
    stage.on(new Input.Submitted(of(stage, 1)));
    stage.ticks(3);
    assertThat(stage.d(1).asked).isEmpty();
    stage.ticks(2);
    assertThat(stage.d(1).asked).containsExactly("suspect PROPOSAL 1", "suspect PROPOSAL 1");
    stage.d(1).enter(1, 0, NO_NOTE);
    stage.turn();
    stage.ticks(3);
    assertThat(stage.d(1).asked).hasSize(2);
    assertThat(relayedTo(stage)).as("to the adopter").containsExactly(2);
    stage.ticks(1);
    assertThat(stage.d(1).asked).last().isEqualTo("suspect PROPOSAL 2");
  }

  /** 00 §8: otherwise one stalled instance deposes every owner. */
  @Test
  void aHomeWhoseWindowIsFullIsNotSuspected() {
    Stage stage = new Stage(5, 4);
    for (long s = 1; s <= 16; s++) {
      stage.d(1).committed(s, Batch.NOOP);
    }
    stage.ordering.proposed(1, stage.list(order(1, 16)));
    stage.on(new Input.Submitted(of(stage, 1)));
    stage.ticks(20);
    assertThat(stage.d(1).asked).isEmpty();
  }

  /** Execution stands still elsewhere, and the client asks everybody for what is committed. */
  @Test
  void aCommandThatWasCommittedBeforeItCameIsNobodysFault() {
    Stage stage = new Stage(5, 4);
    Request r = of(stage, 1);
    stage.d(1).committed(1, Batch.of(List.of(r)));
    stage.ordering.proposed(1, stage.list(order(1, 1)));
    stage.turn();
    stage.on(new Input.Submitted(r));
    stage.ticks(3);
    stage.ordering.committed(1, stage.list(order(0, 1), order(1, 1)));
    stage.turn();
    stage.ticks(20);
    assertThat(stage.d(1).asked).isEmpty();
  }

  /** The caretaker adopts: it proposes in its own instance, and nothing but NOOPs in the other. */
  @Test
  void theCaretakerAdopts() {
    Stage stage = new Stage(5, 2);
    stage.on(new Input.Submitted(of(stage, 1)));
    assertThat(stage.d(2).asked).isEmpty();
    stage.d(1).enter(1, 0, NO_NOTE);
    stage.turn();
    assertThat(stage.d(2).asked).containsExactly("propose 1 batch(1)");
    assertThat(stage.d(1).asked).isEmpty();
    // The owner is back and proposes; what the caretaker has proposed it does not propose again.
    stage.d(1).enter(5, 0, NO_NOTE);
    stage.turn();
    assertThat(stage.d(2).asked).hasSize(1);
    assertThat(relayedTo(stage)).isEmpty();
    stage.ticks(1);
    assertThat(relayedTo(stage)).containsExactly(1);
  }

  /** A caretaker whose own instance is not in its hands passes commands on to that one's. */
  @Test
  void aDisplacedCaretakerPassesOn() {
    Stage stage = new Stage(5, 4);
    stage.d(1).enter(1, 0, NO_NOTE);
    stage.d(2).enter(1, 0, NO_NOTE);
    stage.turn();
    stage.on(new Input.Submitted(of(stage, 1)));
    assertThat(relayedTo(stage)).containsExactly(3);
  }

  /**
   * What a displaced owner has queued or proposed is the adopter's, unless the view takes it over.
   */
  @Test
  void aDisplacedOwnersCommandsAreNotLost() {
    Stage stage = new Stage(5, 4);
    Request first = request(stage.client(4, 0), 1);
    Request second = request(stage.client(4, 1), 1);
    stage.on(new Input.Submitted(first));
    stage.on(new Input.Submitted(second));
    assertThat(stage.d(4).asked).containsExactly("propose 1 batch(1)", "propose 2 batch(1)");
    // The new view takes over slot 1 alone.
    stage.d(4).enter(1, 1, NO_NOTE);
    stage.turn();
    stage.ticks(1);
    List<Effect> sent = stage.effects.stream().filter(e -> isRelay(e)).toList();
    assertThat(sent).containsExactly(new Effect.Send(0, new KitMessage.Relay(second)));
    // Back in charge, the owner proposes it afresh.
    stage.d(4).enter(5, 1, NO_NOTE);
    stage.turn();
    assertThat(stage.d(4).asked).endsWith("suspect REINSTATE 5", "propose 2 batch(1)").hasSize(4);
  }

  private static boolean isRelay(Effect e) {
    return e instanceof Effect.Send s && s.message() instanceof KitMessage.Relay;
  }

  @Test
  void whoIsNotConcernedTakesNoRelay() {
    Stage stage = new Stage(5, 4);
    stage.on(new Input.Received(0, new KitMessage.Relay(of(stage, 1))));
    assertThat(stage.dqbft.status().pending()).isZero();
    assertThat(stage.effects).noneMatch(e -> e instanceof Effect.Compute);
  }
}
