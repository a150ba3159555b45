package io.destiny.sim.world;

import io.destiny.core.crypto.Work;
import io.destiny.core.model.Command;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.TrustedCall;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The hardware under one life of a replica: it takes what is to be done and decides when that is
 * done. The protocol never states costs; they are charged here (experiments.md §6). Everything
 * handed over ends with the life.
 */
public interface Processor {
  /** What a processor may do with the world; tasks end with the life. */
  interface Clock {
    long now();

    /** Runs {@code action} in {@code delay} nanoseconds, if the life is still lived then. */
    void in(long delay, Runnable action);
  }

  /** A frame arrived; {@code turn} decodes it and is the protocol's turn. */
  void receive(int from, Frame frame, Runnable turn);

  /** A client's request arrived; {@code turn} judges its signature and is the protocol's turn. */
  void request(Request request, Runnable turn);

  /** A frame for one peer; {@code leave} gives it to the network. */
  void send(Frame frame, int to, Runnable leave);

  /** A frame for all peers; {@code leave} gives it to the network for one of them. */
  void broadcast(Frame frame, IntConsumer leave);

  /** A reply to a client; {@code leave} gives it to the network. */
  void answer(Reply reply, Runnable leave);

  /** A job of cryptography; many run at once. */
  void compute(Work work, Runnable done);

  /**
   * A call of the trusted subsystem: those of one counter in order. {@code call} happens in it, and
   * a crash may come between that and {@code done}.
   */
  void trusted(TrustedCall request, Runnable call, Runnable done);

  /** A batch for the application; one after the other. Empty: something that costs nothing. */
  void execute(List<Command> commands, Runnable done);

  /** A sync of the log; never two at once. */
  void sync(Runnable done);

  /** Making a snapshot durable. */
  void snapshot(Runnable done);

  /** A turn of the protocol is over, and what it asked for was handed over. */
  default void turned() {}
}
