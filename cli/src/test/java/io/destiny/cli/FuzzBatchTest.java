package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.sim.fault.Swarm;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A batch in which everything was tried counts; take one thing away and it does not. */
class FuzzBatchTest {
  private static final Swarm.Mode GENTLE = Swarm.Mode.NO_LEADER_LOSS;

  private static Map<String, Long> all(Swarm.Mode mode) {
    Map<String, Long> injected = new HashMap<>();
    Swarm.injectable(mode, true).forEach(word -> injected.put(word, 1L));
    return injected;
  }

  private static FuzzBatch batch(Swarm.Mode mode, long seeds, Map<String, Long> injected) {
    return new FuzzBatch(mode, true, seeds, 0, injected, Map.of("S1", 1L));
  }

  @Test
  void whatAModeCanInjectMustHaveBeenInjected() {
    for (Swarm.Mode mode : Swarm.Mode.values()) {
      Map<String, Long> injected = all(mode);
      assertThat(injected).containsKeys("crash", "twin", "clog").doesNotContainKey("cloneTrusted");
      assertThat(batch(mode, 500, injected).vacuous()).isEmpty();
      injected.remove("crash");
      injected.put("twin", 0L);
      assertThat(batch(mode, 2000, injected).vacuous())
          .containsExactly("never injected: crash, twin");
      assertThat(batch(mode, 500, injected).vacuous())
          .as("a liar may be missing by chance")
          .containsExactly("never injected: crash");
      assertThat(batch(mode, 499, injected).vacuous()).as("chance").isEmpty();
    }
    assertThat(Swarm.injectable(Swarm.Mode.ALL, true)).contains("equivocate", "impersonate");
    assertThat(Swarm.injectable(GENTLE, true)).doesNotContain("equivocate");
  }

  @Test
  void nobodyProposesInAnotherInstanceWhereThereIsOne() {
    Map<String, Long> injected = all(Swarm.Mode.ALL);
    injected.remove("impersonate");
    assertThat(batch(Swarm.Mode.ALL, 2000, injected).vacuous())
        .containsExactly("never injected: impersonate");
    FuzzBatch alone = new FuzzBatch(Swarm.Mode.ALL, false, 2000, 0, injected, Map.of("S1", 1L));
    assertThat(alone.vacuous()).isEmpty();
  }

  @Test
  void everyOracleMustHaveChecked() {
    FuzzBatch idle = new FuzzBatch(GENTLE, true, 500, 0, all(GENTLE), Map.of("S1", 3L, "S9", 0L));
    assertThat(idle.vacuous()).containsExactly("oracle S9 never checked anything");
  }

  @Test
  void everySeedCommitsWhereAllMustBeAnswered() {
    assertThat(new FuzzBatch(GENTLE, true, 3, 2, Map.of(), Map.of()).vacuous())
        .containsExactly("2 seeds committed nothing");
    assertThat(new FuzzBatch(Swarm.Mode.ALL, true, 3, 2, Map.of(), Map.of()).vacuous()).isEmpty();
  }
}
