package dev.areaflow.benchmarks;

import java.net.URI;
import java.util.Map;

/**
 * Something that is measured, up and running.
 *
 * @param name as in the table
 * @param hook where deliveries go
 * @param headers of each delivery
 * @param processes what it consists of
 */
record Contender(String name, URI hook, Map<String, String> headers, ProcessTree processes) {
  Contender {
    headers = Map.copyOf(headers);
  }
}
