package io.destiny.node;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Reads a node's admin pages. */
final class Pages {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Pages() {}

  static HttpResponse<String> get(Node node, String path) {
    URI uri = URI.create("http://127.0.0.1:" + node.adminPort() + path);
    try {
      return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A metric's value, 0 while it is not there; {@code name} includes its labels. */
  static double metric(Node node, String name) {
    return get(node, "/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }
}
