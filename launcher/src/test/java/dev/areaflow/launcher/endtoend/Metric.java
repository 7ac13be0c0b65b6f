package dev.areaflow.launcher.endtoend;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** What {@code /metrics} shows. */
final class Metric {
  static final String SLOT_LAG = "areaflow_cdc_slot_lag_bytes";

  private Metric() {}

  /** The value of the one line of a metric without labels. */
  static double read(URI server, String name) throws IOException, InterruptedException {
    String page = page(server);
    return page.lines()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + name + " in\n" + page));
  }

  private static String page(URI server) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(server.resolve("/metrics")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
