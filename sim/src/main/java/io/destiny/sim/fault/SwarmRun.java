package io.destiny.sim.fault;

import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.model.Homes;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Request;
import io.destiny.sim.check.AgreementCheck;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.check.ProbationCheck;
import io.destiny.sim.check.Violation;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.Network;
import io.destiny.sim.world.RandomNetwork;
import io.destiny.sim.world.TinyStore;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldFailure;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One seed of the swarm: a phase of faults, and a phase in which all must come right again. */
final class SwarmRun implements TraceListener {
  private static final long MILLISECOND = 1_000_000L;
  private static final long RETRANSMIT = 500 * MILLISECOND;

  /** V1: fewer answers than that and the seed proves nothing. */
  private static final long FEWEST_ANSWERS = 1;

  /** The first principal that lies; the others' are lower. */
  private static final int LIAR = 90;

  private final Swarm.Subject subject;
  private final Swarm.Mode mode;

  final SwarmPlan plan;
  final Faults faults;
  final QuorumRule rule;
  final World world;
  private final Oracles oracles;
  private final Movers movers;
  private final Probes probes;
  private final List<ClientStub> clients = new ArrayList<>();
  private @Nullable RandomNetwork links;
  private final SplittableRandom commands;

  /** What goes wrong beside the list of faults. */
  private final Injected others;

  private boolean stopping;
  private long issued;
  private long answered;

  /** Events until the faults were over. */
  private long troubled;

  SwarmRun(
      Swarm.Subject subject,
      Swarm.Mode mode,
      Swarm.@Nullable Keys keys,
      SwarmPlan plan,
      Faults faults) {
    this.subject = subject;
    this.mode = mode;
    this.plan = plan;
    this.faults = faults;
    this.others = new Injected(plan.seed);
    this.rule = subject.rule().apply(plan.n);
    WorldOptions options =
        WorldOptions.of(rule, subject.protocol(), subject.codec())
            .withSeed(plan.seed)
            .withTuning(plan.tuning)
            .withEncoding(plan.encoded)
            .withLinks(plan.links);
    if (keys != null) {
      options = options.withKeys(keys.make(options.domain(), rule, plan.seed));
    }
    this.world =
        World.of(
            faults.options(options),
            wire -> {
              RandomNetwork random = new RandomNetwork(wire, plan.n, ~plan.seed, plan.links);
              links = random;
              return faults.network(wire, clientLinks(random));
            });
    this.commands = new SplittableRandom(plan.seed * 65_537);
    this.oracles = Oracles.on(world, faults.correct(plan.n));
    List<Integer> homes =
        IntStream.range(0, plan.n)
            .filter(i -> mode == Swarm.Mode.ALL || !plan.faulty.contains(i))
            .boxed()
            .toList();
    this.movers = new Movers(homes, plan.n, subject.homes() ? plan.moves : 0, plan.seed, others);
    faults.on(world);
    plan.skews.forEach(world::skew);
    this.probes = new Probes(plan.n, plan.tuning.orderPrimary(), world::now);
    world.listen(probes);
    world.listen(this);
  }

  World world() {
    return world;
  }

  /** The instant came up to which a run was wanted. */
  private static final class Reached extends RuntimeException {}

  /** Runs up to an instant of simulated time at most. */
  Swarm.Outcome runTo(long nanos) {
    world.at(
        nanos,
        () -> {
          throw new Reached();
        });
    try {
      return run();
    } catch (Reached e) {
      return outcome(null, "");
    }
  }

  private Network clientLinks(RandomNetwork beneath) {
    boolean lossy = plan.clientLinks[0] + plan.clientLinks[1] > 0;
    return lossy
        ? new LossyClientLinks(beneath, plan.clientLinks, plan.horizon, plan.seed, others)
        : beneath;
  }

  Swarm.Outcome run() {
    try {
      begin();
      world.run(plan.horizon);
      troubled = world.steps();
      recover();
      if (plan.fair) {
        oracles.finishFaultFree();
      } else {
        oracles.finish();
      }
      return outcome(null, "");
    } catch (Violation v) {
      return outcome(v.rule(), String.valueOf(v.getMessage()));
    } catch (WorldFailure e) {
      return outcome("S19", e + (e.getCause() == null ? "" : ": " + e.getCause()));
    }
  }

  private void begin() {
    FaultBudget.Verdict verdict = faults.verdict(plan.n, rule.f());
    if (!verdict.within()) {
      throw new Violation("budget", verdict.why());
    }
    world.start();
    makeClients();
    clients.forEach(this::next);
    if (world.options().keys() == null) {
      // Real keys are those of one epoch.
      plan.reconfigurations.forEach(at -> world.at(at, this::reconfigure));
    }
    for (int i = 0; i < plan.lyingClients; i++) {
      ClientStub liar = world.client(LIAR + i);
      new LyingClient(world, liar, plan.horizon, plan.seed, others).start();
    }
  }

  /** The administrators ask for the epoch after the newest, with the same members. */
  private void reconfigure() {
    ClientStub administrators = world.administrators();
    long next = 0;
    for (int i = 0; i < plan.n; i++) {
      next = Math.max(next, world.epoch(i) + 1);
    }
    byte[] command = new Reconfiguration(next, plan.n, new byte[0]).encode();
    Request request = administrators.request(List.of(command));
    administrators.sendToAll(request);
    administrators.retransmit(request, RETRANSMIT);
    others.count("reconfigure");
  }

  /** How many events there were until the faults were over. */
  long troubled() {
    return troubled;
  }

  /** Runs so many events, and lets the weather be fair and clients ask nothing new from then on. */
  void untilStep(long steps) {
    begin();
    while (world.steps() < steps && world.step()) {
      // on to the instant
    }
    stopping = true;
    faults.calm();
    if (links != null) {
      links.model(LinkModel.CALM);
    }
  }

  /** Whether all is to come right, since nobody that leads is lost for good. */
  boolean gentle() {
    return mode == Swarm.Mode.NO_LEADER_LOSS;
  }

  /** What the oracles have to say in the end. */
  void finish() {
    oracles.finish();
  }

  /** Clients with homes at replicas that are not among the f. */
  private void makeClients() {
    int principal = 1;
    while (clients.size() < plan.clients) {
      long id = (long) principal++ << 32;
      boolean live = !plan.faulty.contains(Homes.of(id, plan.n));
      if (live || mode == Swarm.Mode.ALL) {
        clients.add(world.client(id));
      }
    }
  }

  private void next(ClientStub client) {
    String[] group = new String[plan.group];
    for (int i = 0; i < plan.group; i++) {
      group[i] = command(client, i);
    }
    issued++;
    int home = movers.home(client, Homes.of(client.id(), plan.n));
    Request request = client.submit(home, group);
    client.retransmit(request, RETRANSMIT);
    movers.look(client);
  }

  /** Keys of its own, and few that all share; each value is written once. */
  private String command(ClientStub client, int i) {
    String key =
        commands.nextInt(4) == 0
            ? "all" + commands.nextInt(8)
            : client.id() % 97 + "." + (issued + i) % 50;
    return switch (commands.nextInt(4)) {
      case 0 -> "get:" + key;
      case 1 -> commands.nextInt(4) == 0 ? "del:" + key : "get:" + key;
      default -> "put:" + key + "=" + issued + "." + i;
    };
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    if (client.administers()) {
      return;
    }
    answered++;
    if (!stopping && answer.request().timestamp() < plan.requests) {
      next(client);
    }
  }

  /** GST: links are calm, machines are up; liars and clocks stay as they are. */
  private void recover() {
    if (links != null) {
      links.model(LinkModel.CALM);
    }
    long last = plan.horizon;
    for (Fault f : faults.plan()) {
      if (f.until() != Long.MAX_VALUE) {
        last = Math.max(last, f.until());
      }
    }
    if (last > world.now()) {
      world.run(last - world.now());
    }
    for (int i = 0; i < plan.n; i++) {
      if (!world.up(i) && world.halted(i) == null && !faults.gone(i, world.now())) {
        world.restart(i);
      }
    }
    stopping = true;
    long bound = Bounds.answer(plan.tuning, rule.f());
    long end = world.now() + bound;
    // A replica that is behind, whether it knows already or not, is one of those that hold up a
    // primary, for which nobody is to blame: views are counted from when all are there.
    world.runUntil(() -> answered == issued || allAreThere(), bound);
    oracles.gst();
    if (!world.runUntil(() -> answered == issued, end - world.now())) {
      throw new Violation(
          "L1",
          "%d of %d requests are not answered %d ms after GST; %s"
              .formatted(issued - answered, issued, bound / MILLISECOND, statuses()));
    }
    enough(answered);
    caughtUp(Bounds.catchUp(plan.tuning));
  }

  private boolean allAreThere() {
    List<Status> all = members().stream().map(world::status).toList();
    return all.stream().noneMatch(Status::catchingUp)
        && all.stream().mapToLong(Status::checkpoint).distinct().count() <= 1;
  }

  static void enough(long answered) {
    if (answered < FEWEST_ANSWERS) {
      throw new Violation("V1", "only " + answered + " answers");
    }
  }

  /** L3: replicas that follow the protocol and kept their state end with one history. */
  private void caughtUp(long bound) {
    Set<Integer> members = members();
    if (!world.runUntil(() -> oneHistory(members), bound)) {
      throw new Violation(
          "L3", "histories differ " + bound / MILLISECOND + " ms later; " + statuses());
    }
  }

  /** Replicas that follow the protocol, kept their state and run. */
  private Set<Integer> members() {
    Set<Integer> members = new TreeSet<>(faults.correct(plan.n));
    members.removeAll(plan.faulty);
    members.removeIf(i -> !world.up(i));
    return members;
  }

  private String statuses() {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < plan.n; i++) {
      s.append("R").append(i).append(' ');
      s.append(world.up(i) ? world.status(i).toString() : "down").append("; ");
    }
    return s.toString();
  }

  private boolean oneHistory(Set<Integer> members) {
    @Nullable Object first = null;
    for (int i : members) {
      Object history = ((TinyStore) world.application(i)).history();
      if (first == null) {
        first = history;
      } else if (!first.equals(history)) {
        return false;
      }
    }
    return true;
  }

  private SortedMap<String, Long> injected() {
    SortedMap<String, Long> all = faults.injected();
    all.putAll(others.counts());
    if (!plan.skews.isEmpty()) {
      all.put("clockSkew", (long) plan.skews.size());
    }
    return all;
  }

  /**
   * Those that had no occasion are there with 0, so that a batch can tell which never had one; but
   * for those of D-instances where there are none.
   */
  private SortedMap<String, Long> checked() {
    SortedMap<String, Long> all = oracles.checked();
    oracles.names().forEach(id -> all.putIfAbsent(id, 0L));
    if (!subject.homes()) {
      all.remove(AgreementCheck.OWNED, 0L);
      all.remove(ProbationCheck.ORACLE, 0L);
    }
    return all;
  }

  private Swarm.Outcome outcome(@Nullable String oracle, String message) {
    return new Swarm.Outcome(
        plan.seed,
        oracle,
        message,
        answered,
        world.steps(),
        world.now(),
        injected(),
        checked(),
        probes.hit(),
        world.traceHash().toHex());
  }

  /** How long things may take, from the configuration alone. */
  static final class Bounds {
    private static final int MOST_DOUBLINGS = 6;

    /** T_nv·2^a is at most this (00-system-model §8). */
    private static final long LONGEST_WAIT = 60_000 * MILLISECOND;

    private Bounds() {}

    /**
     * L1: B = c₁Δ + Σ T·2^j, j up to f, each at most T_nv's cap. A lost vote falls back through
     * collectors with delays that were doubled while nothing could succeed; what was lost is told
     * again every 10·T_resend.
     */
    static long answer(Settings.Tuning t, int f) {
      long fallBack = (t.collectorDelay() + t.executionDelay()) << MOST_DOUBLINGS;
      long repair = 20 * t.resendDelay() + 20 * t.fetchDelay();
      long views = 0;
      for (int j = 0; j <= f; j++) {
        views += Math.min(t.viewTimeout() << Math.min(j, 20), LONGEST_WAIT);
      }
      return fallBack + repair + views + 2 * RETRANSMIT;
    }

    /** L3: a state transfer and what follows it. */
    static long catchUp(Settings.Tuning t) {
      return 60 * (t.resendDelay() + t.fetchDelay());
    }
  }
}
