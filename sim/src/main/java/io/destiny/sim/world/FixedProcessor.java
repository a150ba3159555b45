package io.destiny.sim.world;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Command;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.Counters;
import io.destiny.core.trusted.TrustedCall;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/** The processor of {@link Costs}. */
final class FixedProcessor implements Processor {
  private final Costs costs;
  private final Clock clock;
  private final Map<Integer, Long> laneFree = new HashMap<>();
  private long applicationFree;

  FixedProcessor(Costs costs, Clock clock) {
    this.costs = costs;
    this.clock = clock;
  }

  @Override
  public void receive(int from, Frame frame, Runnable turn) {
    turn.run();
  }

  @Override
  public void request(Request request, Runnable turn) {
    turn.run();
  }

  @Override
  public void send(Frame frame, int to, Runnable leave) {
    leave.run();
  }

  @Override
  public void broadcast(Frame frame, IntConsumer leave) {
    frame.others(leave);
  }

  @Override
  public void answer(Reply reply, Runnable leave) {
    leave.run();
  }

  @Override
  public void compute(Work work, Runnable done) {
    clock.in(costs.compute(), done);
  }

  @Override
  public void trusted(TrustedCall request, Runnable call, Runnable done) {
    int lane = request.instance() * Counters.COUNT + request.counter();
    long begin = Math.max(clock.now(), laneFree.getOrDefault(lane, 0L));
    long half = begin + costs.trusted() / 2;
    laneFree.put(lane, half);
    clock.in(
        half - clock.now(),
        () -> {
          call.run();
          clock.in(costs.trusted() - costs.trusted() / 2, done);
        });
  }

  @Override
  public void execute(List<Command> commands, Runnable done) {
    long now = clock.now();
    applicationFree = Math.max(now, applicationFree) + (commands.isEmpty() ? 0 : costs.execute());
    clock.in(applicationFree - now, done);
  }

  @Override
  public void sync(Runnable done) {
    if (costs.sync() == 0) {
      done.run();
    } else {
      clock.in(costs.sync(), done);
    }
  }

  @Override
  public void snapshot(Runnable done) {
    clock.in(costs.snapshot(), done);
  }
}
