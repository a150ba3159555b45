package io.destiny.sim.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.sim.check.Violation;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** V5 for what the swarm itself judges. */
class SwarmTest {
  private static Swarm.Outcome outcome(String traceHash) {
    return new Swarm.Outcome(
        40, null, "", 7, 100, 1000, new TreeMap<>(), new TreeMap<>(), Set.of(), traceHash);
  }

  @Test
  void s20TwoRunsOfOneSeedLeaveOtherTraces() {
    Swarm.Outcome first = outcome("aa");
    assertThat(Swarm.alike(first, outcome("aa"))).isSameAs(first);
    Swarm.Outcome failed = Swarm.alike(first, outcome("ab"));
    assertThat(failed.oracle()).isEqualTo("S20");
    assertThat(failed.seed()).isEqualTo(40);
    assertThat(failed.committed()).isEqualTo(7);
  }

  @Test
  void v1ASeedThatAnswersNobodyProvesNothing() {
    assertThatThrownBy(() -> SwarmRun.enough(0))
        .isInstanceOfSatisfying(Violation.class, v -> assertThat(v.rule()).isEqualTo("V1"));
    assertThatCode(() -> SwarmRun.enough(1)).doesNotThrowAnyException();
  }
}
