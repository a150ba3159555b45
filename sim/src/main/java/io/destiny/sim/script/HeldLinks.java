package io.destiny.sim.script;

import io.destiny.core.model.Request;
import io.destiny.sim.world.Frame;
import io.destiny.sim.world.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Links in which messages wait until somebody delivers them. */
final class HeldLinks implements Network {
  /**
   * A message on its way.
   *
   * @param number tells it from its copies
   */
  record Waiting(long number, int from, int to, Frame frame) {}

  private final Wire wire;
  private final List<Waiting> waiting = new ArrayList<>();
  private final List<Waiting> seen = new ArrayList<>();
  private final List<Selection> held = new ArrayList<>();
  private final int[] group;

  /** Clients that reach the replicas of one group only, by principal. */
  private Map<Integer, Integer> clients = Map.of();

  private long sent;

  HeldLinks(Wire wire, int n) {
    this.wire = wire;
    this.group = new int[n];
  }

  @Override
  public void send(int from, int to, Frame frame) {
    Waiting message = new Waiting(sent++, from, to, frame);
    seen.add(message);
    if (group[from] == group[to]) {
      waiting.add(message);
    }
  }

  @Override
  public void up(Wire wireUp, long client, int to, int bytes, Runnable arrive) {
    if (reaches(client, to)) {
      Network.super.up(wireUp, client, to, bytes, arrive);
    }
  }

  @Override
  public void down(Wire wireDown, int from, long client, int bytes, Runnable arrive) {
    if (reaches(client, from)) {
      Network.super.down(wireDown, from, client, bytes, arrive);
    }
  }

  private boolean reaches(long client, int replica) {
    return clients.getOrDefault(Request.principal(client), group[replica]) == group[replica];
  }

  /** Waiting messages in the order in which they were sent; those that are held only if asked. */
  List<Waiting> select(Selection selection, boolean heldToo) {
    return waiting.stream()
        .filter(w -> selection.matches(w.from, w.to, w.frame))
        .filter(w -> heldToo || !isHeld(w))
        .toList();
  }

  private boolean isHeld(Waiting w) {
    return held.stream().anyMatch(s -> s.matches(w.from, w.to, w.frame));
  }

  /** The next message that {@code stabilize} delivers. */
  Optional<Waiting> next() {
    return waiting.stream().filter(w -> !isHeld(w)).findFirst();
  }

  /** The last message of this kind that was ever sent. */
  Optional<Waiting> lastSeen(Selection selection) {
    return seen.reversed().stream()
        .filter(w -> selection.matches(w.from, w.to, w.frame))
        .findFirst();
  }

  void deliver(Waiting message) {
    remove(message);
    wire.deliver(message.from, message.to, message.frame);
  }

  void remove(Waiting message) {
    waiting.removeIf(w -> w.number == message.number);
  }

  /** Lets a copy wait behind all others. */
  void repeat(Waiting m) {
    waiting.add(new Waiting(sent++, m.from, m.to, m.frame));
  }

  void hold(Selection selection) {
    held.add(selection);
  }

  /** Ends the holds that read the same; false if there is none. */
  boolean release(Selection selection) {
    return held.removeIf(s -> s.equals(selection));
  }

  void releaseAll() {
    held.clear();
  }

  /** Loses what waits between groups, and what will be sent there. */
  void partition(int[] groups, Map<Integer, Integer> clientGroups) {
    System.arraycopy(groups, 0, group, 0, group.length);
    clients = Map.copyOf(clientGroups);
    waiting.removeIf(w -> group[w.from] != group[w.to]);
  }
}
