package io.destiny.sim.fault;

import io.destiny.core.machine.Settings;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.Instances;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.trusted.Counters;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.World;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Changes what one replica sends to replicas and to clients, as its {@link Behaviour} says. */
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
  private final SplittableRandom apart;
  private final ReplyLies replies;
  private final ArrayDeque<Frame> past = new ArrayDeque<>();
  private final Settings.Tuning tuning;

  /** Replicas sign with their own keys; nobody has a trusted subsystem. */
  private final boolean signs;

  /** A broadcast that reaches only some, and whom. */
  private @Nullable Frame partial;

  private long reached;

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
    this.signs = world.options().rule().model() == FaultModel.BFT;
    // Drawn apart, so that what it sends to replicas does not depend on its clients.
    this.apart = new SplittableRandom(~injected.seed() * 131 + replica);
    this.replies = new ReplyLies(world, replica, apart);
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
          proposes(frame) && Instances.orders(instance(frame))
              ? struck(List.of(new Sent(frame, tuning.orderTimeout() * 9 / 10)))
              : now(frame);
      case EQUIVOCATE -> equivocate(to, frame);
      case LIE_EXECUTION -> lie(frame);
      case BAD_SHARE -> badShare(frame);
      case MUTATE -> mutate(to, frame);
      case INVENT_REQUESTS -> now(frame);
      case IMPERSONATE -> impersonate(frame);
      case LIE_ORDER -> lieOrder(frame);
      case POISON_STATE -> poison(frame);
      case FLOOD -> flood(frame);
      case TWIN -> throw new IllegalStateException("a twin is a protocol");
    };
  }

  /** What its client gets instead of a reply. */
  List<Reply> answer(Reply truth) {
    return switch (behaviour) {
      case SILENT -> withheld();
      case SELECTIVE -> Request.principal(truth.client()) % 2 == 0 ? withheld() : List.of(truth);
      case LIE_EXECUTION -> lieTo(truth);
      case MUTATE -> apart.nextInt(4) == 0 ? lieTo(truth) : List.of(truth);
      case BAD_SHARE -> List.of(replies.badShare(truth));
      default -> List.of(truth);
    };
  }

  private List<Reply> withheld() {
    injected.count("reply:WITHHELD");
    return List.of();
  }

  private List<Reply> lieTo(Reply truth) {
    ReplyLies.Lie lie = replies.pick();
    Reply told = replies.tell(lie, truth);
    if (!Arrays.equals(told.encode(), truth.encode())) {
      injected.count("reply:" + lie.name());
    }
    return List.of(told);
  }

  /** Without trusted subsystems Prepare is a vote. */
  private boolean proposes(Frame frame) {
    return frame.kind().equals(signs ? "PrePrepare" : "Prepare");
  }

  private static int instance(Frame frame) {
    return ((frame.bytes()[2] & 0xFF) << 8) | (frame.bytes()[3] & 0xFF);
  }

  /** Half of the replicas get the payload of another proposal under this one's number. */
  private List<Sent> equivocate(int to, Frame frame) {
    if (!proposes(frame) || to % 2 == 0) {
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
    resigner.again(frame.kind(), bytes);
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
    if (!Layout.isVote(frame.kind())) {
      return now(frame);
    }
    byte[] bytes = frame.bytes().clone();
    bytes[bytes.length - 1 - random.nextInt(40)] ^= (byte) (1 + random.nextInt(255));
    return struck(now(Frame.forged(frame.name(), bytes)));
  }

  /** The own proposal once more, as that of another instance. */
  private List<Sent> impersonate(Frame frame) {
    if (!proposes(frame) || Instances.orders(instance(frame))) {
      // Its own instance may be the victim, and then its own code goes by another proposal.
      return now(Frame.forged(frame.name(), frame.bytes()));
    }
    byte[] bytes = frame.bytes().clone();
    int victim = random.nextInt(world.options().rule().n());
    Layout.instance(bytes, victim);
    // The counter only lets it sign above what it has voted for.
    long last = Math.max(0, world.enclave(replica).read(victim, Counters.ORDER));
    Layout.sequence(bytes, Counters.slot(last) + 1);
    resigner.again(frame.kind(), bytes);
    Frame impostor = Frame.forged(Instances.name(victim) + "." + frame.kind(), bytes);
    return struck(List.of(new Sent(impostor, 0), new Sent(frame, 0)));
  }

  private List<Sent> lieOrder(Frame frame) {
    boolean proposal = proposes(frame) && instance(frame) == Instances.ORDER;
    byte[] told = proposal ? lies.tell(frame.sequence(), frame.bytes(), signs) : frame.bytes();
    if (proposal && signs) {
      resigner.again(frame.kind(), told);
    }
    // What its own code says about a slot in which it lied need not even decode.
    return now(Frame.forged(frame.name(), told));
  }

  private List<Sent> poison(Frame frame) {
    boolean chunks = frame.kind().equals("Chunks");
    if (!chunks && (!frame.kind().equals("Manifest") || random.nextInt(4) > 0)) {
      return now(frame);
    }
    if (chunks && apart.nextBoolean()) {
      byte[] other = mutations.apply(Mutations.Operator.CHUNK_OF_ANOTHER, frame, List.copyOf(past));
      if (!Arrays.equals(other, frame.bytes())) {
        injected.count("mutate:" + Mutations.Operator.CHUNK_OF_ANOTHER);
        return struck(now(Frame.forged(frame.name(), other)));
      }
    }
    byte[] bytes = frame.bytes().clone();
    bytes[bytes.length - 1 - random.nextInt(Math.min(bytes.length - Layout.BODY, 40))] ^= 1;
    if (chunks) {
      injected.count("mutate:" + Mutations.Operator.CHUNK_FLIP);
    }
    return struck(now(Frame.forged(frame.name(), bytes)));
  }

  private List<Sent> flood(Frame frame) {
    List<Sent> sent = new ArrayList<>();
    sent.add(new Sent(frame, 0));
    boolean vote = signs && (frame.kind().equals("Prepare") || frame.kind().equals("Commit"));
    if (proposes(frame) || vote || Layout.isVote(frame.kind())) {
      for (int i = 0; i < FLOODED; i++) {
        byte[] bytes = frame.bytes().clone();
        Layout.sequence(bytes, frame.sequence() + random.nextLong(1L << (1 + random.nextInt(50))));
        sent.add(new Sent(Frame.forged(frame.name(), bytes), 0));
      }
      injected.count(behaviour.word());
    }
    return sent;
  }

  private List<Sent> mutate(int to, Frame frame) {
    if (partial == frame) {
      return reaches(to) ? now(frame) : struck(List.of());
    }
    if (random.nextInt(4) > 0) {
      return now(frame);
    }
    injected.count(behaviour.word());
    Mutations.Operator operator = mutations.pick();
    return switch (operator) {
      case DROP -> counted(operator, List.of());
      case DELAY -> counted(operator, List.of(new Sent(frame, tuning.orderTimeout() * 9 / 10)));
      case SEND_TO_SUBSET -> {
        partial = frame;
        reached = apart.nextLong();
        yield counted(operator, reaches(to) ? now(frame) : List.of());
      }
      case REPLAY -> again(operator, frame, past.peekFirst());
      case REPLAY_SAME_KIND ->
          again(
              operator,
              frame,
              past.stream().filter(f -> f.kind().equals(frame.kind())).findFirst().orElse(null));
      default -> mutant(operator, frame);
    };
  }

  private boolean reaches(int to) {
    return (reached >>> to % Long.SIZE & 1) != 0;
  }

  private List<Sent> counted(Mutations.Operator operator, List<Sent> sent) {
    injected.count("mutate:" + operator.name());
    return sent;
  }

  private List<Sent> again(Mutations.Operator operator, Frame frame, @Nullable Frame before) {
    if (before == null) {
      return now(frame);
    }
    Frame old = Frame.forged(before.name(), before.bytes());
    return counted(operator, List.of(new Sent(frame, 0), new Sent(old, 0)));
  }

  /** Signed anew, unless it is about the signature; counted only if something is changed. */
  private List<Sent> mutant(Mutations.Operator operator, Frame frame) {
    byte[] bytes = mutations.apply(operator, frame, List.copyOf(past));
    if (operator == Mutations.Operator.OTHER_CLUSTER) {
      resigner.inAnotherCluster().again(frame.kind(), bytes);
    } else if (random.nextInt(5) > 0 && !operator.ofSignatures()) {
      resigner.again(frame.kind(), bytes);
    }
    if (Arrays.equals(bytes, frame.bytes())) {
      return now(frame);
    }
    Sent mutant = new Sent(Frame.forged(frame.name(), bytes), 0);
    // Mostly beside the true one, or the liar would merely be silent.
    return counted(
        operator, random.nextBoolean() ? List.of(mutant) : List.of(mutant, new Sent(frame, 0)));
  }

  /** For people. */
  @Override
  public String toString() {
    return behaviour.word() + " at " + world.now();
  }
}
