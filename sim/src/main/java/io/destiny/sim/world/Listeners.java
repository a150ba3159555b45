package io.destiny.sim.world;

import io.destiny.core.crypto.Result;
import io.destiny.core.machine.Effect;
import io.destiny.core.machine.Input;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.TrustedCall;
import java.lang.reflect.Method;
import java.util.Arrays;

/** Passes news on to those listeners that want that kind of news, in the order they came. */
public final class Listeners implements TraceListener {
  private TraceListener[] input = {};
  private TraceListener[] effect = {};
  private TraceListener[] released = {};
  private TraceListener[] synced = {};
  private TraceListener[] trusted = {};
  private TraceListener[] sent = {};
  private TraceListener[] delivered = {};
  private TraceListener[] crashed = {};
  private TraceListener[] wiped = {};
  private TraceListener[] halted = {};
  private TraceListener[] epoch = {};
  private TraceListener[] started = {};
  private TraceListener[] issued = {};
  private TraceListener[] asked = {};
  private TraceListener[] accepted = {};
  private TraceListener[] rejected = {};
  private TraceListener[] stepped = {};

  public void add(TraceListener l) {
    input = with(input, l, "input");
    effect = with(effect, l, "effect");
    released = with(released, l, "released");
    synced = with(synced, l, "synced");
    trusted = with(trusted, l, "trusted");
    sent = with(sent, l, "sent");
    delivered = with(delivered, l, "delivered");
    crashed = with(crashed, l, "crashed");
    wiped = with(wiped, l, "wiped");
    halted = with(halted, l, "halted");
    epoch = with(epoch, l, "epoch");
    started = with(started, l, "started");
    issued = with(issued, l, "issued");
    asked = with(asked, l, "asked");
    accepted = with(accepted, l, "accepted");
    rejected = with(rejected, l, "rejected");
    stepped = with(stepped, l, "stepped");
  }

  /** Adds a listener that does not leave the method as it is in the interface. */
  private static TraceListener[] with(TraceListener[] all, TraceListener one, String method) {
    for (Method m : one.getClass().getMethods()) {
      if (m.getName().equals(method)
          && !m.isBridge()
          && m.getDeclaringClass() != TraceListener.class
          && overrides(m)) {
        TraceListener[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = one;
        return more;
      }
    }
    return all;
  }

  private static boolean overrides(Method m) {
    try {
      TraceListener.class.getMethod(m.getName(), m.getParameterTypes());
      return true;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  @Override
  public void input(int replica, Input news) {
    for (TraceListener l : input) {
      l.input(replica, news);
    }
  }

  @Override
  public void effect(int replica, long number, Effect news) {
    for (TraceListener l : effect) {
      l.effect(replica, number, news);
    }
  }

  @Override
  public void released(int replica, long number, Effect news) {
    for (TraceListener l : released) {
      l.released(replica, number, news);
    }
  }

  @Override
  public void synced(int replica, long number) {
    for (TraceListener l : synced) {
      l.synced(replica, number);
    }
  }

  @Override
  public void trusted(int replica, TrustedCall call, Result result) {
    for (TraceListener l : trusted) {
      l.trusted(replica, call, result);
    }
  }

  @Override
  public void sent(int from, int to, Frame frame) {
    for (TraceListener l : sent) {
      l.sent(from, to, frame);
    }
  }

  @Override
  public void delivered(int from, int to, Frame frame) {
    for (TraceListener l : delivered) {
      l.delivered(from, to, frame);
    }
  }

  @Override
  public void crashed(int replica) {
    for (TraceListener l : crashed) {
      l.crashed(replica);
    }
  }

  @Override
  public void wiped(int replica) {
    for (TraceListener l : wiped) {
      l.wiped(replica);
    }
  }

  @Override
  public void halted(int replica, String reason) {
    for (TraceListener l : halted) {
      l.halted(replica, reason);
    }
  }

  @Override
  public void epoch(int replica, long next) {
    for (TraceListener l : epoch) {
      l.epoch(replica, next);
    }
  }

  @Override
  public void started(int replica) {
    for (TraceListener l : started) {
      l.started(replica);
    }
  }

  @Override
  public void issued(ClientStub client, Request request) {
    for (TraceListener l : issued) {
      l.issued(client, request);
    }
  }

  @Override
  public void asked(ClientStub client, Assignment assignment) {
    for (TraceListener l : asked) {
      l.asked(client, assignment);
    }
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    for (TraceListener l : accepted) {
      l.accepted(client, answer);
    }
  }

  @Override
  public void rejected(ClientStub client, int from, Reply reply) {
    for (TraceListener l : rejected) {
      l.rejected(client, from, reply);
    }
  }

  @Override
  public void stepped(World world) {
    for (TraceListener l : stepped) {
      l.stepped(world);
    }
  }
}
