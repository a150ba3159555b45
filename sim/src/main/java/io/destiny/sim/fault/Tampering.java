package io.destiny.sim.fault;

import io.destiny.core.machine.Settings;
import io.destiny.core.model.Instances;
import io.destiny.core.trusted.Counters;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.World;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Changes what one replica sends, as its {@link Behaviour} says. */
final class Tampering {
  /** A frame that leaves, after a delay. */
  record Sent(Frame frame, long delayNanos) {}

  private static final int REMEMBERED = 64;
  private static final int FLOODED = 20;

  private final World world;
  private final int replica;
  private final Behaviour behaviour;
  private final OrderLies lies;
  private final Injected injected;
  private final Resigner resigner;
  private final Mutations mutations;
  private final SplittableRandom random;
  private final ArrayDeque<Frame> past = new ArrayDeque<>();
  private final Settings.Tuning tuning;

  /**
   * @param lies of the O-primary, if it lies
   */
  Tampering(World world, int replica, Behaviour behaviour, OrderLies lies, Injected injected) {
    this.world = world;
    this.replica = replica;
    this.behaviour = behaviour;
    this.lies = lies;
    this.injected = injected;
    this.random = new SplittableRandom(injected.seed() * 131 + replica);
    this.resigner = new Resigner(world, replica);
    this.mutations = new Mutations(random, world.options().rule().n());
    this.tuning = world.options().tuning();
  }

  private static List<Sent> now(Frame frame) {
    return List.of(new Sent(frame, 0));
  }

  private List<Sent> struck(List<Sent> sent) {
    injected.count(behaviour.word());
    return sent;
  }

  List<Sent> send(int to, Frame frame) {
    List<Sent> sent = changed(to, frame);
    past.addLast(frame);
    if (past.size() > REMEMBERED) {
      past.removeFirst();
    }
    return sent;
  }

  private List<Sent> changed(int to, Frame frame) {
    return switch (behaviour) {
      case SILENT -> struck(List.of());
      case SELECTIVE -> to % 2 == 0 ? struck(List.of()) : now(frame);
      case LATE_ORDER ->
          frame.kind().equals("Prepare") && instance(frame) == Instances.ORDER
              ? struck(List.of(new Sent(frame, tuning.orderTimeout() * 9 / 10)))
              : now(frame);
      case EQUIVOCATE -> equivocate(to, frame);
      case LIE_EXECUTION -> lie(frame);
      case BAD_SHARE -> badShare(frame);
      case MUTATE -> random.nextInt(4) == 0 ? struck(mutate(frame)) : now(frame);
      case INVENT_REQUESTS -> now(frame);
      case IMPERSONATE -> impersonate(frame);
      case LIE_ORDER -> lieOrder(frame);
      case POISON_STATE -> poison(frame);
      case FLOOD -> flood(frame);
      case TWIN -> throw new IllegalStateException("a twin is a protocol");
    };
  }

  private static int instance(Frame frame) {
    return ((frame.bytes()[2] & 0xFF) << 8) | (frame.bytes()[3] & 0xFF);
  }

  /** Half of the replicas get the payload of another proposal under this one's number. */
  private List<Sent> equivocate(int to, Frame frame) {
    if (!frame.kind().equals("Prepare") || to % 2 == 0) {
      return now(frame);
    }
    Optional<Frame> other =
        past.stream()
            .filter(f -> f.name().equals(frame.name()) && f.sequence() != frame.sequence())
            .findAny();
    if (other.isEmpty()) {
      return now(frame);
    }
    byte[] bytes = other.get().bytes().clone();
    Layout.sequence(bytes, frame.sequence());
    resigner.proposal(bytes);
    return struck(now(Frame.forged(frame.name(), bytes)));
  }

  private List<Sent> lie(Frame frame) {
    if (!frame.kind().equals("ExecSig") && !frame.kind().equals("CheckpointSig")) {
      return now(frame);
    }
    byte[] bytes = frame.bytes().clone();
    bytes[Layout.digest(frame.kind()) + random.nextInt(32)] ^= 1;
    resigner.again(frame.kind(), bytes);
    return struck(now(Frame.forged(frame.name(), bytes)));
  }

  private List<Sent> badShare(Frame frame) {
    if (!frame.kind().endsWith("Sig")) {
      return now(frame);
    }
    byte[] bytes = frame.bytes().clone();
    bytes[bytes.length - 1 - random.nextInt(40)] ^= (byte) (1 + random.nextInt(255));
    return struck(now(Frame.forged(frame.name(), bytes)));
  }

  /** The own proposal once more, as that of another instance. */
  private List<Sent> impersonate(Frame frame) {
    if (!frame.kind().equals("Prepare") || instance(frame) == Instances.ORDER) {
      return now(frame);
    }
    byte[] bytes = frame.bytes().clone();
    int victim = random.nextInt(world.options().rule().n());
    Layout.instance(bytes, victim);
    // The counter only lets it sign above what it has voted for.
    long last = Math.max(0, world.enclave(replica).read(victim, Counters.ORDER));
    Layout.sequence(bytes, Counters.slot(last) + 1);
    resigner.proposal(bytes);
    Frame impostor = Frame.forged(Instances.name(victim) + ".Prepare", bytes);
    return struck(List.of(new Sent(impostor, 0), new Sent(frame, 0)));
  }

  private List<Sent> lieOrder(Frame frame) {
    boolean proposal = frame.kind().equals("Prepare") && instance(frame) == Instances.ORDER;
    byte[] told = proposal ? lies.tell(frame.sequence(), frame.bytes()) : frame.bytes();
    // What its own code says about a slot in which it lied need not even decode.
    return now(Frame.forged(frame.name(), told));
  }

  private List<Sent> poison(Frame frame) {
    boolean poisoned =
        frame.kind().equals("Chunks")
            || (frame.kind().equals("Manifest") && random.nextInt(4) == 0);
    if (!poisoned) {
      return now(frame);
    }
    byte[] bytes = frame.bytes().clone();
    bytes[bytes.length - 1 - random.nextInt(Math.min(bytes.length - Layout.BODY, 40))] ^= 1;
    return struck(now(Frame.forged(frame.name(), bytes)));
  }

  private List<Sent> flood(Frame frame) {
    List<Sent> sent = new ArrayList<>();
    sent.add(new Sent(frame, 0));
    if (frame.kind().equals("Prepare") || frame.kind().endsWith("Sig")) {
      for (int i = 0; i < FLOODED; i++) {
        byte[] bytes = frame.bytes().clone();
        Layout.sequence(bytes, frame.sequence() + random.nextLong(1L << (1 + random.nextInt(50))));
        sent.add(new Sent(Frame.forged(frame.name(), bytes), 0));
      }
      injected.count(behaviour.word());
    }
    return sent;
  }

  private List<Sent> mutate(Frame frame) {
    Mutations.Operator operator = mutations.pick();
    injected.count("mutate:" + operator.name());
    return switch (operator) {
      case DROP -> List.of();
      case DELAY -> List.of(new Sent(frame, tuning.orderTimeout() * 9 / 10));
      case REPLAY -> again(frame, past.peekFirst());
      case REPLAY_SAME_KIND ->
          again(
              frame,
              past.stream().filter(f -> f.kind().equals(frame.kind())).findFirst().orElse(null));
      default -> mutant(operator, frame);
    };
  }

  private static List<Sent> again(Frame frame, @Nullable Frame before) {
    return before == null
        ? now(frame)
        : List.of(new Sent(frame, 0), new Sent(Frame.forged(before.name(), before.bytes()), 0));
  }

  private List<Sent> mutant(Mutations.Operator operator, Frame frame) {
    byte[] bytes = mutations.apply(operator, frame, List.copyOf(past));
    if (random.nextInt(5) > 0) {
      resigner.again(frame.kind(), bytes);
    }
    Frame mutant = Frame.forged(frame.name(), bytes);
    // Mostly beside the true one, or the liar would merely be silent.
    return random.nextBoolean() ? now(mutant) : List.of(new Sent(mutant, 0), new Sent(frame, 0));
  }

  /** For people. */
  @Override
  public String toString() {
    return behaviour.word() + " at " + world.now();
  }
}
