package io.destiny.node.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /metrics}, {@code /healthz} and {@code /status}, for operators on the same machine. */
public final class AdminServer {
  private final HttpServer server;
  private final ExecutorService workers;

  /** What the pages show. */
  public interface Pages {
    /** Why this replica cannot serve now, or null. */
    @Nullable String ailment();

    /** The status as a JSON object. */
    String statusJson();
  }

  /**
   * Binds the port; {@link #start} begins to answer.
   *
   * @param workers answer the requests; closed with the server
   */
  public AdminServer(
      InetSocketAddress address, NodeMetrics metrics, Pages pages, ExecutorService workers)
      throws IOException {
    this.workers = workers;
    server = HttpServer.create(address, 16);
    server.setExecutor(workers);
    server.createContext("/metrics", new MetricsHandler(metrics.registry()));
    server.createContext("/healthz", exchange -> health(exchange, pages));
    server.createContext(
        "/status", exchange -> answer(exchange, 200, "application/json", pages::statusJson));
  }

  public void start() {
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private static void health(HttpExchange exchange, Pages pages) throws IOException {
    String ailment = pages.ailment();
    int code = ailment == null ? 200 : 503;
    answer(exchange, code, "text/plain", () -> (ailment == null ? "ok" : ailment) + "\n");
  }

  private static void answer(HttpExchange exchange, int code, String type, Supplier<String> content)
      throws IOException {
    try (exchange) {
      byte[] body = content.get().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
