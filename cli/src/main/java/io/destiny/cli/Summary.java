package io.destiny.cli;

import io.destiny.client.ClientCounters;
import org.HdrHistogram.Histogram;

/** A load's outcome for people. */
final class Summary {
  private final Output output;

  Summary(Output output) {
    this.output = output;
  }

  void print(Load.Shape shape, Load.Outcome outcome, ClientCounters counters) {
    Histogram h = outcome.latency();
    output.say(
        "%,d commands of %d bytes in %d s: %,.0f commands/s (%d clients, groups of %d)"
            .formatted(
                outcome.committed(),
                shape.payload(),
                shape.seconds(),
                outcome.perSecond(),
                shape.clients(),
                shape.group()));
    output.say(
        "latency ms: mean %.1f  p50 %.1f  p95 %.1f  p99 %.1f  max %.1f"
            .formatted(
                h.getMean() / 1000,
                LoadReport.millis(h, 50),
                LoadReport.millis(h, 95),
                LoadReport.millis(h, 99),
                h.getMaxValue() / 1000.0));
    output.say(
        "proofs: %,d replies verified over %,d roots; errors: %d; longest gap: %.0f ms"
            .formatted(
                counters.repliesVerified(),
                counters.rootsVerified(),
                outcome.errors(),
                outcome.longestGapMillis()));
  }
}
