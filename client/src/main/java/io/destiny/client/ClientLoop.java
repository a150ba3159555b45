package io.destiny.client;

import com.google.protobuf.ByteString;
import io.destiny.core.crypto.CryptoProvider;
import io.destiny.core.model.Assignment;
import io.destiny.core.model.Reply;
import io.destiny.core.model.Request;
import io.destiny.core.statement.Domain;
import io.destiny.core.statement.MalformedException;
import io.destiny.crypto.PublicKeys;
import io.destiny.wire.WireLimits;
import io.destiny.wire.client.Notice;
import io.destiny.wire.client.ServerFrame;
import io.netty.channel.EventLoopGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's one thread: requests go out, replies are judged and futures completed here. What is
 * at hand is handled together, so that many replies share a verification and many requests a frame.
 *
 * <p>The inbox is bounded by what feeds it: one request a session, the pool's queue, and a few
 * frames a connection, which are asked for one by one.
 */
final class ClientLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ClientLoop.class);

  /** Events after which a turn ends even if more wait. */
  private static final int TURN = 2048;

  private static final int MAX_REPEAT_DOUBLINGS = 3;
  private static final long BUSY_PAUSE = 10_000_000L;
  private static final int MAX_BUSY_DOUBLINGS = 6;

  /** Requests that a home left unanswered in a row before new ones go to others at once. */
  private static final int SEVERAL = 2;

  /** Requests of a session in a row that had to be sent again before it asks for another home. */
  private static final int MOST_REPEATED = 3;

  private final Domain domain;
  private final ClientOptions options;
  private final UnaryOperator<byte[]> signer;
  private final Timestamps timestamps = new Timestamps();
  private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
  private final Map<Long, Exchange> outstanding = new HashMap<>();
  private final Thread thread;

  private final Successors successors;
  private volatile Epoch epoch;
  private @Nullable SessionPool pool;
  private volatile boolean ended;
  private volatile ClientCounters counters = new ClientCounters(0, 0, 0, 0, 0, 0, 0);
  private boolean closing;
  private long now;
  private long scanAt;
  private long sent;
  private long repetitions;
  private long moves;

  /** What it needs of the world. */
  record Ways(
      Function<PublicKeys, CryptoProvider> crypto, Successors successors, EventLoopGroup network) {}

  ClientLoop(
      ClusterDescription cluster, Ways ways, UnaryOperator<byte[]> signer, ClientOptions options) {
    this.domain = cluster.keys().domain();
    this.successors = ways.successors;
    this.options = options;
    this.signer = signer;
    this.epoch =
        Epoch.first(cluster, new Epoch.Ways(ways.crypto, ways.network, this::event, this::finish));
    this.thread = Thread.ofPlatform().name("destiny-client").daemon(true).unstarted(this::run);
  }

  /** How many replicas the cluster has in the present epoch. */
  int replicas() {
    return epoch.connections.size();
  }

  /** Begins to run; {@code sessions} has this loop's pooled sessions. */
  void start(SessionPool sessions) {
    pool = sessions;
    thread.start();
  }

  ClientCounters counters() {
    return counters;
  }

  /** Takes what a connection has to tell; any thread. */
  void event(Connection.Event event) {
    inbox.add(() -> handle(event));
  }

  /** Runs a task on the client's thread; once that has ended, completes the future instead. */
  void execute(Runnable task, CompletableFuture<Answer> future) {
    if (Thread.currentThread() == thread) {
      task.run();
      return;
    }
    inbox.add(task);
    if (ended) {
      future.complete(closed());
    }
  }

  private static Answer closed() {
    return new Answer.Closed("the client is closed");
  }

  /** Signs and sends; the caller has acquired the session. Any thread. */
  void submit(Session session, List<byte[]> commands, CompletableFuture<Answer> future) {
    Request request;
    try {
      request = sign(session.client(), commands);
    } catch (IllegalArgumentException e) {
      Answer bad = new Answer.Rejected(Answer.Rejection.BAD_GROUP, String.valueOf(e.getMessage()));
      execute(() -> release(session), future);
      future.complete(bad);
      return;
    }
    long deadline = System.nanoTime() + options.deadline().toNanos();
    Exchange exchange = new Exchange(session, request, future, deadline);
    execute(() -> begin(exchange), future);
  }

  private Request sign(long client, List<byte[]> commands) {
    byte[] operation = Request.group(commands);
    if (operation.length > options.maxOperationBytes()) {
      throw new IllegalArgumentException(
          "a request has at most %d bytes, not %d"
              .formatted(options.maxOperationBytes(), operation.length));
    }
    long timestamp = timestamps.next();
    byte[] signature = signer.apply(domain.request(client, timestamp, operation));
    return Request.of(domain, client, timestamp, commands, signature);
  }

  private void begin(Exchange exchange) {
    if (closing) {
      exchange.future.complete(closed());
      return;
    }
    outstanding.put(exchange.request.client(), exchange);
    sent++;
    exchange.repeatAt = now + options.retransmitAfter().toNanos();
    scanBy(Math.min(exchange.repeatAt, exchange.deadline));
    int home = exchange.session.home();
    exchange.home = home;
    // After several time-outs to f+1 at once: one of them is correct, and passes it on.
    int first = epoch.unanswered[home] < SEVERAL ? 1 : epoch.weak;
    for (int i = 0; i < first; i++) {
      epoch.connections.get((home + i) % epoch.connections.size()).send(exchange);
    }
  }

  private void scanBy(long time) {
    if (time - scanAt < 0) {
      scanAt = time;
    }
  }

  private void run() {
    try {
      tick();
      scanAt = now + options.retransmitAfter().toNanos();
      while (!closing) {
        turn();
      }
    } catch (InterruptedException e) {
      // nobody interrupts this thread but a JVM on its way out
    } catch (RuntimeException | Error e) {
      LOG.error("the client stops on an error of its own", e);
      throw e;
    } finally {
      end();
    }
  }

  private void tick() {
    now = System.nanoTime();
    epoch.acceptance.turn(now);
  }

  private void turn() throws InterruptedException {
    Runnable task = inbox.poll(Math.max(0, wakeAt() - now), TimeUnit.NANOSECONDS);
    tick();
    for (int i = 0; task != null; i++) {
      task.run();
      task = i < TURN ? inbox.poll() : null;
    }
    epoch.acceptance.verify();
    tick();
    if (now - scanAt >= 0) {
      scan();
    }
    for (Connection connection : epoch.connections) {
      connection.flush(now);
    }
    counters =
        new ClientCounters(
            sent,
            repetitions,
            moves,
            epoch.acceptance.verified(),
            epoch.acceptance.rootsVerified(),
            epoch.acceptance.withoutProof(),
            epoch.acceptance.ignored());
  }

  private long wakeAt() {
    long wake = scanAt;
    for (Connection connection : epoch.connections) {
      if (connection.paused() && connection.openAgain() - wake < 0) {
        wake = connection.openAgain();
      }
    }
    return wake;
  }

  /** Does what is due, and finds out when the next is. */
  private void scan() {
    scanAt = now + options.retransmitAfter().toNanos();
    for (Exchange exchange : List.copyOf(outstanding.values())) {
      if (now - exchange.deadline >= 0) {
        finish(exchange, givenUp(exchange));
        continue;
      }
      if (now - exchange.repeatAt >= 0) {
        repeat(exchange);
      }
      if (exchange.busyReplicas.cardinality() > 0) {
        if (now - exchange.busyAt >= 0) {
          exchange.busyReplicas.stream().forEach(i -> epoch.connections.get(i).send(exchange));
          exchange.busyReplicas.clear();
        } else {
          scanBy(exchange.busyAt);
        }
      }
      scanBy(Math.min(exchange.repeatAt, exchange.deadline));
    }
  }

  /** Sends the same bytes to all replicas, and the next time after twice as long. */
  private void repeat(Exchange exchange) {
    int doublings = Math.min(exchange.repetitions + 1, MAX_REPEAT_DOUBLINGS);
    exchange.repeatAt = now + (options.retransmitAfter().toNanos() << doublings);
    if (exchange.repetitions++ == 0) {
      epoch.unanswered[exchange.home]++;
    }
    repetitions++;
    epoch.connections.forEach(connection -> connection.send(exchange));
  }

  /** Does not wait for T_client where the home was heard to be of no help. */
  private void repeatEarly(Exchange exchange) {
    if (exchange.repetitions == 0) {
      repeat(exchange);
    }
  }

  private void handle(Connection.Event event) {
    if (closing || event.replica() >= epoch.connections.size()) {
      return; // also what comes late of an epoch with more replicas
    }
    Connection connection = epoch.connections.get(event.replica());
    if (!connection.concerns(event)) {
      return;
    }
    switch (event) {
      case Connection.Event.Arrived a -> {
        connection.consumed();
        arrived(a.replica(), a.frame());
      }
      case Connection.Event.Writable w -> {} // the turn ends with a flush
      case Connection.Event.Ended e -> {
        connection.ended(e.status(), now);
        LOG.debug("connection to replica {} ended: {}", e.replica(), connection.trouble());
        lost(e.replica());
      }
    }
  }

  /** What was sent over a broken connection may not have arrived. */
  private void lost(int replica) {
    for (Exchange exchange : List.copyOf(outstanding.values())) {
      if (exchange.sentTo.get(replica)) {
        exchange.sentTo.clear(replica);
        epoch.connections.get(replica).send(exchange);
      }
      if (exchange.home == replica) {
        repeatEarly(exchange);
      }
    }
  }

  private void arrived(int replica, ServerFrame frame) {
    for (ByteString bytes : frame.getRepliesList()) {
      try {
        Reply reply = Reply.decode(bytes.toByteArray(), options.maxResultBytes());
        Exchange exchange = outstanding.get(reply.client());
        if (exchange == null) {
          epoch.acceptance.ignore();
        } else {
          exchange.homeAnswered |=
              replica == exchange.home && reply.evidence() instanceof Reply.Proof;
          epoch.acceptance.reply(exchange, replica, reply);
        }
      } catch (MalformedException e) {
        epoch.acceptance.ignore();
      }
    }
    frame.getNoticesList().forEach(notice -> notice(replica, notice));
  }

  private void notice(int replica, Notice notice) {
    if (replica >= epoch.connections.size()) {
      return; // an earlier notice of the frame led to an epoch with fewer replicas
    }
    if (notice.getCode() == Notice.Code.WRONG_CLUSTER) {
      epoch.connections.get(replica).refused(notice.getDetail());
      if (!notice.getManifest().isEmpty()) {
        shown(notice.getManifest());
      }
      return;
    }
    Exchange exchange = outstanding.get(notice.getClient());
    if (exchange == null || exchange.request.timestamp() != notice.getTimestamp()) {
      epoch.acceptance.ignore();
      return;
    }
    if (notice.getCode() == Notice.Code.BUSY) {
      busy(exchange, replica);
      return;
    }
    epoch.acceptance.refused(exchange, replica, notice);
    if (!exchange.done()) {
      repeatEarly(exchange); // it takes f+1 to refuse, and another may be able to help
    }
  }

  /** A replica of a later epoch shows its manifest. */
  private void shown(ByteString manifest) {
    ClusterDescription next =
        manifest.size() > WireLimits.MAX_MANIFEST_BYTES
            ? null
            : successors.read(manifest.toByteArray(), epoch.cluster);
    if (next == null) {
      LOG.debug("a replica shows what is no manifest of a later epoch");
      return;
    }
    LOG.debug("the cluster is in epoch {} now", next.keys().domain().epoch());
    Epoch over = epoch;
    epoch = over.next(next, now);
    over.close();
    for (Exchange exchange : outstanding.values()) {
      exchange.startOver(exchange.session.home());
      // to f+1: the home may not have come so far
      for (int i = 0; i < epoch.weak; i++) {
        epoch.connections.get((exchange.home + i) % epoch.connections.size()).send(exchange);
      }
    }
  }

  private void busy(Exchange exchange, int replica) {
    exchange.notice(replica, Notice.Code.BUSY);
    if (exchange.busyReplicas.isEmpty()) {
      long pause = BUSY_PAUSE << Math.min(exchange.busy++, MAX_BUSY_DOUBLINGS);
      exchange.busyAt = now + pause + (exchange.request.client() & 0x3F) * (pause >> 7);
      scanBy(exchange.busyAt);
    }
    exchange.busyReplicas.set(replica);
  }

  private Answer givenUp(Exchange exchange) {
    StringJoiner tried = new StringJoiner("; ");
    for (int i = 0; i < epoch.connections.size(); i++) {
      String said = exchange.noticeOf(i);
      if (said == null) {
        said = epoch.connections.get(i).trouble();
      }
      if (said == null) {
        said = epoch.acceptance.penalised(i) ? "sent a proof that does not verify" : null;
      }
      if (said == null) {
        said = exchange.sentTo.get(i) ? "silent" : "not asked";
      }
      String role = i == exchange.home ? " (home)" : "";
      tried.add("replica " + i + role + ": " + said);
    }
    String detail =
        "no sufficient answer within %d ms, sent to all %d times; %s"
            .formatted(options.deadline().toMillis(), exchange.repetitions, tried);
    return exchange.busy > 0 ? new Answer.Busy(detail) : new Answer.Unavailable(detail);
  }

  private void finish(Exchange exchange, Answer answer) {
    if (outstanding.remove(exchange.request.client(), exchange)) {
      if (answer instanceof Answer.Success && exchange.homeAnswered && exchange.repetitions == 0) {
        epoch.unanswered[exchange.home] = 0;
      }
      boolean again = exchange.repetitions > 0 || answer instanceof Answer.Unavailable;
      if (exchange.session.over(again) >= MOST_REPEATED) {
        move(exchange.session);
      }
      exchange.session.release();
      exchange.future.complete(answer);
      pooled(exchange.session);
    }
  }

  /**
   * ASSIGN_REQ (00-system-model §6): neither the home nor who adopts in its place answers in time.
   * To all, since f+1 correct replicas must know of it to replace an O-primary that leaves it out;
   * if it is lost, the next home is asked for after as many requests.
   */
  private void move(Session session) {
    int n = epoch.connections.size();
    int home = session.home();
    int next = (home + 1) % n;
    while (next != home && epoch.unanswered[next] >= SEVERAL) {
      next = (next + 1) % n;
    }
    next = next == home ? (home + 1) % n : next;
    Request request = sign(Assignment.asking(session.client()), List.of(Assignment.command(next)));
    Exchange asking = new Exchange(session, request, new CompletableFuture<>(), now);
    session.asked(next, asking);
    moves++;
    epoch.connections.forEach(connection -> connection.send(asking));
  }

  private void release(Session session) {
    session.release();
    pooled(session);
  }

  private void pooled(Session session) {
    if (session.pooled() && pool != null && !closing) {
      pool.released(session);
    }
  }

  /** Asks the thread to end; returns when it has. Called by another thread or a callback. */
  void close() {
    inbox.add(() -> closing = true);
    if (Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void end() {
    closing = true;
    ended = true;
    for (Exchange exchange : List.copyOf(outstanding.values())) {
      finish(exchange, closed());
    }
    if (pool != null) {
      pool.close(closed());
    }
    // whoever adds from now on sees that it has ended
    for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
      task.run();
    }
    if (pool != null) {
      pool.close(closed());
    }
    epoch.connections.forEach(Connection::close);
  }
}
