package io.destiny.sim.world;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.TrustedCall;

/** Is told of all that happens in a world, in order. */
public interface TraceListener {
  /** A replica takes a turn. */
  default void input(int replica, Input input) {}

  /**
   * A replica emitted an effect.
   *
   * @param number counts the effects of this replica, over all its lives
   */
  default void effect(int replica, long number, Effect effect) {}

  /** An effect that may have waited for the disk is carried out. */
  default void released(int replica, long number, Effect effect) {}

  /** All log records emitted up to effect {@code number} are durable. */
  default void synced(int replica, long number) {}

  /** The trusted subsystem was called. */
  default void trusted(int replica, TrustedCall call, Result result) {}

  /** A frame enters a link. */
  default void sent(int from, int to, Frame frame) {}

  /** A frame reaches a replica that is up. */
  default void delivered(int from, int to, Frame frame) {}

  /** A replica lost its memory and what was not synced. */
  default void crashed(int replica) {}

  /** A replica that is down lost its disk. */
  default void wiped(int replica) {}

  /** A replica stopped itself. */
  default void halted(int replica, String reason) {}

  /** A replica goes over to an epoch: all it does from now on belongs there. */
  default void epoch(int replica, long epoch) {}

  /** A replica begins a life. */
  default void started(int replica) {}

  /** A client signed a request; it has not sent it yet. */
  default void issued(ClientStub client, Request request) {}

  /** A client signed an ASSIGN_REQ; it has not sent it yet. */
  default void asked(ClientStub client, Assignment assignment) {}

  /** A client has an answer that it may believe. */
  default void accepted(ClientStub client, ClientStub.Accepted answer) {}

  /** A client got a reply that no correct replica sends. */
  default void rejected(ClientStub client, int from, Reply reply) {}

  /** An event and all that follows from it at once are done. */
  default void stepped(World world) {}
}
