package io.destiny.sim.script;

import io.destiny.core.machine.DropReason;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.TimerKey;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Request;
import io.destiny.sim.check.Oracles;
import io.destiny.sim.fault.Resigner;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The cluster of one script: carries out directives, and says in lines what happened. */
final class ScriptCluster {
  private interface Directive {
    void run(ScriptCluster cluster, Arguments arguments);
  }

  private static final int STABILIZE_LIMIT = 100_000;

  private static final Map<String, Directive> DIRECTIVES =
      Map.ofEntries(
          Map.entry("submit", ScriptCluster::submit),
          Map.entry("deliver", (c, a) -> c.each(a, c::deliver)),
          Map.entry("drop", (c, a) -> c.each(a, c::drop)),
          Map.entry("duplicate", (c, a) -> c.each(a, c::duplicate)),
          Map.entry("hold", ScriptCluster::hold),
          Map.entry("release", ScriptCluster::release),
          Map.entry("waiting", ScriptCluster::waiting),
          Map.entry("partition", ScriptCluster::partition),
          Map.entry("heal", ScriptCluster::heal),
          Map.entry("fire", ScriptCluster::fire),
          Map.entry("advance", ScriptCluster::advance),
          Map.entry("crash", ScriptCluster::crash),
          Map.entry("restart", ScriptCluster::restart),
          Map.entry("stabilize", ScriptCluster::stabilize),
          Map.entry("state", ScriptCluster::state),
          Map.entry("executed", ScriptCluster::executed),
          Map.entry("forge", ScriptCluster::forge),
          Map.entry("expect-dropped", ScriptCluster::expectDropped));

  private final World world;
  private final HeldLinks links;
  private final Transcript transcript = new Transcript();
  private final Map<String, Request> requests = new HashMap<>();
  private int dropsSeen;
  private int dropsBefore;

  private ScriptCluster(WorldOptions options, @Nullable Set<Integer> correct) {
    HeldLinks[] made = new HeldLinks[1];
    world =
        World.of(
            options,
            wire -> {
              made[0] = new HeldLinks(wire, options.rule().n());
              return made[0];
            });
    links = made[0];
    world.listen(transcript);
    Oracles.onScript(world, correct);
  }

  /**
   * Makes and starts a cluster; {@code lines} gets what its start leads to, but for messages if the
   * directive says {@code quiet}. In the name of the replicas {@code faulty=R0,R1} a script may
   * sign what they would not, so the oracles look at the others only.
   */
  static ScriptCluster start(Arguments arguments, ProtocolRegistry registry, List<String> lines) {
    boolean quiet = arguments.flag("quiet");
    Optional<String> faulty = arguments.named("faulty");
    WorldOptions options = ClusterSpec.read(arguments, registry);
    arguments.end();
    ScriptCluster cluster =
        new ScriptCluster(options, faulty.map(f -> others(options.rule().n(), f)).orElse(null));
    cluster.transcript.quiet(quiet);
    cluster.world.start();
    cluster.world.settle();
    cluster.transcript.quiet(false);
    for (String line : cluster.transcript.take()) {
      if (!line.endsWith(" starts")) {
        lines.add(line);
      }
    }
    return cluster;
  }

  private static Set<Integer> others(int n, String faulty) {
    Set<Integer> correct = new TreeSet<>();
    for (int i = 0; i < n; i++) {
      correct.add(i);
    }
    for (String replica : faulty.split(",", -1)) {
      if (!correct.remove(Arguments.replica(replica))) {
        throw new ScriptFailure("no replica " + replica);
      }
    }
    return correct;
  }

  /** The words that {@link #run} knows. */
  static Set<String> directives() {
    return DIRECTIVES.keySet();
  }

  /** Carries out one directive, and all that follows from it but for messages and timers. */
  List<String> run(Arguments arguments) {
    if (!arguments.directive().equals("expect-dropped")) {
      dropsBefore = dropsSeen;
    }
    Directive directive = DIRECTIVES.get(arguments.directive());
    if (directive == null) {
      throw new ScriptFailure("no directive " + arguments.directive());
    }
    directive.run(this, arguments);
    world.settle();
    dropsSeen = transcript.drops().size();
    transcript.quiet(false);
    return transcript.take();
  }

  private int replica(String text) {
    int replica = Arguments.replica(text);
    if (replica < 0 || replica >= world.options().rule().n()) {
      throw new ScriptFailure("no replica " + text);
    }
    return replica;
  }

  /** {@code submit c1 to=R0|* [t=4] [signature=bad] COMMAND…}; without commands the same again. */
  private void submit(Arguments a) {
    ClientStub client = world.client(Arguments.client(a.word("a client")));
    String to = a.named("to").orElseThrow(() -> new ScriptFailure("submit needs to=…"));
    Optional<String> timestamp = a.named("t");
    boolean bad = a.named("signature").map("bad"::equals).orElse(false);
    List<byte[]> commands = a.rest().stream().map(c -> c.getBytes(StandardCharsets.UTF_8)).toList();
    a.end();
    Request request = request(client, timestamp, commands, bad);
    if (to.equals("*")) {
      client.sendToAll(request);
    } else {
      client.send(replica(to), request);
    }
  }

  private Request request(
      ClientStub client, Optional<String> timestamp, List<byte[]> commands, boolean bad) {
    if (commands.isEmpty()) {
      String t = timestamp.orElseThrow(() -> new ScriptFailure("submit needs t=… or commands"));
      Request old = requests.get(client.id() + "/" + t);
      if (old == null) {
        throw new ScriptFailure("no request with t=" + t);
      }
      return old;
    }
    if (bad) {
      return client.forgery(timestamp.map(Arguments::number).orElse(1L), commands);
    }
    Request request =
        timestamp
            .map(t -> client.request(Arguments.number(t), commands))
            .orElseGet(() -> client.request(commands));
    requests.put(client.id() + "/" + request.timestamp(), request);
    return request;
  }

  private interface Action {
    void on(HeldLinks.Waiting message);
  }

  /** {@code deliver KIND|INSTANCE.KIND [from=R0] [to=R1|*] [slot=4] [view=0] [first] [quiet]}. */
  private void each(Arguments a, Action action) {
    Selection selection = Selection.read(a);
    boolean first = a.flag("first");
    quiet(a);
    a.end();
    List<HeldLinks.Waiting> chosen = links.select(selection, false);
    if (chosen.isEmpty()) {
      throw new ScriptFailure("no such message waits: " + selection);
    }
    for (HeldLinks.Waiting message : first ? chosen.subList(0, 1) : chosen) {
      action.on(message);
      world.settle();
    }
  }

  private void deliver(HeldLinks.Waiting message) {
    if (!world.up(message.to())) {
      transcript.travels(line(message, "->") + "  (down)");
    }
    links.deliver(message);
  }

  private void drop(HeldLinks.Waiting message) {
    links.remove(message);
    transcript.travels(line(message, "-x"));
  }

  private void duplicate(HeldLinks.Waiting message) {
    links.repeat(message);
    transcript.travels(line(message, "+>"));
  }

  private static String line(HeldLinks.Waiting m, String arrow) {
    return Transcript.arrow(m.from(), arrow, m.to(), m.frame().name());
  }

  private void hold(Arguments a) {
    links.hold(Selection.read(a));
    a.end();
  }

  /** {@code release KIND …} ends the hold that reads the same; {@code release} ends all. */
  private void release(Arguments a) {
    if (!a.hasWord()) {
      a.end();
      links.releaseAll();
      return;
    }
    Selection selection = Selection.read(a);
    a.end();
    if (!links.release(selection)) {
      throw new ScriptFailure("nothing is held by: " + selection);
    }
  }

  private void waiting(Arguments a) {
    Selection all = a.hasWord() ? Selection.read(a) : Selection.of("*");
    a.end();
    for (HeldLinks.Waiting m : links.select(all, true)) {
      transcript.add("%s v%d s%d".formatted(line(m, ".."), m.frame().view(), m.frame().sequence()));
    }
  }

  /**
   * {@code partition R0 R1 | R2 c3}: a replica that is not named is alone, a client that is not
   * named reaches all.
   */
  private void partition(Arguments a) {
    int[] groups = new int[world.options().rule().n()];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = -1 - i;
    }
    Map<Integer, Integer> clients = new HashMap<>();
    int group = 0;
    for (String word : a.rest()) {
      if (word.equals("|")) {
        group++;
      } else if (word.startsWith("c")) {
        clients.put(Arguments.client(word), group);
      } else {
        groups[replica(word)] = group;
      }
    }
    a.end();
    links.partition(groups, clients);
  }

  private void heal(Arguments a) {
    a.end();
    links.partition(new int[world.options().rule().n()], Map.of());
  }

  /** {@code fire R1 COLLECTOR D1 3}. */
  private void fire(Arguments a) {
    int replica = replica(a.word("a replica"));
    String kind = a.word("a kind of timer");
    int instance = Arguments.instance(a.word("an instance"));
    long subject = Arguments.number(a.word("a slot, view or client"));
    a.end();
    TimerKey key;
    try {
      key = new TimerKey(instance, TimerKind.valueOf(kind), subject);
    } catch (IllegalArgumentException e) {
      throw new ScriptFailure("no kind of timer " + kind);
    }
    if (!world.fire(replica, key)) {
      throw new ScriptFailure(
          "R%d runs no timer %s, but %s"
              .formatted(
                  replica,
                  Transcript.timer(key),
                  world.timers(replica).stream().map(Transcript::timer).toList()));
    }
  }

  private void advance(Arguments a) {
    long nanos = Arguments.duration(a.word("a duration"));
    quiet(a);
    a.end();
    world.run(nanos);
  }

  private void quiet(Arguments a) {
    transcript.quiet(a.flag("quiet"));
  }

  /**
   * {@code crash R1 [wipe] [trusted]}: with its log and snapshots, or without; {@code trusted}: its
   * trusted subsystem restarts as well, and has lost its keys and counters.
   */
  private void crash(Arguments a) {
    int replica = replica(a.word("a replica"));
    boolean wipe = a.flag("wipe");
    boolean trusted = a.flag("trusted");
    a.end();
    if (trusted) {
      world.enclave(replica).restart();
    }
    if (wipe) {
      world.wipe(replica);
    } else {
      world.crash(replica);
    }
  }

  private void restart(Arguments a) {
    int replica = replica(a.word("a replica"));
    a.end();
    if (world.up(replica)) {
      throw new ScriptFailure("R" + replica + " is up");
    }
    world.restart(replica);
  }

  /** {@code stabilize [quiet]}: delivers until no message waits; time stands still. */
  private void stabilize(Arguments a) {
    quiet(a);
    a.end();
    Optional<HeldLinks.Waiting> next = links.next();
    for (int i = 0; next.isPresent(); i++) {
      if (i == STABILIZE_LIMIT) {
        throw new ScriptFailure("still not quiet after " + i + " messages");
      }
      links.deliver(next.get());
      world.settle();
      next = links.next();
    }
  }

  /** {@code state [R1]}. */
  private void state(Arguments a) {
    @Nullable String only = a.hasWord() ? a.word("a replica") : null;
    a.end();
    for (int i = 0; i < world.options().rule().n(); i++) {
      if (only == null || replica(only) == i) {
        transcript.add("R" + i + " " + describe(i));
      }
    }
  }

  private String describe(int replica) {
    if (!world.up(replica)) {
      return "down";
    }
    Status s = world.status(replica);
    StringBuilder line = new StringBuilder();
    line.append("executed ").append(s.executed()).append(", ").append(s.commands());
    line.append(" commands, checkpoint ").append(s.checkpoint());
    line.append(", pending ").append(s.pending());
    s.views()
        .forEach(
            (instance, view) -> {
              if (view != 0) {
                line.append(", ").append(instance).append(" v").append(view);
              }
            });
    if (s.catchingUp()) {
      line.append(", catching up");
    }
    return line.toString();
  }

  /** What each replica executed, replicas that agree on one line. */
  private void executed(Arguments a) {
    a.end();
    Map<String, List<String>> byOrder = new TreeMap<>();
    for (int i = 0; i < world.options().rule().n(); i++) {
      StringBuilder order = new StringBuilder();
      transcript
          .executed(i)
          .forEach((place, slot) -> order.append(" #").append(place).append(' ').append(slot));
      byOrder.computeIfAbsent(order.toString(), o -> new ArrayList<>()).add("R" + i);
    }
    byOrder.forEach(
        (order, replicas) ->
            transcript.add(String.join(" ", replicas) + (order.isEmpty() ? " nothing" : order)));
  }

  /**
   * {@code forge KIND [from=R1] [to=R2] [slot=…] as=R0 at=R2 [changes]}: the last message of that
   * description, changed, arrives at a replica over the link of {@code as}. Changes are {@code
   * set-instance set-view set-slot set-sender}, {@code set-list=D1/2,D0/7} in an O-Prepare, {@code
   * digest-of=KIND}, {@code flip=OFFSET:MASK} and {@code cut=LENGTH}; in a ViewChange {@code
   * set-base=SLOT} and {@code set-claims=SLOT/VIEW|none} (PBFT) or {@code set-accepted=…} (SBFT),
   * in a NewView {@code set-chosen=more|other}, of the digest of {@code digest-of=KIND@VIEW} or of
   * nothing. With {@code sign} it has a fresh signature of {@code as}, if its trusted subsystem
   * gives one, under what all changes but the last two made of it. {@code forge hex=… as=R0 at=R2}
   * sends these bytes.
   */
  private void forge(Arguments a) {
    int as = replica(a.named("as").orElseThrow(() -> new ScriptFailure("forge needs as=…")));
    int at = replica(a.named("at").orElseThrow(() -> new ScriptFailure("forge needs at=…")));
    Optional<String> hex = a.named("hex");
    byte[] bytes;
    String name;
    if (hex.isPresent()) {
      bytes = HexFormat.of().parseHex(hex.get());
      name = "bytes";
    } else {
      Frame like = lastSeen(Selection.read(a));
      name = like.name();
      bytes = change(a, new Forgery(like), as);
    }
    a.end();
    world.inject(as, at, Frame.forged(name, bytes));
  }

  private Frame lastSeen(Selection selection) {
    return links
        .lastSeen(selection)
        .orElseThrow(() -> new ScriptFailure("never sent: " + selection))
        .frame();
  }

  private byte[] change(Arguments a, Forgery forgery, int as) {
    forgery.sender(a.named("set-sender").map(Arguments::replica).orElse(as));
    a.named("set-instance").ifPresent(i -> forgery.instance(Arguments.instance(i)));
    a.named("set-view").ifPresent(v -> forgery.view(Arguments.unsigned(v)));
    a.named("set-slot").ifPresent(s -> forgery.sequence(Arguments.unsigned(s)));
    a.named("set-list").ifPresent(l -> forgery.list(l, world.ledger().domain()));
    Optional<Frame> like = a.named("digest-of").map(k -> lastSeen(Selection.of(k, "@")));
    Optional<String> claims = a.named("set-claims");
    Optional<String> accepted = a.named("set-accepted");
    Optional<String> chosen = a.named("set-chosen");
    a.named("set-base").ifPresent(s -> forgery.base(Arguments.unsigned(s)));
    Digest value = like.map(Forgery::digestOf).orElse(Forgery.INVENTED);
    claims.ifPresent(at -> forgery.claims(at, value));
    accepted.ifPresent(at -> forgery.accepted(at, value));
    chosen.ifPresent(how -> forgery.chosen(how, value));
    if (claims.isEmpty() && accepted.isEmpty() && chosen.isEmpty()) {
      like.ifPresent(l -> forgery.digest(value));
    }
    if (a.flag("sign")) {
      forgery.sign(new Resigner(world, as));
    }
    a.named("flip").ifPresent(forgery::flip);
    a.named("cut").ifPresent(length -> forgery.cut((int) Arguments.number(length)));
    return forgery.bytes();
  }

  /** {@code expect-dropped REASON [by=R2] [kind=Prepare]}: by the directive before this one. */
  private void expectDropped(Arguments a) {
    String reason = a.word("a reason");
    Optional<Integer> by = a.named("by").map(this::replica);
    Optional<String> kind = a.named("kind");
    a.end();
    List<Transcript.Drop> recent =
        transcript.drops().subList(dropsBefore, transcript.drops().size());
    for (Transcript.Drop d : recent) {
      if (d.reason() == DropReason.valueOf(reason)
          && (by.isEmpty() || by.get() == d.by())
          && (kind.isEmpty() || kind.get().equals(d.kind()))) {
        return;
      }
    }
    throw new ScriptFailure("not dropped for " + reason + ", but " + recent);
  }
}
