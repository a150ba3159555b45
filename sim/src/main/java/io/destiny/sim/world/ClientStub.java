package io.destiny.sim.world;

import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.crypto.KeyPurpose;
import io.destiny.core.crypto.Result;
import io.destiny.core.crypto.Share;
import io.destiny.core.crypto.Work;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Digest;
import io.destiny.core.model.Outcome;
import io.destiny.core.model.Reconfiguration;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Writer;
import io.destiny.sim.ghost.GhostLedger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A client: signs requests, and believes an answer only by the rule of 00-system-model §6: one
 * proof with a path, f+1 votes that combine, or f+1 equal plain replies.
 */
public final class ClientStub {
  /** What made the client believe. */
  public enum Form {
    PROOF,
    VOTES,
    PLAIN
  }

  /**
   * An answer that the client believes.
   *
   * @param results one for each command; empty for STALE
   * @param at when, nanoseconds
   */
  public record Accepted(
      Request request, byte[] outcome, List<byte[]> results, Form form, long at) {
    /** A result as text. */
    public String text(int index) {
      return new String(results.get(index), StandardCharsets.UTF_8);
    }
  }

  private record Claim(Digest content) {}

  private final World world;
  private final long id;
  private final Map<Long, CryptoProvider> crypto = new TreeMap<>();
  private final Map<Long, Request> outstanding = new TreeMap<>();
  private final Map<Long, Accepted> accepted = new TreeMap<>();
  private final Map<Long, Map<Claim, Map<Integer, Share>>> votes = new HashMap<>();
  private final Map<Long, Map<Claim, Set<Integer>>> plain = new HashMap<>();
  private long nextTimestamp = 1;
  private long rejected;

  /** Answers up to this timestamp came and are not kept. */
  private long forgotten;

  ClientStub(World world, long id) {
    this.world = world;
    this.id = id;
  }

  /** Nanoseconds since the world began. */
  public long now() {
    return world.now();
  }

  /** Principal and session. */
  public long id() {
    return id;
  }

  /** Whether it is the administrators', whose commands are no application's. */
  public boolean administers() {
    return Reconfiguration.administers(id);
  }

  /** Signs a request with the next timestamp, and waits for its answer; does not send it. */
  public Request request(List<byte[]> commands) {
    return request(nextTimestamp, commands);
  }

  /** Signs a request with any timestamp: a correct client uses each once. */
  public Request request(long timestamp, List<byte[]> commands) {
    byte[] statement = world.ledger().domain().request(id, timestamp, Request.group(commands));
    byte[] signature = world.signClient(Request.principal(id), statement);
    Request request = Request.of(world.ledger().domain(), id, timestamp, commands, signature);
    nextTimestamp = Math.max(nextTimestamp, timestamp + 1);
    outstanding.put(timestamp, request);
    world.listeners().issued(this, request);
    return request;
  }

  /** Signs an ASSIGN_REQ for a home; nobody answers it. */
  public Request assignment(long version, int home) {
    long asking = Assignment.asking(id);
    List<byte[]> commands = List.of(Assignment.command(home));
    byte[] statement = world.ledger().domain().request(asking, version, Request.group(commands));
    byte[] signature = world.signClient(Request.principal(id), statement);
    Request request = Request.of(world.ledger().domain(), asking, version, commands, signature);
    world.listeners().asked(this, new Assignment(request, home));
    return request;
  }

  /** A request that this client never signed. */
  public Request forgery(long timestamp, List<byte[]> commands) {
    return Request.of(world.ledger().domain(), id, timestamp, commands, new byte[64]);
  }

  /** Signs the commands as one group and sends them to one replica. */
  public Request submit(int replica, String... commands) {
    Request request =
        request(Arrays.stream(commands).map(c -> c.getBytes(StandardCharsets.UTF_8)).toList());
    send(replica, request);
    return request;
  }

  /** Sends a request, also one sent before. */
  public void send(int replica, Request request) {
    world.carryUp(id, replica, request);
  }

  public void sendToAll(Request request) {
    for (int i = 0; i < world.options().rule().n(); i++) {
      send(i, request);
    }
  }

  /** Sends the request to all replicas every {@code nanos} until it is answered. */
  public void retransmit(Request request, long nanos) {
    world.in(
        nanos,
        () -> {
          Request waiting = outstanding.get(request.timestamp());
          if (waiting != null && waiting.equals(request)) {
            sendToAll(request);
            retransmit(request, nanos);
          }
        });
  }

  /** The answer to the request with this timestamp. */
  public Optional<Accepted> accepted(long timestamp) {
    return Optional.ofNullable(accepted.get(timestamp));
  }

  /** Forgets an answer, so that long runs do not keep all of them. */
  public void forget(long timestamp) {
    accepted.remove(timestamp);
    forgotten = Math.max(forgotten, timestamp);
  }

  /** Requests without an answer that it may believe. */
  public int pending() {
    return outstanding.size();
  }

  /** What has made this client believe so far. */
  public Set<Form> forms() {
    Set<Form> forms = EnumSet.noneOf(Form.class);
    accepted.values().forEach(a -> forms.add(a.form()));
    return forms;
  }

  /** Replies that no correct replica sends: another's, or with what does not verify. */
  public long rejected() {
    return rejected;
  }

  void receive(int from, Reply reply) {
    if (reply.timestamp() <= forgotten || accepted.containsKey(reply.timestamp())) {
      return;
    }
    Request request = outstanding.get(reply.timestamp());
    if (request == null
        || !reply.request().equals(request.digest())
        || !judge(from, request, reply)) {
      rejected++;
      world.listeners().rejected(this, from, reply);
    }
  }

  private boolean judge(int from, Request request, Reply reply) {
    GhostLedger epoch = world.ledger(reply.epoch());
    if (epoch == null) {
      return false;
    }
    return switch (reply.evidence()) {
      case Reply.Proof proof -> onProof(epoch, request, reply, proof);
      case Reply.Vote vote -> onVote(epoch, from, request, reply, vote);
      case Reply.Plain p -> onPlain(epoch, from, request, reply);
    };
  }

  private CryptoProvider crypto(GhostLedger epoch) {
    return crypto.computeIfAbsent(epoch.domain().epoch(), e -> world.verifier(epoch));
  }

  private static byte[] statement(GhostLedger epoch, Reply.Place place) {
    return epoch.domain().execution(place.instance(), place.slot(), place.position(), place.root());
  }

  private boolean onProof(GhostLedger epoch, Request request, Reply reply, Reply.Proof proof) {
    Reply.Place place = reply.place();
    if (place == null || !reply.pathHolds()) {
      return false;
    }
    Work work =
        new Work.VerifyCertificate(
            KeyPurpose.EXECUTION, statement(epoch, place), proof.certificate());
    if (!crypto(epoch).run(work).equals(new Result.Verdict(true))) {
      return false;
    }
    accept(request, reply.result(), Form.PROOF);
    return true;
  }

  private boolean onVote(
      GhostLedger epoch, int from, Request request, Reply reply, Reply.Vote vote) {
    Reply.Place place = reply.place();
    if (place == null || !reply.pathHolds() || vote.share().signer() != from) {
      return false;
    }
    byte[] statement = statement(epoch, place);
    Claim claim = new Claim(Digest.of(statement, Digest.of(reply.result()).toBytes()));
    Map<Integer, Share> shares =
        votes
            .computeIfAbsent(reply.timestamp(), t -> new HashMap<>())
            .computeIfAbsent(claim, c -> new TreeMap<>());
    shares.put(from, vote.share());
    if (shares.size() < epoch.threshold(KeyPurpose.EXECUTION)) {
      // It is the replica's word as well: others may have forgotten the slot and answer plainly.
      return onPlain(epoch, from, request, reply);
    }
    Work work = new Work.Combine(KeyPurpose.EXECUTION, statement, new ArrayList<>(shares.values()));
    if (crypto(epoch).run(work) instanceof Result.BadShares(List<Integer> signers)) {
      signers.forEach(shares::remove);
      return false;
    }
    accept(request, reply.result(), Form.VOTES);
    return true;
  }

  private boolean onPlain(GhostLedger epoch, int from, Request request, Reply reply) {
    Digest said =
        Digest.of(
            new Writer(40).u32(epoch.domain().epoch()).digest(Digest.of(reply.result())).toBytes());
    Set<Integer> senders =
        plain
            .computeIfAbsent(reply.timestamp(), t -> new HashMap<>())
            .computeIfAbsent(new Claim(said), c -> new HashSet<>());
    senders.add(from);
    if (senders.size() >= epoch.rule().weak()) {
      accept(request, reply.result(), Form.PLAIN);
    }
    return true;
  }

  private void accept(Request request, byte[] outcome, Form form) {
    List<byte[]> results;
    try {
      results = Outcome.decode(outcome);
    } catch (MalformedException e) {
      throw new WorldFailure("a proven result does not decode", e);
    }
    Accepted answer = new Accepted(request, outcome, results, form, world.now());
    outstanding.remove(request.timestamp());
    votes.remove(request.timestamp());
    plain.remove(request.timestamp());
    accepted.put(request.timestamp(), answer);
    world.listeners().accepted(this, answer);
  }
}
