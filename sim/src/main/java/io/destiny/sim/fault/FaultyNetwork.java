package io.destiny.sim.fault;

import io.destiny.sim.world.Frame;
import io.destiny.sim.world.Network;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Does to messages what a plan says, and gives the rest to the network beneath. */
final class FaultyNetwork implements Network {
  private static final int REMEMBERED = 32;

  /** A message that is held back for good: the end of its clog never comes. */
  private static final long FOR_EVER = Long.MAX_VALUE;

  private final Wire wire;
  private final Network beneath;
  private final List<Fault> faults;
  private final Set<Integer> liesOf;
  private final Map<Integer, Tampering> liars;
  private final Injected injected;
  private final SplittableRandom random;

  /** Recent frames of a link, for replays. */
  private final Map<Long, ArrayDeque<Frame>> past = new HashMap<>();

  private final boolean replays;
  private boolean calm;

  FaultyNetwork(
      Wire wire,
      Network beneath,
      List<Fault> faults,
      Set<Integer> liesOf,
      Map<Integer, Tampering> liars,
      Injected in) {
    this.liesOf = liesOf;
    this.wire = wire;
    this.beneath = beneath;
    this.faults = faults.stream().filter(f -> f.kind().ofMessages()).toList();
    this.liars = liars;
    this.injected = in;
    this.random = new SplittableRandom(in.seed() * 31 + 7);
    this.replays = this.faults.stream().anyMatch(f -> f.kind() == Fault.Kind.REPLAY);
  }

  /** From now on nothing goes wrong on the way. */
  void calm() {
    calm = true;
  }

  @Override
  public void up(Wire w, long client, int to, int bytes, Runnable arrive) {
    beneath.up(w, client, to, bytes, arrive);
  }

  @Override
  public void down(Wire w, int from, long client, int bytes, Runnable arrive) {
    beneath.down(w, from, client, bytes, arrive);
  }

  @Override
  public void send(int from, int to, Frame frame) {
    if (!liesOf.contains(from)) {
      pass(from, to, frame);
      return;
    }
    Tampering liar = liars.get(from);
    if (liar == null) {
      // A twin: what it sends need not even decode.
      pass(from, to, Frame.forged(frame.name(), frame.bytes()));
      return;
    }
    for (Tampering.Sent sent : liar.send(to, frame)) {
      if (sent.delayNanos() == 0) {
        pass(from, to, sent.frame());
      } else {
        wire.in(sent.delayNanos(), () -> pass(from, to, sent.frame()));
      }
    }
  }

  private void pass(int from, int to, Frame frame) {
    if (calm) {
      beneath.send(from, to, frame);
      return;
    }
    long delay = 0;
    boolean twice = false;
    long now = wire.now();
    for (Fault f : faults) {
      if (!f.lasts(now) || !matches(f, from, to, frame)) {
        continue;
      }
      injected.count(f);
      switch (f.kind()) {
        case PARTITION, DROP -> {
          return;
        }
        case DELAY, SLOW -> delay = later(delay, f.delayNanos());
        case REORDER -> delay = later(delay, random.nextLong(later(f.delayNanos(), 1)));
        case DUPLICATE -> twice = true;
        case CLOG -> delay = f.until() == FOR_EVER ? FOR_EVER : Math.max(delay, f.until() - now);
        case REPLAY -> replay(from, to);
        default -> throw new IllegalStateException("not a fault of messages: " + f);
      }
    }
    if (replays) {
      remember(from, to, frame);
    }
    carry(from, to, frame, delay);
    if (twice) {
      carry(from, to, frame, later(delay, random.nextLong(1_000_000)));
    }
  }

  /** The sum, or for ever if there is no such instant. */
  private static long later(long one, long other) {
    long sum = one + other;
    return sum < 0 ? FOR_EVER : sum;
  }

  private void carry(int from, int to, Frame frame, long delay) {
    if (delay == 0) {
      beneath.send(from, to, frame);
    } else if (later(wire.now(), delay) != FOR_EVER) {
      wire.in(delay, () -> beneath.send(from, to, frame));
    }
  }

  private void remember(int from, int to, Frame frame) {
    ArrayDeque<Frame> frames =
        past.computeIfAbsent(((long) from << 32) | to, k -> new ArrayDeque<>());
    frames.addLast(frame);
    if (frames.size() > REMEMBERED) {
      frames.removeFirst();
    }
  }

  private void replay(int from, int to) {
    @Nullable ArrayDeque<Frame> frames = past.get(((long) from << 32) | to);
    if (frames != null) {
      List<Frame> list = new ArrayList<>(frames);
      beneath.send(from, to, list.get(random.nextInt(list.size())));
    }
  }

  private boolean matches(Fault f, int from, int to, Frame frame) {
    if (f.kind() == Fault.Kind.PARTITION) {
      return group(f, from) != group(f, to);
    }
    if (f.kind() == Fault.Kind.SLOW && !f.replicas().isEmpty()) {
      return f.replicas().contains(from) || f.replicas().contains(to);
    }
    return (f.from().isEmpty() || f.from().contains(from))
        && (f.to().isEmpty() || f.to().contains(to))
        && named(f.message(), frame)
        && (f.perThousand() >= 1000 || random.nextInt(1000) < f.perThousand());
  }

  private static int group(Fault f, int replica) {
    for (int g = 0; g < f.groups().size(); g++) {
      if (f.groups().get(g).contains(replica)) {
        return g;
      }
    }
    return -1 - replica;
  }

  /** {@code Prepare} is every one, {@code D.Prepare} those of all D-instances. */
  private static boolean named(@Nullable String pattern, Frame frame) {
    if (pattern == null) {
      return true;
    }
    String kind = frame.kind();
    if (!pattern.contains(".")) {
      return pattern.equals(kind);
    }
    String name = frame.name();
    return pattern.equals(name)
        || (pattern.startsWith("D.") && name.startsWith("D") && pattern.endsWith("." + kind));
  }
}
