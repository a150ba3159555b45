package io.destiny.sim.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.destiny.sim.world.Frame;
import io.destiny.sim.world.Network;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class WanNetworkTest {
  private static final long MILLISECOND = 1_000_000;

  private record Event(long time, long number, Runnable action) {}

  private record Arrival(long at, int from, int to, String name) {}

  /** A clock and a list of what arrived. */
  private static final class Wire implements Network.Wire {
    final PriorityQueue<Event> events =
        new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::number));
    final List<Arrival> arrivals = new ArrayList<>();
    long now;
    long number;

    @Override
    public long now() {
      return now;
    }

    @Override
    public void in(long delay, Runnable action) {
      events.add(new Event(now + delay, number++, action));
    }

    @Override
    public long clientDelay() {
      return 0;
    }

    @Override
    public void deliver(int from, int to, Frame frame) {
      arrivals.add(new Arrival(now, from, to, frame.name()));
    }

    void run() {
      while (!events.isEmpty()) {
        Event e = events.remove();
        now = e.time;
        e.action.run();
      }
    }
  }

  private static Frame frame(String name, int bytes) {
    return Frame.forged(name, new byte[bytes]);
  }

  @Test
  void inAnIdealNetworkAMessageTakesHalfARoundTrip() {
    Wire wire = new Wire();
    WanNetwork net = new WanNetwork(wire, 20, Geography.AZURE10, WanNetwork.Mode.IDEAL, 1);
    net.send(0, 9, frame("asia", 1 << 20));
    net.send(0, 10, frame("same region", 1));
    wire.run();
    assertThat(wire.arrivals)
        .containsExactly(
            new Arrival(MILLISECOND / 2, 0, 10, "same region"),
            new Arrival(223 * MILLISECOND / 2, 0, 9, "asia"));
  }

  @Test
  void oneConnectionKeepsItsOrderAndSharesTheMachine() {
    Wire wire = new Wire();
    WanNetwork net = new WanNetwork(wire, 3, Geography.LAN, WanNetwork.Mode.FULL, 1);
    for (int i = 0; i < 50; i++) {
      net.send(0, 1, frame("a" + i, i % 7 == 0 ? 300_000 : 200));
      net.send(0, 2, frame("b" + i, 200));
    }
    wire.run();
    assertThat(names(wire, 1)).isEqualTo(expected("a"));
    assertThat(names(wire, 2)).isEqualTo(expected("b"));
    long lastSmall = last(wire, 2);
    long lastLarge = last(wire, 1);
    // 8 × 300 kB take 3.3 ms at 6 Gb/s; chunks take turns, so small ones do not wait for all.
    assertThat(lastSmall).isLessThan(lastLarge);
    assertThat(net.bytesOut(0)).isGreaterThan(8 * 300_000L);
    assertThat(net.bytesIn(1) + net.bytesIn(2)).isEqualTo(net.bytesOut(0));
  }

  private static List<String> names(Wire wire, int to) {
    return wire.arrivals.stream().filter(a -> a.to == to).map(Arrival::name).toList();
  }

  private static List<String> expected(String prefix) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      names.add(prefix + i);
    }
    return names;
  }

  private static long last(Wire wire, int to) {
    return wire.arrivals.stream()
        .filter(a -> a.to == to)
        .mapToLong(Arrival::at)
        .max()
        .orElseThrow();
  }

  @Test
  void aLongLinkIsLimitedByItsCap() {
    Wire wire = new Wire();
    WanNetwork net =
        new WanNetwork(wire, 10, Geography.AZURE10, new WanNetwork.Mode(true, false), 1);
    // East US to South-East Asia: 400 Mb/s by the cap, but 4 MiB / 223 ms = 18.8 MB/s by the window
    for (int i = 0; i < 100; i++) {
      net.send(0, 9, frame("m" + i, 100_000));
    }
    wire.run();
    double seconds = (last(wire, 9) - 223 * MILLISECOND / 2) / 1e9;
    assertThat(100 * 104_060 / seconds).isBetween(18.5e6, 19.1e6);
  }

  @Test
  void aFullBufferIsToldAndSoIsItsEnd() {
    Wire wire = new Wire();
    Geography small = Geography.parse(List.of("buffer 1000000", "nic 100000000", "region a 1"));
    WanNetwork net = new WanNetwork(wire, 3, small, new WanNetwork.Mode(true, false), 1);
    List<String> told = new ArrayList<>();
    net.onFull((replica, full) -> told.add(replica + (full ? " waits" : " goes on")));
    for (int i = 0; i < 12; i++) {
      net.send(0, 1, frame("m" + i, 100_000));
      net.send(0, 2, frame("n" + i, 100_000));
      net.send(1, 2, frame("few" + i, 1_000));
    }
    assertThat(told).containsExactly("0 waits");
    wire.run();
    assertThat(told).containsExactly("0 waits", "0 goes on");
    assertThat(net.highestBuffer()).isGreaterThan(1_000_000);
    assertThat(wire.arrivals).hasSize(36);
  }

  @Test
  void aProfileIsReadFromLines() {
    Geography g =
        Geography.parse(
            List.of("# two cities", "nic 1000000000", "region here 1 20.5", "region there 20.5 1"));
    assertThat(g.oneWay(0, 1)).isEqualTo(10_250_000);
    assertThat(g.nicBitsPerSecond()).isEqualTo(1_000_000_000L);
    assertThatThrownBy(() -> Geography.parse(List.of("region a 1 2", "region b 3 1")))
        .hasMessageContaining("not symmetric");
    assertThatThrownBy(() -> Geography.parse(List.of("regio a 1"))).hasMessageContaining("regio");
    assertThatThrownBy(() -> Geography.parse(List.of("region a 1 2")))
        .hasMessageContaining("square");
  }
}
