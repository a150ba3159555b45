package io.destiny.protocols.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import io.destiny.core.engine.Port;
import io.destiny.core.engine.Validity;
import io.destiny.core.kit.Jobs;
import io.destiny.core.machine.Settings;
import io.destiny.core.model.Batch;
import io.destiny.core.model.Digest;
import io.destiny.core.model.FaultModel;
import io.destiny.core.model.QuorumRule;
import io.destiny.protocols.catalog.Catalog;
import io.destiny.sim.world.WorldOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Payloads that a view change refers to (hybster.md §5 rules 12 and 13). */
class PayloadsTest {
  private static final Batch VALUE = Batch.NOOP;
  private static final Digest DIGEST = VALUE.digest();
  private static final int REPORTER = 2;

  private final List<HybridMessage.Ask> asked = new ArrayList<>();
  private final Payloads payloads = new Payloads(host(), new Jobs(), p -> {});
  private final Port port = port();

  private static HybridHost host() {
    var destiny = Catalog.find("destiny").orElseThrow();
    QuorumRule three = new QuorumRule(3, FaultModel.HYBRID);
    Settings settings = WorldOptions.of(three, destiny::create, destiny::codec).settings(0);
    return Stub.of(
        HybridHost.class,
        Map.of("settings", a -> settings, "instance", a -> 1, "payload", a -> null));
  }

  private Port port() {
    SplittableRandom random = new SplittableRandom(1);
    return Stub.of(
        Port.class,
        Map.of(
            "random",
            a -> random,
            "send",
            a -> asked.add((HybridMessage.Ask) a[1]),
            "note",
            a -> null,
            "validate",
            a -> new Validity.Valid()));
  }

  private boolean arrives(long slot) {
    return payloads.onPayload(REPORTER, new HybridMessage.Payload(1, slot, VALUE), port);
  }

  /** One of the slots may be behind the checkpoint of all who could answer. */
  @Test
  void equalPayloadsAreSoughtForEachOfTheirSlots() {
    assertThat(payloads.get(1, DIGEST, REPORTER)).isNull();
    assertThat(payloads.get(7, DIGEST, REPORTER)).isNull();
    payloads.ask(true, port);
    assertThat(asked).extracting(HybridMessage.Ask::slot).containsExactly(1L, 7L);
    assertThat(arrives(7)).isTrue();
    assertThat(payloads.get(7, DIGEST, REPORTER)).isSameAs(VALUE);
    assertThat(payloads.held(7, DIGEST)).isSameAs(VALUE);
    assertThat(payloads.get(1, DIGEST, REPORTER)).isNull();
    assertThat(payloads.missing()).isTrue();
  }

  @Test
  void whatACheckpointCoversIsSoughtNoMore() {
    payloads.get(6, DIGEST, REPORTER);
    payloads.get(7, DIGEST, REPORTER);
    payloads.forget(6);
    payloads.ask(false, port);
    assertThat(asked).extracting(HybridMessage.Ask::slot).containsExactly(7L);
    assertThat(arrives(6)).isFalse();
    payloads.forget(7);
    assertThat(payloads.missing()).isFalse();
  }
}
