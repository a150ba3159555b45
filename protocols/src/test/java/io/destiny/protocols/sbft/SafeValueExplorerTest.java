package io.destiny.protocols.sbft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.destiny.protocols.sbft.DualPath.Mutation;
import io.destiny.protocols.sbft.DualPathSoup.Broken;
import io.destiny.protocols.sbft.DualPathSoup.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * sbft.md §5 and §6: both paths and the view change explored at random, in a model that shares
 * nothing with the protocol's code. {@code -Dexplorer.runs=1000000} explores further.
 */
class SafeValueExplorerTest {
  private static final long RUNS = Long.getLong("explorer.runs", 20_000);
  private static final long FIRST = Long.getLong("explorer.seed", 0);

  @ParameterizedTest
  @ValueSource(ints = {4, 7})
  void theRulesHold(int replicas) {
    for (long seed = FIRST; seed < FIRST + RUNS; seed++) {
      DualPathSoup run = new DualPathSoup(replicas, seed, Mutation.NONE, Fault.NONE).run();
      if (!run.broken.isEmpty()) {
        fail("run %d with N=%d: %s", seed, replicas, run.broken);
      }
    }
  }

  /** Each rule is needed: without it something breaks, and the explorer sees it. */
  @ParameterizedTest
  @CsvSource({
    "FAST_ALWAYS_WINS, NONE,               CONCEALED",
    "FAST_IGNORED,     NONE,               CONCEALED",
    "ONE_CLAIM_COUNTS, NONE,               INVENTED",
    "PROOF_IGNORED,    NONE,               CONCEALED",
    "NONE,             FAST_WITH_ONE_LESS, CONCEALED",
    "NONE,             COMMITS_UNPREPARED, CONCEALED",
    "NONE,             PREP_FORGOTTEN,     CONCEALED",
    "NONE,             ACCEPTED_FORGOTTEN, CONCEALED",
    "NONE,             SIGNS_TWICE,        AGREEMENT",
  })
  void aBrokenRuleIsFound(Mutation mutation, Fault fault, Broken expected) {
    for (long seed = 0; seed < 100_000; seed++) {
      if (new DualPathSoup(4, seed, mutation, fault).run().broken.containsKey(expected)) {
        return;
      }
    }
    fail("%s, %s is not found", mutation, fault);
  }

  /** Runs in which nothing happens would pass as well. */
  @Test
  void theRunsMeetWhatTheRulesAreAbout() {
    int newViews = 0;
    int fast = 0;
    int slow = 0;
    int retaken = 0;
    for (long seed = 0; seed < 300; seed++) {
      DualPathSoup run = new DualPathSoup(4, seed, Mutation.NONE, Fault.NONE).run();
      newViews += run.newViewsMade;
      fast += run.fast;
      slow += run.slow;
      retaken += run.retaken;
    }
    assertThat(newViews).isGreaterThan(300);
    assertThat(fast).isGreaterThan(300);
    assertThat(slow).isGreaterThan(300);
    assertThat(retaken).isGreaterThan(300);
  }
}
