package io.destiny.sim.fault;

import io.destiny.core.model.Request;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.World;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A client that sends what it did not sign, two requests under one timestamp, and timestamps that
 * go back. It listens to no answer.
 */
final class LyingClient {
  private static final long MOST_PAUSE = 100_000_000L;

  private final World world;
  private final ClientStub client;
  private final SplittableRandom random;
  private final long until;
  private final Injected injected;
  private long last;
  private long words;

  LyingClient(World world, ClientStub client, long until, long seed, Injected injected) {
    this.world = world;
    this.client = client;
    this.until = until;
    this.random = new SplittableRandom(seed ^ client.id());
    this.injected = injected;
    client.forget(Long.MAX_VALUE);
  }

  void start() {
    long pause = random.nextLong(1, MOST_PAUSE);
    world.at(
        world.now() + pause,
        () -> {
          lie();
          if (world.now() < until) {
            start();
          }
        });
  }

  private void lie() {
    switch (random.nextInt(4)) {
      case 0 -> tell("badSignature", client.forgery(++last, command()));
      case 1 -> {
        last++;
        tell("twoUnderOneTimestamp", client.request(last, command()));
        tell("twoUnderOneTimestamp", client.request(last, command()));
      }
      case 2 -> tell("timestampGoesBack", client.request(random.nextLong(last + 1) + 1, command()));
      default -> {
        last += random.nextInt(1, 1000);
        tell("timestampJumps", client.request(last, command()));
      }
    }
  }

  /** Keys that nobody else has. */
  private List<byte[]> command() {
    String command = "put:lie" + client.id() % 97 + "=" + ++words;
    return List.of(command.getBytes(StandardCharsets.UTF_8));
  }

  private void tell(String how, Request request) {
    injected.count("client:" + how);
    if (random.nextBoolean()) {
      client.sendToAll(request);
    } else {
      client.send(random.nextInt(world.options().rule().n()), request);
    }
  }
}
