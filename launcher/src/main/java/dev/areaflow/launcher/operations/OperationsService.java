package dev.areaflow.launcher.operations;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.schemas.role.Role;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/**
 * {@code /health/live}: the process answers. {@code /health/ready}: 200 when every role does its
 * work, else 503 with what is missing. {@code /metrics}: Prometheus.
 */
public final class OperationsService implements HttpService {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Supplier<List<Role>> roles;
  private final PrometheusMeterRegistry meters;

  /**
   * @param roles those that run here; asked at every request
   * @param meters what is scraped
   */
  public OperationsService(Supplier<List<Role>> roles, PrometheusMeterRegistry meters) {
    this.roles = roles;
    this.meters = meters;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/health", this::ready)
        .get("/health/live", this::live)
        .get("/health/ready", this::ready)
        .get("/metrics", this::metrics);
  }

  private void live(ServerRequest request, ServerResponse response) {
    send(response, Status.OK_200, JSON.objectNode().put("status", "up"));
  }

  private void ready(ServerRequest request, ServerResponse response) {
    ObjectNode byRole = JSON.objectNode();
    boolean ready = !roles.get().isEmpty();
    for (Role role : roles.get()) {
      ArrayNode missing = byRole.putArray(role.name());
      role.notReady().forEach(missing::add);
      ready &= missing.isEmpty();
    }
    ObjectNode body = JSON.objectNode().put("status", ready ? "up" : "down");
    body.set("notReady", byRole);
    send(response, ready ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503, body);
  }

  private void metrics(ServerRequest request, ServerResponse response) {
    response.header(HeaderNames.CONTENT_TYPE, PROMETHEUS);
    response.send(meters.scrape().getBytes(StandardCharsets.UTF_8));
  }

  private static void send(ServerResponse response, Status status, ObjectNode body) {
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.send(body.toString().getBytes(StandardCharsets.UTF_8));
  }
}
