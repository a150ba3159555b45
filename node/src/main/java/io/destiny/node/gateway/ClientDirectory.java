package io.destiny.node.gateway;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where clients were seen last: a few connections each, since a replayed request must not take a
 * client's replies away. Bounded; thread-safe.
 */
final class ClientDirectory {
  private static final int MOST_CLIENTS = 1 << 16;
  private static final int MOST_CONNECTIONS = 4;

  private final Map<Long, List<ClientConnection>> byClient = new LinkedHashMap<>(256, 0.75f, true);
  private final Map<ClientConnection, Set<Long>> byConnection = new LinkedHashMap<>();

  /** A request of the client, rightly signed, came by this connection. */
  synchronized void seen(long client, ClientConnection connection) {
    if (connection.isOver()) {
      return;
    }
    List<ClientConnection> known = byClient.computeIfAbsent(client, c -> new ArrayList<>(1));
    if (!known.isEmpty() && known.getLast() == connection) {
      return;
    }
    known.remove(connection);
    known.add(connection);
    byConnection.computeIfAbsent(connection, c -> new HashSet<>()).add(client);
    if (known.size() > MOST_CONNECTIONS) {
      forget(client, known.removeFirst());
    }
    if (byClient.size() > MOST_CLIENTS) {
      dropOldest();
    }
  }

  private void dropOldest() {
    Iterator<Map.Entry<Long, List<ClientConnection>>> oldest = byClient.entrySet().iterator();
    Map.Entry<Long, List<ClientConnection>> entry = oldest.next();
    long client = entry.getKey();
    entry.getValue().forEach(connection -> forget(client, connection));
    oldest.remove();
  }

  private void forget(long client, ClientConnection connection) {
    Set<Long> clients = byConnection.get(connection);
    if (clients != null && clients.remove(client) && clients.isEmpty()) {
      byConnection.remove(connection);
    }
  }

  /** The connections on which to answer the client; none if it was not seen. */
  synchronized List<ClientConnection> of(long client) {
    List<ClientConnection> known = byClient.get(client);
    return known == null ? List.of() : List.copyOf(known);
  }

  /** The connection has ended. */
  synchronized void gone(ClientConnection connection) {
    Set<Long> clients = byConnection.remove(connection);
    if (clients == null) {
      return;
    }
    for (long client : clients) {
      List<ClientConnection> known = byClient.get(client);
      if (known != null && known.remove(connection) && known.isEmpty()) {
        byClient.remove(client);
      }
    }
  }
}
