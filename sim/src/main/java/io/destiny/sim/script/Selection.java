package io.destiny.sim.script;

import io.destiny.sim.world.Frame;

/**
 * Which messages a directive means.
 *
 * @param name {@code Prepare}, {@code D1.Prepare}, {@code D1.*} or {@code *}
 * @param from -1: any
 * @param to -1: any
 * @param sequence -1: any
 * @param view -1: any
 */
record Selection(String name, int from, int to, long sequence, long view) {

  static Selection read(Arguments arguments) {
    String name = arguments.word("a kind of message");
    int dot = name.indexOf('.');
    if (dot > 0) {
      Arguments.instance(name.substring(0, dot));
    }
    return new Selection(
        name,
        arguments.named("from").map(Selection::end).orElse(-1),
        arguments.named("to").map(Selection::end).orElse(-1),
        arguments.number("slot", -1),
        arguments.number("view", -1));
  }

  private static int end(String text) {
    return text.equals("*") ? -1 : Arguments.replica(text);
  }

  /** All messages of a name. */
  static Selection of(String name) {
    return new Selection(name, -1, -1, -1, -1);
  }

  /** The same, of one view if the name says so behind a separator. */
  static Selection of(String name, String separator) {
    int at = name.indexOf(separator);
    return at < 0
        ? of(name)
        : new Selection(
            name.substring(0, at), -1, -1, -1, Arguments.number(name.substring(at + 1)));
  }

  boolean matches(int sender, int receiver, Frame frame) {
    return (from < 0 || from == sender)
        && (to < 0 || to == receiver)
        && (sequence < 0 || sequence == frame.sequence())
        && (view < 0 || view == frame.view())
        && (name.equals("*")
            || name.equals(frame.name())
            || name.equals(frame.kind())
            || (name.endsWith(".*")
                && frame.name().startsWith(name.substring(0, name.length() - 1))));
  }

  @Override
  public String toString() {
    return name
        + (from < 0 ? "" : " from=R" + from)
        + (to < 0 ? "" : " to=R" + to)
        + (sequence < 0 ? "" : " slot=" + sequence)
        + (view < 0 ? "" : " view=" + view);
  }
}
