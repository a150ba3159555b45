package io.destiny.sim.workload;

import io.destiny.core.model.Homes;
import io.destiny.core.model.Request;
import io.destiny.sim.network.Geography;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * Clients that each submit their next request when they may believe the answer to the last
 * (experiments.md §3). Every client starts at a replica of its region that is up.
 */
public final class ClosedLoop implements TraceListener {
  /** Who forms a batch. */
  public enum Mode {
    /** One signed request holds the whole batch. */
    CLIENT_BATCH,
    /** Each command is signed by itself, and the replica forms the batch. */
    REPLICA_BATCH
  }

  /**
   * What clients do.
   *
   * @param batch commands in a batch; only with {@code CLIENT_BATCH} in one request
   * @param payload bytes of one command: 20 of key, the rest value
   */
  public record Load(Mode mode, int batch, int payload) {
    private int group() {
      return mode == Mode.CLIENT_BATCH ? batch : 1;
    }
  }

  private static final int KEY_BYTES = 20;
  private static final long RETRANSMIT_NANOS = 2_000_000_000L;

  private record Client(ClientStub stub, int home, int region) {}

  private final World world;
  private final Geography geography;
  private final Load load;
  private final int leader;
  private final Map<Long, Client> clients = new HashMap<>();
  private final Map<Long, Long> sentAt = new HashMap<>();
  private final List<List<Long>> candidates = new ArrayList<>();
  private final Measurement measurement;

  /** The replica that all clients send to; -1: each to one of its region. */
  private int primary = -1;

  private int nextPrincipal = 1;
  private long keys;
  private boolean stopped;

  /**
   * @param leader a replica at which no client starts, since it orders for all; -1 for none
   */
  public ClosedLoop(World world, Geography geography, Load load, int leader) {
    this.world = world;
    this.geography = geography;
    this.load = load;
    this.leader = leader;
    this.measurement = new Measurement(geography.regions());
    for (int i = 0; i < world.options().rule().n(); i++) {
      candidates.add(new ArrayList<>());
    }
    world.listen(this);
  }

  /** All clients that are added from now on send to this replica, wherever they are. */
  public ClosedLoop sendingTo(int replica) {
    primary = replica;
    return this;
  }

  public Measurement measurement() {
    return measurement;
  }

  /**
   * Adds clients to a region, one after the other at its replicas that are up, and starts them.
   *
   * @param place tells the network where a client is
   * @return how many were added: 0 if no replica of the region may serve them
   */
  public int add(int region, int count, ObjIntConsumer<Long> place) {
    List<Integer> homes = new ArrayList<>();
    for (int i = region; i < world.options().rule().n(); i += geography.regions().size()) {
      if (world.up(i) && i != leader) {
        homes.add(i);
      }
    }
    if (primary >= 0) {
      homes = List.of(primary);
    } else if (homes.isEmpty() && leader >= 0 && geography.regionOf(leader) == region) {
      homes.add(leader);
    }
    for (int c = 0; !homes.isEmpty() && c < count; c++) {
      int home = homes.get(c % homes.size());
      long id = clientOf(home);
      Client client = new Client(world.client(id), home, region);
      clients.put(id, client);
      place.accept(id, region);
      next(client);
    }
    return homes.isEmpty() ? 0 : count;
  }

  /** A client identifier whose home is this replica; those found on the way are kept. */
  private long clientOf(int home) {
    while (candidates.get(home).isEmpty()) {
      long id = (long) nextPrincipal++ << 32;
      candidates.get(Homes.of(id, world.options().rule().n())).add(id);
    }
    return candidates.get(home).removeFirst();
  }

  /** Clients end with the request they have outstanding. */
  public void stop() {
    stopped = true;
  }

  /** Requests without an answer. */
  public int outstanding() {
    return sentAt.size();
  }

  private void next(Client client) {
    List<byte[]> commands = new ArrayList<>(load.group());
    for (int i = 0; i < load.group(); i++) {
      byte[] command = new byte[Math.max(load.payload, KEY_BYTES)];
      ByteBuffer.wrap(command).putLong(keys++).putLong(client.stub.id());
      commands.add(command);
    }
    Request request = client.stub.request(commands);
    sentAt.put(client.stub.id(), world.now());
    client.stub.send(client.home, request);
    client.stub.retransmit(request, RETRANSMIT_NANOS);
  }

  @Override
  public void accepted(ClientStub stub, ClientStub.Accepted answer) {
    Client client = clients.get(stub.id());
    Long sent = sentAt.remove(stub.id());
    if (client == null || sent == null) {
      return;
    }
    stub.forget(answer.request().timestamp());
    measurement.answered(client.region, sent, answer.at(), answer.request().commands().size());
    if (!stopped) {
      next(client);
    }
  }
}
