package io.destiny.cli;

import java.util.function.Consumer;

/** A line on standard error that is written over each second, for a person at a terminal. */
final class ProgressLine implements Consumer<Load.Progress> {
  private final boolean shown;

  ProgressLine(Output output) {
    shown = output.interactive();
  }

  @Override
  public void accept(Load.Progress p) {
    show(
        "%s %3d s  %,8d commands/s  p50 %.1f ms"
            .formatted(
                p.warmingUp() ? "warm-up" : "load   ",
                p.second(),
                p.commandsPerSecond(),
                p.p50Millis()));
  }

  /** Shows what is going on. */
  void show(String text) {
    if (shown) {
      System.err.print("\r\u001b[K" + text);
      System.err.flush();
    }
  }

  /** Removes the line. */
  void clear() {
    if (shown) {
      System.err.print("\r\u001b[K");
      System.err.flush();
    }
  }
}
