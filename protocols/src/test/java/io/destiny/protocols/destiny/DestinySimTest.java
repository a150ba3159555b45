package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Homes;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.protocols.catalog.ProtocolEntry;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.World;
import io.destiny.sim.world.WorldOptions;
import org.junit.jupiter.api.Test;

class DestinySimTest {
  private static final long SECOND = 1_000_000_000L;

  static WorldOptions options(int n) {
    ProtocolEntry destiny = Catalog.find("destiny").orElseThrow();
    return WorldOptions.of(destiny.rule(n), destiny::create, destiny::codec);
  }

  @Test
  void faultFree() {
    World world = Checks.on(World.of(options(3))).start();
    for (int c = 1; c <= 6; c++) {
      ClientStub client = world.client(c);
      client.submit(Homes.of(client.id(), 3), "put:a" + c + "=1", "get:a" + c);
    }
    boolean done =
        world.runUntil(
            () -> {
              for (int c = 1; c <= 6; c++) {
                if (world.client(c).pending() > 0) {
                  return false;
                }
              }
              return true;
            },
            5 * SECOND);
    world.run(SECOND);
    System.out.println(world.stats().byName());
    for (int i = 0; i < 3; i++) {
      System.out.println(world.status(i));
    }
    assertThat(done).isTrue();
  }
}
