package dev.areaflow.launcher.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.role.Role;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OperationsServiceTest {
  private final StubRole ingest = new StubRole("ingest");
  private final StubRole topology = new StubRole("topology");
  private final AdminServer server =
      new AdminServer(
          "127.0.0.1",
          0,
          new OperationsService(() -> List.of(ingest, topology), Meters.registry()));

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void readyWhenEveryRoleIs() throws Exception {
    // given
    ingest.missing = List.of();
    topology.missing = List.of();

    // when
    HttpResponse<String> answer = get("/health/ready");

    // then
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .isEqualTo("{\"status\":\"up\",\"notReady\":{\"ingest\":[],\"topology\":[]}}");
  }

  @Test
  void notReadySaysWhatIsMissing() throws Exception {
    // given
    ingest.missing = List.of();
    topology.missing = List.of("Kafka does not answer");

    // when
    HttpResponse<String> answer = get("/health/ready");

    // then
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body())
        .isEqualTo(
            "{\"status\":\"down\",\"notReady\":"
                + "{\"ingest\":[],\"topology\":[\"Kafka does not answer\"]}}");
  }

  @Test
  void aliveWhileNotReady() throws Exception {
    // given
    topology.missing = List.of("Kafka does not answer");

    // when
    HttpResponse<String> answer = get("/health/live");

    // then
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  @Test
  void metricsAreThoseOfTheJvmAtLeast() throws Exception {
    // given
    // when
    HttpResponse<String> answer = get("/metrics");

    // then
    assertThat(answer.body()).contains("jvm_memory_used_bytes", "process_uptime_seconds");
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
          BodyHandlers.ofString());
    }
  }

  /** A role that misses what a test says. */
  private static final class StubRole implements Role {
    private final String name;
    private volatile List<String> missing = List.of("not started");

    StubRole(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void start() {}

    @Override
    public List<String> notReady() {
      return missing;
    }

    @Override
    public void close() {}
  }
}
