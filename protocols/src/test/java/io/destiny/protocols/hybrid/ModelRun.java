package io.destiny.protocols.hybrid;

import io.destiny.protocols.hybrid.ModelSoup.Broken;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** One random run, a function of its options and its seed. */
final class ModelRun {
  /** Attempts: many find nothing that they may do. */
  private static final int FEWEST_STEPS = 240;

  private static final int MOST_STEPS = 500;

  private final ModelSoup soup;

  private ModelRun(ModelSoup soup) {
    this.soup = soup;
  }

  static ModelRun of(ModelOptions options, long seed) {
    return new ModelRun(run(options, seed, false));
  }

  /** The same run again, told to a person. */
  static String tell(ModelOptions options, long seed) {
    ModelSoup soup = run(options, seed, true);
    return "seed %d of %s%n%s%n".formatted(seed, options, String.join("\n", soup.trace()));
  }

  Map<Broken, String> broken() {
    return soup.broken();
  }

  private static ModelSoup run(ModelOptions options, long seed, boolean traced) {
    SplittableRandom random = new SplittableRandom(seed);
    ModelSoup soup = new ModelSoup(options, traced);
    List<Runnable> actors = new ArrayList<>();
    List<ModelReplica> correct = new ArrayList<>();
    int firstFaulty = random.nextInt(options.replicas());
    for (int i = 0; i < options.replicas(); i++) {
      boolean faulty =
          (i - firstFaulty + options.replicas()) % options.replicas() < options.faulty();
      if (faulty) {
        soup.note("R%d is faulty", i);
        actors.add(new ModelHost(soup, i, random)::step);
      } else {
        ModelReplica replica = new ModelReplica(soup, i, random);
        correct.add(replica);
        actors.add(replica::step);
      }
    }
    int steps = random.nextInt(FEWEST_STEPS, MOST_STEPS + 1);
    for (int s = 0; s < steps && !soup.broken().containsKey(Broken.AGREEMENT); s++) {
      actors.get(random.nextInt(actors.size())).run();
    }
    correct.forEach(ModelReplica::audit);
    return soup;
  }
}
