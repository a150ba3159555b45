package io.destiny.sim.fault;

import io.destiny.core.machine.Input;
import io.destiny.core.machine.Protocol;
import io.destiny.core.machine.Settings;
import io.destiny.core.machine.Status;
import io.destiny.core.machine.Step;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Homes;
import io.destiny.core.model.Request;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A coordinator that adds requests of its own to those of its clients: in the name of a session
 * whose home it is, with a signature that nobody made.
 */
final class InventedRequests implements Protocol {
  /** A principal that is enrolled; its sessions are tried in turn. */
  private static final long VICTIM = 1L << 32 | 1;

  private static final int SIGNATURE_BYTES = 64;

  private final Protocol inner;
  private final Settings settings;
  private final Injected injected;
  private long timestamp;

  InventedRequests(Protocol inner, Settings settings, Injected injected) {
    this.inner = inner;
    this.settings = settings;
    this.injected = injected;
  }

  @Override
  public void on(Input input, Step step) {
    inner.on(input, step);
    boolean status = input instanceof Input.Fired f && f.timer().kind() == TimerKind.STATUS;
    if (status || input instanceof Input.Submitted) {
      injected.count(Behaviour.INVENT_REQUESTS.word());
      inner.on(new Input.Submitted(invented()), step);
    }
  }

  private Request invented() {
    long client = VICTIM;
    while (Homes.of(client, settings.n()) != settings.self()) {
      client++;
    }
    return Request.of(
        settings.domain(),
        client,
        ++timestamp,
        List.of("put:stolen=1".getBytes(StandardCharsets.UTF_8)),
        new byte[SIGNATURE_BYTES]);
  }

  @Override
  public Status status() {
    return inner.status();
  }
}
