package io.destiny.protocols.destiny;

import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import io.destiny.protocols.dqbft.OrderList;
import io.destiny.protocols.hybrid.ordering.OrderingMessage;
import io.destiny.sim.world.World;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A faulty O-primary: in view 0 and some O-slots it proposes other entries than the state machine
 * inside would, properly signed by its own trusted subsystem.
 */
final class LyingOrderPrimary implements Protocol {
  private final Protocol inside;
  private final Settings settings;
  private final Map<Long, OrderList.Entry> lies;
  private final Set<Long> told;

  /**
   * @param lies by O-slot, what it orders there instead
   * @param told gets the O-slots in which it did
   */
  LyingOrderPrimary(
      Protocol inside, Settings settings, Map<Long, OrderList.Entry> lies, Set<Long> told) {
    this.inside = inside;
    this.settings = settings;
    this.lies = lies;
    this.told = told;
  }

  @Override
  public void on(Input input, Step step) {
    inside.on(input, new Lying(step));
  }

  @Override
  public Status status() {
    return inside.status();
  }

  private OrderList lie(long slot) {
    return OrderList.of(settings, World.START_MILLIS, List.of(lies.get(slot)));
  }

  private Effect changed(Effect effect) {
    return switch (effect) {
      case Effect.Trusted(long job, TrustedCall.IndependentShare call)
          when call.instance() == Instances.ORDER
              && Counters.view(call.value()) == 0
              && lies.containsKey(Counters.slot(call.value())) -> {
        long view = Counters.view(call.value());
        long slot = Counters.slot(call.value());
        yield new Effect.Trusted(
            job,
            new TrustedCall.IndependentShare(
                call.instance(),
                call.counter(),
                call.value(),
                settings.domain().proposal(Instances.ORDER, view, slot, lie(slot).digest())));
      }
      case Effect.Broadcast(OrderingMessage.Prepare p)
          when p.instance() == Instances.ORDER && lies.containsKey(p.slot()) -> {
        told.add(p.slot());
        OrderList lie = lie(p.slot());
        OrderingMessage.Header h = p.header();
        yield new Effect.Broadcast(
            new OrderingMessage.Prepare(
                Instances.ORDER,
                new OrderingMessage.Header(
                    h.view(), h.slot(), lie.digest(), h.share(), h.attestation()),
                lie));
      }
      default -> effect;
    };
  }

  private final class Lying implements Step {
    private final Step step;

    Lying(Step step) {
      this.step = step;
    }

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
      step.emit(changed(effect));
    }
  }
}
