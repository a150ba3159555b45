package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Homes;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.hybrid.ordering.OrderingMessage.Prepare;
import io.destiny.protocols.linearhybster.LinearHybsterMessage.CommitSig;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * A coordinator and the O-primary work together for a long time (dqbft.md §6 rule 11, L8 of
 * reliability.md): the coordinator behaves on probation, and as soon as its slots are ordered
 * optimistically again it shows them to just enough replicas for the order to be voted for, and
 * withholds what would disseminate them. Each time it is replaced, and each time its probation
 * doubles. {@code -Dminutes=60} goes on for so long.
 */
class DestinyCollusionTest {
  private static final long MILLISECOND = 1_000_000L;
  private static final long SECOND = 1000 * MILLISECOND;
  private static final int N = 5;
  private static final int COORDINATOR = 1;
  private static final Set<Integer> TOLD = Set.of(0, 2);

  /** What both liars know: up to where the coordinator has to behave. */
  private static final class Plot {
    long probationEnd;
    long attacked;
    int returns;

    void entered(Effect.Event.Entered e) {
      boolean own = (COORDINATOR + e.view()) % N == COORDINATOR;
      if (e.instance() == COORDINATOR && e.view() > 0 && own) {
        returns++;
      }
      if (e.instance() == COORDINATOR && e.view() > 0) {
        // Each new view of the instance doubles the probation; decay is not waited for.
        probationEnd = e.max() + (64L << Math.min(9, 2 * returns));
      }
    }

    boolean attacks(int instance, long slot) {
      return instance == COORDINATOR && slot > probationEnd;
    }
  }

  private record Liar(Protocol inside, Plot plot, boolean coordinates) implements Protocol {
    @Override
    public void on(Input input, Step step) {
      inside.on(input, new Lying(step, plot, coordinates));
    }

    @Override
    public Status status() {
      return inside.status();
    }
  }

  private record Lying(Step step, Plot plot, boolean coordinates) implements Step {
    @Override
    public long now() {
      return step.now();
    }

    @Override
    public long wallMillis() {
      return step.wallMillis();
    }

    @Override
    public RandomGenerator random() {
      return step.random();
    }

    @Override
    public void emit(Effect effect) {
      switch (effect) {
        case Effect.Broadcast(Prepare p)
            when coordinates && plot.attacks(p.instance(), p.slot()) -> {
          plot.attacked++;
          TOLD.forEach(to -> step.emit(new Effect.Send(to, p)));
        }
        case Effect.Send(int to, CommitSig c) when plot.attacks(c.instance(), c.slot()) -> {}
        case Effect.Note(Effect.Event.Entered e) when coordinates -> {
          plot.entered(e);
          step.emit(effect);
        }
        default -> step.emit(effect);
      }
    }
  }

  /** Time during which a correct replica executed nothing for longer than usual. */
  private static final class Stalls implements TraceListener {
    private final World world;
    long stalled;
    int views;
    private long last;

    Stalls(World world) {
      this.world = world;
    }

    @Override
    public void effect(int replica, long number, Effect effect) {
      if (replica != 3) {
        return;
      }
      if (effect instanceof Effect.Note(Effect.Event.Ordered o)) {
        long gap = world.now() - last;
        stalled += gap > 250 * MILLISECOND ? gap : 0;
        last = world.now();
      } else if (effect instanceof Effect.Note(Effect.Event.Entered e)
          && e.instance() == COORDINATOR
          && e.view() > 0) {
        views++;
      }
    }
  }

  @Test
  void eachReturnOfAColludingCoordinatorCostsItTwiceAsMuch() {
    Plot plot = new Plot();
    World world =
        Checks.on(
            World.of(
                DestinySimTest.options(N)
                    .withTuning(Settings.Tuning.defaults(2))
                    .withProtocol(
                        s -> {
                          Protocol correct = Catalog.find("destiny").orElseThrow().create(s);
                          return s.self() <= COORDINATOR
                              ? new Liar(correct, plot, s.self() == COORDINATOR)
                              : correct;
                        })));
    Stalls stalls = new Stalls(world);
    world.listen(stalls);
    world.start();
    for (int home = 0; home < N; home++) {
      begin(world, clientOf(home));
    }
    int minutes = Integer.getInteger("minutes", 8);
    long[] stalledBy = new long[minutes + 1];
    int[] viewsBy = new int[minutes + 1];
    for (int m = 1; m <= minutes; m++) {
      world.run(60 * SECOND);
      stalledBy[m] = stalls.stalled;
      viewsBy[m] = stalls.views;
      if (Integer.bitCount(m) == 1 || m == minutes) {
        System.out.printf(
            "after %2d minutes: %d attacks, %d returns, %d views of D%d, stalled for %.1f s%n",
            m, plot.attacked, plot.returns, stalls.views, COORDINATOR, stalls.stalled / 1e9);
      }
    }
    assertThat(plot.attacked).as("it does attack").isPositive();
    assertThat(viewsBy[minutes]).as("and is replaced").isPositive();
    int half = minutes / 2;
    // A logarithm gains from one doubling to the next what it gained from the one before.
    assertThat(viewsBy[minutes] - viewsBy[half])
        .isLessThanOrEqualTo(Math.max(4, viewsBy[half] - viewsBy[half / 2] + 2));
    assertThat(stalledBy[minutes] - stalledBy[half])
        .isLessThanOrEqualTo(stalledBy[half] - stalledBy[0]);
  }

  private static long clientOf(int home) {
    long client = 1;
    while (Homes.of(client << 32, N) != home) {
      client++;
    }
    return client << 32;
  }

  /** A request every 100 ms or as soon as the last one is answered. */
  private static void begin(World world, long id) {
    ClientStub client = world.client(id);
    world.listen(
        new TraceListener() {
          @Override
          public void accepted(ClientStub who, ClientStub.Accepted answer) {
            if (who == client) {
              world.at(world.now() + 100 * MILLISECOND, () -> ask(world, client));
            }
          }
        });
    ask(world, client);
  }

  private static void ask(World world, ClientStub client) {
    client.retransmit(
        client.submit(Homes.of(client.id(), N), "put:k" + client.id() % 97 + "=" + world.now()),
        2 * SECOND);
  }
}
