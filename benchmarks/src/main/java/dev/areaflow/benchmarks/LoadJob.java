package dev.areaflow.benchmarks;

import java.util.Map;

/**
 * What the load process does once.
 *
 * @param url where deliveries go
 * @param headers of each delivery, besides its id
 * @param run goes into the deliveries' ids
 * @param rate deliveries a second, on a fixed schedule; 0 for as fast as the answers come
 * @param connections at once
 * @param seconds how long
 */
record LoadJob(
    String url, Map<String, String> headers, int run, int rate, int connections, int seconds) {
  LoadJob {
    headers = Map.copyOf(headers);
  }

  boolean isOpenLoop() {
    return rate > 0;
  }
}
