package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Instances;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.fault.Swarm;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** S11: what clients were told outlives a power failure of all, and what does not is found. */
class DestinyColdStartTest {
  private static final ProtocolEntry DESTINY = Catalog.find("destiny").orElseThrow();

  private static Swarm swarm(Swarm.Mode mode, UnaryOperator<Protocol> around) {
    return new Swarm(
        new Swarm.Subject(
            "destiny",
            DESTINY::rule,
            (Settings s) -> around.apply(DESTINY.create(s)),
            DESTINY::codec,
            true),
        mode);
  }

  @Test
  void nothingIsLostWhenAllLosePowerAtOnce() {
    for (Swarm.Mode mode : Swarm.Mode.values()) {
      Swarm.Outcome outcome = swarm(mode, p -> p).run(41);
      assertThat(outcome.oracle()).as(outcome.message()).isNull();
      assertThat(outcome.injected()).containsEntry("powerFailure", 3L);
      assertThat(outcome.checked().get("S11 cold start")).isPositive();
    }
  }

  @Test
  void aStableCheckpointIsForgottenThatOthersRelyOn() {
    String found = firstFound(swarm(Swarm.Mode.NO_LEADER_LOSS, Forgetful::new));
    assertThat(found).startsWith("after a power failure").contains("had stable checkpoint");
  }

  @Test
  void thoseWhoStartAgainDoNotComeAsFarAsClientsWereTold() {
    String found = firstFound(swarm(Swarm.Mode.NO_LEADER_LOSS, Hermit::new));
    assertThat(found).startsWith("after a power failure").contains("is not reached again");
  }

  @Test
  void whatTheOtherOraclesSeeAfterwardsIsTheirs() {
    assertThat(firstFound(swarm(Swarm.Mode.ALL, Frail::new), "S19"))
        .startsWith("after a power failure")
        .contains("cannot start again");
  }

  private static String firstFound(Swarm swarm) {
    return firstFound(swarm, "S11");
  }

  /** What this oracle sees after power failures, in the first seed in which it sees anything. */
  private static String firstFound(Swarm swarm, String oracle) {
    for (long seed = 1; seed <= 600; seed += 20) {
      Swarm.Outcome outcome = swarm.run(seed);
      if (oracle.equals(outcome.oracle()) && outcome.message().startsWith("after")) {
        return outcome.message();
      }
    }
    return "nothing was found";
  }

  /** Throws when it starts on what a disk holds. */
  private static final class Frail extends Altered {
    Frail(Protocol inner) {
      super(inner);
    }

    @Override
    public void on(Input input, Step step) {
      if (input instanceof Input.Started s && !s.records().isEmpty()) {
        throw new IllegalStateException("cannot start again");
      }
      super.on(input, step);
    }

    @Override
    @Nullable Effect altered(Effect effect) {
      return effect;
    }
  }

  /** Does not wait for the disk when a checkpoint is stable. */
  private static final class Forgetful extends Altered {
    /** The log's record of the stable checkpoint. */
    private static final int STABLE = 100;

    Forgetful(Protocol inner) {
      super(inner);
    }

    @Override
    @Nullable Effect altered(Effect effect) {
      return effect instanceof Effect.Persist p
              && p.records().getFirst().instance() == Instances.ORDER
              && p.records().getFirst().kind() == STABLE
          ? new Effect.Persist(p.records(), true)
          : effect;
    }
  }

  /** Says nothing when its host has been down. */
  private static final class Hermit extends Altered {
    private boolean down;

    Hermit(Protocol inner) {
      super(inner);
    }

    @Override
    public void on(Input input, Step step) {
      down |= input instanceof Input.Started s && !s.records().isEmpty();
      super.on(input, step);
    }

    @Override
    @Nullable Effect altered(Effect effect) {
      return down && (effect instanceof Effect.Send || effect instanceof Effect.Broadcast)
          ? null
          : effect;
    }
  }

  /** A protocol some of whose effects are others, or none. */
  private abstract static class Altered implements Protocol {
    private final Protocol inner;

    Altered(Protocol inner) {
      this.inner = inner;
    }

    abstract @Nullable Effect altered(Effect effect);

    @Override
    public void on(Input input, Step step) {
      inner.on(
          input,
          new Step() {
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
              Effect other = altered(effect);
              if (other != null) {
                step.emit(other);
              }
            }
          });
    }

    @Override
    public Status status() {
      return inner.status();
    }
  }
}
