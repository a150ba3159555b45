package io.destiny.sim.fault;

import io.destiny.core.model.Request;
import io.destiny.sim.world.ClientStub;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Clients that ask for other homes now and then (ASSIGN_REQ), and repeat what they asked before;
 * and where they believe that they are at home.
 */
final class Movers {
  private final List<Integer> homes;
  private final int n;
  private final int oneOf;
  private final SplittableRandom random;
  private final Injected injected;
  private final Map<Long, Integer> believed = new HashMap<>();
  private final Map<Long, Request> before = new HashMap<>();
  private long version;

  /**
   * @param homes those that may be asked for
   * @param oneOf one of so many requests is followed by an ASSIGN_REQ; 0: none
   */
  Movers(List<Integer> homes, int n, int oneOf, long seed, Injected injected) {
    this.homes = homes;
    this.n = n;
    this.oneOf = oneOf;
    this.random = new SplittableRandom(seed ^ 0x3A55_16E0L);
    this.injected = injected;
  }

  /** Where the client sends its next request first. */
  int home(ClientStub client, int first) {
    return believed.getOrDefault(client.id(), first);
  }

  /** The client has sent a request. */
  void look(ClientStub client) {
    if (oneOf == 0 || random.nextInt(oneOf) > 0) {
      return;
    }
    Request earlier = before.get(client.id());
    if (earlier != null && random.nextInt(4) == 0) {
      injected.count("client:assignRepeated");
      send(client, earlier);
      return;
    }
    int home = homes.get(random.nextInt(homes.size()));
    Request request = client.assignment(++version, home);
    before.put(client.id(), request);
    if (random.nextBoolean()) {
      // Right only if it takes effect; if not, its home hears of it from others.
      believed.put(client.id(), home);
    }
    injected.count("client:assign");
    send(client, request);
  }

  private void send(ClientStub client, Request request) {
    if (random.nextBoolean()) {
      client.sendToAll(request);
    } else {
      client.send(random.nextInt(n), request);
    }
  }
}
