package io.destiny.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The facts of 00-system-model §2. */
class QuorumRuleTest {
  private static final int LARGEST = 301;

  @ParameterizedTest
  @EnumSource
  void correctReplicasAloneFormAQuorum(FaultModel model) {
    for (int n = 1; n <= LARGEST; n++) {
      QuorumRule rule = new QuorumRule(n, model);
      assertThat(rule.quorum()).as("N = %d", n).isLessThanOrEqualTo(n - rule.f());
      assertThat(rule.weak()).isEqualTo(rule.f() + 1);
    }
  }

  @Test
  void twoQuorumsOfTheByzantineModelShareACorrectReplica() {
    for (int n = 1; n <= LARGEST; n++) {
      QuorumRule rule = new QuorumRule(n, FaultModel.BFT);
      int shared = 2 * rule.quorum() - n;
      assertThat(shared).as("N = %d", n).isGreaterThanOrEqualTo(rule.f() + 1);
      assertThat(3 * rule.f() + 1).isLessThanOrEqualTo(n);
      assertThat(2 * (rule.quorum() - 1) - n).as("no smaller Q will do").isLessThan(rule.f() + 1);
    }
  }

  @Test
  void twoQuorumsOfTheHybridModelShareAReplica() {
    for (int n = 1; n <= LARGEST; n++) {
      QuorumRule rule = new QuorumRule(n, FaultModel.HYBRID);
      assertThat(2 * rule.quorum() - n).as("N = %d", n).isGreaterThanOrEqualTo(1);
      assertThat(2 * rule.f() + 1).isLessThanOrEqualTo(n);
      assertThat(2 * (rule.quorum() - 1) - n).as("no smaller Q will do").isLessThan(1);
    }
  }

  @Test
  void exactSizesHaveTheQuorumsOfTheFiles() {
    for (int f = 0; f <= 100; f++) {
      assertThat(new QuorumRule(3 * f + 1, FaultModel.BFT).quorum()).isEqualTo(2 * f + 1);
      assertThat(new QuorumRule(2 * f + 1, FaultModel.HYBRID).quorum()).isEqualTo(f + 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"19,6,9", "49,16,24", "97,32,48", "193,64,96", "301,100,150", "4,1,1"})
  void evaluatedSizes(int n, int byzantine, int hybrid) {
    assertThat(new QuorumRule(n, FaultModel.BFT).f()).isEqualTo(byzantine);
    assertThat(new QuorumRule(n, FaultModel.HYBRID).f()).isEqualTo(hybrid);
  }

  /** 00 §2: for N = 4 hybrid, Q is 3 where f+1 is 2. */
  @Test
  void quorumAndWeakSetDifferForOtherSizes() {
    QuorumRule rule = new QuorumRule(4, FaultModel.HYBRID);
    assertThat(rule.quorum()).isEqualTo(3);
    assertThat(rule.weak()).isEqualTo(2);
  }

  @Test
  void aClusterHasOneTo65534Replicas() {
    assertThatThrownBy(() -> new QuorumRule(0, FaultModel.BFT))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new QuorumRule(65_535, FaultModel.BFT))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new QuorumRule(65_534, FaultModel.BFT).f()).isEqualTo(21_844);
  }
}
