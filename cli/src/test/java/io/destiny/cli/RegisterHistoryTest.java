package io.destiny.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RegisterHistoryTest {
  private final RegisterHistory history = new RegisterHistory();

  @Test
  void whatWasAnsweredIsThereForWhoeverAsksLater() {
    history.put("a", "1").done();
    history.get("a").found("1");
    history.swap("a", "1", "2").swapped();
    history.swap("a", "1", "3").different("2");
    history.get("b").found(null);
    assertThat(history.fault()).isNull();
    assertThat(history.answered()).isEqualTo(5);
  }

  @Test
  void aLostWriteIsFound() {
    history.put("a", "1").done();
    history.put("a", "2").done();
    history.get("a").found("1");
    assertThat(history.fault()).contains("key a").contains("GET");
  }

  @Test
  void aLostSwapIsFoundByTheNext() {
    history.swap("a", null, "1").swapped();
    history.swap("a", "1", "2").swapped();
    history.swap("a", "2", "3").different("1");
    assertThat(history.fault()).contains("SWAP 2 3");
  }

  @Test
  void aWriteThatTookEffectTwiceIsFound() {
    RegisterHistory.Call put = history.put("a", "1");
    history.get("a").found("1");
    put.done();
    history.put("a", "2").done();
    history.get("a").found("1");
    assertThat(history.fault()).isNotNull();
  }

  @Test
  void aReadThatGoesBackIsFound() {
    history.put("a", "1").done();
    RegisterHistory.Call put = history.put("a", "2");
    history.get("a").found("2");
    history.get("a").found("1");
    put.done();
    assertThat(history.fault()).isNotNull();
  }

  @Test
  void whatOverlapsMayTakeEffectInAnyOrder() {
    RegisterHistory.Call one = history.put("a", "1");
    RegisterHistory.Call two = history.put("a", "2");
    RegisterHistory.Call read = history.get("a");
    two.done();
    one.done();
    read.found("2");
    history.get("a").found("1");
    assertThat(history.fault()).isNull();
  }

  @Test
  void whatWasNeverAnsweredMayHaveTakenEffectOnceOrNotAtAll() {
    var _ = history.put("a", "1");
    history.get("a").found(null);
    history.put("a", "2").done();
    history.get("a").found("1");
    assertThat(history.fault()).isNull();
    history.put("a", "3").done();
    history.get("a").found("1");
    assertThat(history.fault()).isNotNull();
  }

  /** Real registers under random interleavings, with and without one answer made false. */
  @Test
  void trueHistoriesPassAndFalsifiedOnesDoNot() {
    for (int seed = 0; seed < 200; seed++) {
      assertThat(random(seed, false).fault()).as("seed %d", seed).isNull();
      assertThat(random(seed, true).fault()).as("seed %d", seed).isNotNull();
    }
  }

  private static RegisterHistory random(int seed, boolean falsify) {
    SplittableRandom random = new SplittableRandom(seed);
    RegisterHistory history = new RegisterHistory();
    String value = null;
    int steps = 60;
    List<Runnable> late = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      String mine = "v" + i;
      String now = value;
      Runnable answer;
      switch (random.nextInt(3)) {
        case 0 -> {
          RegisterHistory.Call call = history.put("k", mine);
          answer = call::done;
          value = mine;
        }
        case 1 -> {
          RegisterHistory.Call call = history.get("k");
          answer = () -> call.found(now);
        }
        default -> {
          RegisterHistory.Call call = history.swap("k", now, mine);
          answer = call::swapped;
          value = mine;
        }
      }
      late.add(answer);
      while (late.size() > 3 || (!late.isEmpty() && random.nextBoolean())) {
        late.remove(random.nextInt(late.size())).run();
      }
    }
    late.forEach(Runnable::run);
    history.get("k").found(falsify ? "never written" : value);
    return history;
  }
}
