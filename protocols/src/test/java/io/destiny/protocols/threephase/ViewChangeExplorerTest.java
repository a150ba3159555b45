package io.destiny.protocols.threephase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.destiny.protocols.threephase.ModelSoup.Broken;
import io.destiny.protocols.threephase.ModelSoup.Mutation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * pbft.md §5 and §6: the view change explored at random, in a model that shares nothing with the
 * protocol's code. {@code -Dexplorer.runs=1000000} explores further.
 */
class ViewChangeExplorerTest {
  private static final long RUNS = Long.getLong("explorer.runs", 20_000);
  private static final long FIRST = Long.getLong("explorer.seed", 0);

  @ParameterizedTest
  @ValueSource(ints = {4, 7})
  void theRulesHold(int replicas) {
    for (long seed = FIRST; seed < FIRST + RUNS; seed++) {
      ModelSoup run = new ModelSoup(replicas, seed, Mutation.NONE).run();
      if (!run.broken.isEmpty()) {
        fail("run %d with N=%d: %s", seed, replicas, run.broken);
      }
    }
  }

  /** Each rule is needed: without it something breaks, and the explorer sees it. */
  @ParameterizedTest
  @CsvSource({
    "4, Q_FORGOTTEN,    STUCK",
    "7, Q_FORGOTTEN,    STUCK",
    "4, P_FORGOTTEN,    CONCEALED",
    "7, P_FORGOTTEN,    CONCEALED",
    "4, A2_DROPPED,     CONCEALED",
    "7, A2_DROPPED,     CONCEALED",
    "4, PREPARED_EARLY, PREPARED",
    "4, NOOP_FIRST,     CONCEALED",
  })
  void aBrokenRuleIsFound(int replicas, Mutation mutation, Broken expected) {
    for (long seed = 0; seed < 50_000; seed++) {
      if (new ModelSoup(replicas, seed, mutation).run().broken.containsKey(expected)) {
        return;
      }
    }
    fail("%s is not found", mutation);
  }

  /** Runs in which nothing happens would pass as well. */
  @Test
  void theRunsMeetWhatTheRulesAreAbout() {
    int newViews = 0;
    int commits = 0;
    int retaken = 0;
    for (long seed = 0; seed < 300; seed++) {
      ModelSoup run = new ModelSoup(4, seed, Mutation.NONE).run();
      newViews += run.newViewsMade;
      commits += run.commits;
      retaken += run.retaken;
    }
    assertThat(newViews).isGreaterThan(300);
    assertThat(commits).isGreaterThan(300);
    assertThat(retaken).isGreaterThan(300);
  }
}
