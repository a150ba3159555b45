package io.destiny.server;

import io.destiny.core.model.QuorumRule;
import io.destiny.core.model.Reconfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Who the replicas of the next epoch are. */
final class NextMembers {
  private static final int PORTS_EACH = 3;
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:\\[\\]-]+");

  private final ClusterManifest present;
  private final List<ClusterManifest.Member> all;
  private final SortedMap<Integer, NewReplica> fresh = new TreeMap<>();

  private NextMembers(ClusterManifest present) {
    this.present = present;
    this.all = new ArrayList<>(present.members());
  }

  /** In order. */
  List<ClusterManifest.Member> all() {
    return all;
  }

  /** Those that are new, by their numbers. */
  SortedMap<Integer, NewReplica> fresh() {
    return fresh;
  }

  static NextMembers same(ClusterManifest present) {
    return new NextMembers(present);
  }

  /**
   * New replicas at the end. Until one has the state it signs nothing, so that it counts among the
   * faulty: the present ones alone must be a quorum of the next epoch.
   *
   * @throws ConfigException if they are not, or there is no such place
   */
  static NextMembers adding(ClusterManifest present, int count, Place place) {
    int n = present.members().size();
    int room = room(present.keys().rule());
    if (count < 1 || count > room) {
      throw new ConfigException(
          ("%d replicas take in 1 to %d new ones at a time, not %d: the present ones must be a quorum"
                  + " until those have the state; add in steps")
              .formatted(n, room, count));
    }
    NextMembers next = new NextMembers(present);
    String host = place.host() == null ? commonHost(present) : place.host();
    Integer base = place.basePort();
    int port = base == null ? present.members().getLast().peerPort() + PORTS_EACH : base;
    for (int i = n; i < n + count; i++) {
      while (base == null && next.user(host, port, i) != null) {
        port++;
      }
      next.put(i, host, port);
      port += PORTS_EACH;
    }
    return next;
  }

  /** How many new replicas at a time. */
  private static int room(QuorumRule present) {
    int room = 0;
    for (int n = present.n() + 1; n <= Reconfiguration.MOST_REPLICAS; n++) {
      if (new QuorumRule(n, present.model()).quorum() > present.n()) {
        break;
      }
      room++;
    }
    return room;
  }

  /**
   * Without the named replicas. They must be the last ones: a number is a place in the order, which
   * has no gaps. Those who stay must be a quorum of the present epoch, to come to its end without
   * those who leave.
   *
   * @throws ConfigException if it cannot be so
   */
  static NextMembers removing(ClusterManifest present, List<Integer> numbers) {
    QuorumRule rule = present.keys().rule();
    List<Integer> leaving = numbers.stream().distinct().sorted().toList();
    int stay = rule.n() - leaving.size();
    for (int number : leaving) {
      if (number < 0 || number >= rule.n()) {
        throw new ConfigException("there is no replica " + number);
      }
    }
    if (!leaving.equals(IntStream.range(stay, rule.n()).boxed().toList())) {
      throw new ConfigException(
          ("only the last replicas can be removed: put a new one in place of replica %d with"
                  + " --replace %d --host H --base-port B, then remove replica %d")
              .formatted(leaving.getFirst(), leaving.getFirst(), rule.n() - 1));
    }
    if (stay < 1 || new QuorumRule(stay, rule.model()).f() < 1) {
      throw new ConfigException(
          "%d replicas would be left, which tolerate no fault".formatted(stay));
    }
    if (stay < rule.quorum()) {
      throw new ConfigException(
          ("of %d replicas at most %d can leave at a time: those who stay must be a quorum of the"
                  + " present epoch to end it; remove in steps")
              .formatted(rule.n(), rule.n() - rule.quorum()));
    }
    NextMembers next = new NextMembers(present);
    next.all.subList(stay, rule.n()).clear();
    return next;
  }

  /**
   * One exchanged for a new one.
   *
   * @throws ConfigException if there is no such place
   */
  static NextMembers replacing(ClusterManifest present, int replica, Place place) {
    ClusterManifest.Member old = present.members().get(replica);
    NextMembers next = new NextMembers(present);
    String host = place.host() == null ? old.host() : place.host();
    Integer base = place.basePort();
    if (base == null) {
      next.put(replica, host, List.of(old.peerPort(), old.clientPort(), old.adminPort()));
    } else {
      next.put(replica, host, base);
    }
    return next;
  }

  private static String commonHost(ClusterManifest present) {
    List<String> hosts =
        present.members().stream().map(ClusterManifest.Member::host).distinct().toList();
    if (hosts.size() > 1) {
      throw new ConfigException("the replicas are on several hosts; say which one with --host H");
    }
    return hosts.getFirst();
  }

  private static List<Integer> triple(int base) {
    return List.of(base, base + 1, base + 2);
  }

  /** Which other replica has one of the three ports of that host, or null. */
  private @Nullable Integer user(String host, int base, int except) {
    return user(host, triple(base), except);
  }

  private @Nullable Integer user(String host, List<Integer> ports, int except) {
    for (int i = 0; i < all.size(); i++) {
      ClusterManifest.Member m = all.get(i);
      boolean shared =
          ports.contains(m.peerPort())
              || ports.contains(m.clientPort())
              || ports.contains(m.adminPort());
      if (i != except && m.host().equals(host) && shared) {
        return i;
      }
    }
    return null;
  }

  private void put(int number, String host, int base) {
    put(number, host, triple(base));
  }

  private void put(int number, String host, List<Integer> ports) {
    if (!HOST.matcher(host).matches()) {
      throw new ConfigException("'%s' is no name of a host".formatted(host));
    }
    for (int port : ports) {
      if (port < 1 || port > ManifestFile.MAX_PORT) {
        throw new ConfigException("replica %d has no place at port %d".formatted(number, port));
      }
    }
    Integer user = user(host, ports, number);
    if (user != null) {
      throw new ConfigException(
          "replica %d has one of the ports %d to %d of %s already; choose another --base-port"
              .formatted(user, ports.getFirst(), ports.getLast(), host));
    }
    NewReplica made =
        NewReplica.of(number, present.keys().domain().cluster(), host, present.provisionerKey());
    ClusterManifest.Member member =
        new ClusterManifest.Member(host, ports.get(0), ports.get(1), ports.get(2), made.pin());
    if (number < all.size()) {
      all.set(number, member);
    } else {
      all.add(member);
    }
    fresh.put(number, made);
  }
}
