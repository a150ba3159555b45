package io.destiny.protocols.hybrid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.destiny.protocols.hybrid.ModelOptions.Mutation;
import io.destiny.protocols.hybrid.ModelSoup.Broken;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * hybster.md §5.3: the view change explored at random, in a model that has nothing in common with
 * the protocol's code but the specification. {@code -Dexplorer.runs=1000000} explores further,
 * {@code -Dexplorer.seed} says where to begin; seed and story of a run that fails are in the
 * message.
 */
class ViewChangeExplorerTest {
  private static final long RUNS = Long.getLong("explorer.runs", 60_000);
  private static final long FIRST = Long.getLong("explorer.seed", 0);

  private enum World {
    /** 2 orders, 5 views. */
    SMALL,

    /** 4 orders, 6 views, checkpoints, windows, skipped signatures, belated NEW-VIEWs. */
    LARGE,

    /** The same, and a faulty leader may make more than one NEW-VIEW of a view. */
    SEVERAL;

    ModelOptions options(int replicas, long seed, Mutation mutation) {
      return switch (this) {
        case SMALL -> ModelOptions.small(replicas, mutation);
        case LARGE -> ModelOptions.large(replicas, seed, mutation);
        case SEVERAL -> ModelOptions.several(replicas, seed, mutation);
      };
    }
  }

  @ParameterizedTest
  @CsvSource({"SMALL,3", "SMALL,5", "LARGE,3", "LARGE,5", "SEVERAL,3", "SEVERAL,5"})
  void theRulesHold(World world, int replicas) {
    for (long seed = FIRST; seed < FIRST + RUNS; seed++) {
      ModelOptions options = world.options(replicas, seed, Mutation.NONE);
      if (!ModelRun.of(options, seed).broken().isEmpty()) {
        fail(ModelRun.tell(options, seed));
      }
    }
  }

  /** Each rule is needed: without it something breaks, and the explorer sees it. */
  @ParameterizedTest
  @CsvSource({
    "SMALL, 3, CHAIN_DROPPED,      AGREEMENT, 5000",
    "SMALL, 5, CHAIN_DROPPED,      AGREEMENT, 10000",
    "LARGE, 3, CHAIN_DROPPED,      AGREEMENT, 5000",
    "LARGE, 5, CHAIN_DROPPED,      AGREEMENT, 10000",
    "SMALL, 3, OBLIGATION_DROPPED, AGREEMENT, 1000",
    "SMALL, 5, OBLIGATION_DROPPED, AGREEMENT, 1000",
    "LARGE, 3, OBLIGATION_DROPPED, AGREEMENT, 1000",
    "LARGE, 5, OBLIGATION_DROPPED, AGREEMENT, 1000",
    "SMALL, 3, UNFOUNDED,          AGREEMENT, 200",
    "LARGE, 5, UNFOUNDED,          AGREEMENT, 200",
    "LARGE, 3, BASE_FORGOTTEN,     GAP,       5000",
    "LARGE, 5, BASE_FORGOTTEN,     GAP,       5000",
    "LARGE, 3, HOLES_SIGNED,       MUTE,      1000",
    "LARGE, 5, HOLES_SIGNED,       MUTE,      1000",
    "LARGE, 3, CHECKPOINT_KEPT,    LEFT_MUTE, 2000",
    "LARGE, 5, CHECKPOINT_KEPT,    LEFT_MUTE, 2000",
    "LARGE, 3, CERTIFICATE_LOST,   MUTE,      200",
    "LARGE, 5, CERTIFICATE_LOST,   MUTE,      200",
    "LARGE, 3, LEADER_STOPS,       MUTE,      200",
    "LARGE, 5, LEADER_STOPS,       MUTE,      200",
  })
  void aBrokenRuleIsFound(World world, int replicas, Mutation mutation, Broken expected, int most) {
    for (long seed = 0; seed < most; seed++) {
      if (ModelRun.of(world.options(replicas, seed, mutation), seed)
          .broken()
          .containsKey(expected)) {
        System.out.printf(
            Locale.ROOT,
            "%s with %s, N=%d: %s in run %d%n",
            world,
            mutation,
            replicas,
            expected,
            seed + 1);
        return;
      }
    }
    fail("%s is not found in %d runs", mutation, most);
  }

  /** What only makes replicas mute, and so slow, must not cost agreement. */
  @ParameterizedTest
  @CsvSource({"CHECKPOINT_KEPT", "CERTIFICATE_LOST", "LEADER_STOPS", "HOLES_SIGNED"})
  void theMuteAgree(Mutation mutation) {
    for (long seed = 0; seed < 5_000; seed++) {
      ModelOptions options = ModelOptions.large(3, seed, mutation);
      Map<Broken, String> broken = ModelRun.of(options, seed).broken();
      if (broken.containsKey(Broken.AGREEMENT) || broken.containsKey(Broken.K2)) {
        fail(ModelRun.tell(options, seed));
      }
    }
  }

  /** Runs in which nothing happens would pass as well: each situation of §5 must come about. */
  @Test
  void theRunsMeetWhatTheRulesAreAbout() {
    Map<String, Pattern> situations = new LinkedHashMap<>();
    situations.put("a commit in the last view", Pattern.compile("committed: .* in view 5"));
    situations.put("three failed views", Pattern.compile("chain [^,]*, [^,]*, [^,]*\\], origin"));
    situations.put("an inherited NEW-VIEW", Pattern.compile("origin \\[[1-9]\\|0\\]"));
    situations.put(
        "re-proposals of re-proposals",
        Pattern.compile("NEW-VIEW .*: from view [1-9], base (\\d), max (?!\\1)"));
    situations.put("a belated NEW-VIEW", Pattern.compile("learns NEW-VIEW"));
    situations.put("a skipped signature", Pattern.compile("skips"));
    situations.put("a checkpoint as base", Pattern.compile("NEW-VIEW .* base [1-9]"));
    situations.put("the last checkpoint", Pattern.compile("stable checkpoint 4"));
    situations.put("a host that hides its jump", Pattern.compile("jumps to"));
    for (int seed = 0; seed < 300; seed++) {
      String told = ModelRun.tell(ModelOptions.large(3, seed, Mutation.NONE), seed);
      situations.values().removeIf(each -> each.matcher(told).find());
    }
    assertThat(situations.keySet()).isEmpty();
  }

  @Test
  void equalSeedsTellTheSameStory() {
    for (int seed = 0; seed < 200; seed++) {
      ModelOptions options = ModelOptions.large(3, seed, Mutation.LEADER_STOPS);
      assertThat(ModelRun.tell(options, seed)).isEqualTo(ModelRun.tell(options, seed));
      for (Broken each : ModelRun.of(options, seed).broken().keySet()) {
        assertThat(ModelRun.tell(options, seed)).contains("BROKEN " + each);
      }
    }
  }
}
