package io.destiny.protocols.destiny;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.model.Homes;
import io.destiny.sim.check.Checks;
import io.destiny.sim.world.ClientStub;
import io.destiny.sim.world.Costs;
import io.destiny.sim.world.LinkModel;
import io.destiny.sim.world.MessageStats;
import io.destiny.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The message counts of destiny.md §2: 8N for a batch with one entry an O-list, 5N + 3N/b with b
 * entries. What a replica sends to itself is not counted, so N is N-1 on the links; STATUS, which
 * carries repairs, is not part of the count.
 */
class DestinyMessageCountTest {
  private static final long MILLISECOND = 1_000_000L;

  /** Links have said all they say at the start. */
  private static final long SETTLED = 1500 * MILLISECOND;

  /** By then STATUS comes again, to all. */
  private static final long QUIET_UNTIL = 2400 * MILLISECOND;

  private static final Set<String> PER_BATCH =
      Set.of("Prepare", "CommitSig", "Commit", "ExecSig", "ExecProof");
  private static final Set<String> PER_LIST = Set.of("Prepare", "CommitSig", "Commit");

  private static SortedMap<String, MessageStats.Tally> quiet(World world) {
    SortedMap<String, MessageStats.Tally> tallies = world.stats().byName();
    assertThat(world.now()).isLessThan(QUIET_UNTIL);
    tallies.remove("O.Status");
    return tallies;
  }

  /** A client whose home is this replica. */
  private static ClientStub clientOf(World world, int home, int number) {
    int n = world.options().rule().n();
    int principal = 0;
    for (int found = 0; found <= number; ) {
      if (Homes.of((long) ++principal << 32, n) == home) {
        found++;
      }
    }
    return world.client(principal);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 7, 19})
  void aBatchCosts8NWithOneEntryAList(int n) {
    World world = Checks.on(World.of(DestinySimTest.options(n))).start();
    world.run(SETTLED);
    world.stats().reset();

    int batches = 4;
    for (int i = 0; i < batches; i++) {
      ClientStub client = clientOf(world, (i + 1) % n, 0);
      client.submit((i + 1) % n, "put:a=1", "put:b=2");
      assertThat(world.runUntil(() -> client.pending() == 0, 100 * MILLISECOND)).isTrue();
      world.run(20 * MILLISECOND);
    }

    SortedMap<String, MessageStats.Tally> sent = quiet(world);
    for (int i = 1; i <= batches; i++) {
      for (String kind : PER_BATCH) {
        String name = "D" + i % n + "." + kind;
        long slots = i % n == 0 || batches < n ? 1 : (batches - i % n) / n + 1;
        assertThat(sent.get(name).messages()).as(name).isEqualTo(slots * (n - 1));
      }
    }
    for (String kind : PER_LIST) {
      assertThat(sent.get("O." + kind).messages()).as(kind).isEqualTo((long) batches * (n - 1));
    }
    assertThat(world.stats().total().messages() - statuses(world))
        .isEqualTo(8L * batches * (n - 1));
  }

  private static long statuses(World world) {
    MessageStats.Tally tally = world.stats().byName().get("O.Status");
    return tally == null ? 0 : tally.messages();
  }

  @Test
  void aListOfManyEntriesIsSharedByItsBatches() {
    int n = 5;
    World world = Checks.on(World.of(DestinySimTest.options(n))).start();
    world.run(SETTLED);
    // The first list is closed at once; what arrives while it is under way fills the next ones.
    world.stats().reset();
    List<ClientStub> clients = new ArrayList<>();
    for (int home = 0; home < n; home++) {
      for (int k = 0; k < 3; k++) {
        ClientStub client = clientOf(world, home, k);
        client.submit(home, "put:a" + k + "=" + home);
        clients.add(client);
      }
      world.run(MILLISECOND / 10);
    }
    assertThat(
            world.runUntil(
                () -> clients.stream().allMatch(c -> c.pending() == 0), 400 * MILLISECOND))
        .isTrue();
    world.run(50 * MILLISECOND);

    SortedMap<String, MessageStats.Tally> sent = quiet(world);
    long lists = sent.get("O.Prepare").messages() / (n - 1);
    long batches =
        sent.entrySet().stream()
                .filter(e -> e.getKey().startsWith("D") && e.getKey().endsWith(".Prepare"))
                .mapToLong(e -> e.getValue().messages())
                .sum()
            / (n - 1);
    assertThat(lists).isLessThan(batches);
    long total = sent.values().stream().mapToLong(MessageStats.Tally::messages).sum();
    assertThat(total).isEqualTo((5 * batches + 3 * lists) * (n - 1));
  }

  /** N5, and the 250 B of the throughput model (00-system-model §9). */
  @ParameterizedTest
  @ValueSource(ints = {3, 19, 97})
  void stateMessagesHaveAtMost250Bytes(int n) {
    World world = World.of(DestinySimTest.options(n)).start();
    ClientStub client = clientOf(world, 1, 0);
    client.submit(1, "put:a=1");
    assertThat(world.runUntil(() -> client.pending() == 0, 1000 * MILLISECOND)).isTrue();
    world.run(SETTLED);
    for (Map.Entry<String, MessageStats.Tally> e : world.stats().byKind().entrySet()) {
      if (!e.getKey().equals("Prepare") && !e.getKey().equals("Forward")) {
        assertThat(e.getValue().largest()).as(e.getKey()).isLessThanOrEqualTo(250);
      }
    }
  }

  /**
   * §2: a commit takes four steps, checking its result two more; one less if the owner is the
   * O-primary. With N = 3 the O-primary, which learns the commit of its list first, and the owner
   * are f+1 already: a step less again.
   */
  @Test
  void anOptimisticBatchIsAnsweredAfterSixSteps() {
    assertThat(steps(5, 1)).isEqualTo(6);
    assertThat(steps(5, 0)).isEqualTo(5);
    assertThat(steps(3, 1)).isEqualTo(5);
  }

  /** Every link takes 10 ms, and nothing else takes time; the request itself is no step. */
  private static long steps(int n, int home) {
    long step = 10 * MILLISECOND;
    World world =
        World.of(
                DestinySimTest.options(n)
                    .withCosts(new Costs(0, 0, 0, 0, 0, step))
                    .withLinks(new LinkModel(step, step, 0, 0, false)))
            .start();
    world.run(SETTLED);
    ClientStub client = clientOf(world, home, 0);
    long begin = world.now() + step;
    client.submit(home, "put:a=1");
    world.runUntil(() -> client.pending() == 0, 1000 * MILLISECOND);
    return (client.accepted(1).orElseThrow().at() - begin) / step;
  }
}
