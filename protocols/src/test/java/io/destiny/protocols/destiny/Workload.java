package io.destiny.protocols.destiny;

import io.destiny.core.model.Homes;
import io.destiny.core.model.Request;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.TraceListener;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.List;

/**
 * Closed-loop clients: each submits its next request when it may believe the answer to the last.
 */
public final class Workload implements TraceListener {
  private static final long RETRANSMIT = 500_000_000L;

  private final World world;
  private final int requests;
  private final int group;
  private final List<ClientStub> clients = new ArrayList<>();
  private long accepted;

  public Workload(World world, int clients, int requests, int group) {
    this.world = world;
    this.requests = requests;
    this.group = group;
    world.listen(this);
    for (int c = 1; c <= clients; c++) {
      this.clients.add(world.client(c));
    }
  }

  public void start() {
    clients.forEach(this::next);
  }

  private void next(ClientStub client) {
    String[] commands = new String[group];
    for (int i = 0; i < group; i++) {
      commands[i] = "put:" + client.id() % 97 + "." + (accepted + i) % 50 + "=" + accepted;
    }
    Request request = client.submit(Homes.of(client.id(), world.options().rule().n()), commands);
    client.retransmit(request, RETRANSMIT);
  }

  @Override
  public void accepted(ClientStub client, ClientStub.Accepted answer) {
    if (client.administers()) {
      return;
    }
    accepted++;
    if (answer.request().timestamp() < requests) {
      next(client);
    }
  }

  public long accepted() {
    return accepted;
  }

  public boolean done() {
    return accepted == (long) requests * clients.size();
  }
}
