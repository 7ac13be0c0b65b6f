package dev.areaflow.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.client.GithubSignature;
import dev.areaflow.launcher.embedded.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The real program, {@code area up}, in a process of its own, with one user and one AREA. */
final class AreaProcess implements AutoCloseable {
  private static final Duration READY = Duration.ofMinutes(3);
  private static final Duration LIVE = Duration.ofSeconds(30);

  private final ChildProcess process;
  private final URI api;
  private final long startedNanos = System.nanoTime();
  private Duration startUp = Duration.ZERO;

  /**
   * Starts it.
   *
   * @param data its data directory, fresh or of the start before
   * @param sink what its requests may reach, {@code host:port}, several with commas
   */
  AreaProcess(Path data, Path errors, String heap, String sink) throws IOException {
    int apiPort = Ports.free();
    int hooksPort = Ports.free();
    this.api = URI.create("http://127.0.0.1:" + apiPort);
    this.process =
        ChildProcess.start(
            "area up",
            heap,
            dev.areaflow.launcher.Main.class.getName(),
            errors,
            List.of(
                "up",
                "--data",
                data.toString(),
                "--api-port",
                Integer.toString(apiPort),
                "--hooks-port",
                Integer.toString(hooksPort),
                "--egress-allow",
                sink));
  }

  /** Returns when it says that it is ready. */
  void awaitReady() throws IOException, InterruptedException {
    process.awaitLine(line -> line.startsWith("ready in"), READY);
    startUp = Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  /** From its start to its readiness, the JVM's own start included. */
  Duration startUp() {
    return startUp;
  }

  /** Makes the one user. */
  AreaClient signUp() throws IOException, InterruptedException {
    return new AreaClient(api).signUp("bench@example.org", "a long enough password 1");
  }

  ProcessTree processes() {
    return new ProcessTree(process.handle());
  }

  /** Makes a user and an AREA that posts to the sink what every opened issue says. */
  Contender contender(URI sink, byte[] payload) throws IOException, InterruptedException {
    AreaClient user = signUp();
    JsonNode area = user.post("/api/v1/areas", definition(sink)).expecting(201).body();
    user.await(
        "/api/v1/areas/" + area.path("id").asText(),
        LIVE,
        answer -> answer.body().path("status").asText().equals("live"));
    JsonNode hook = area.path("hook");
    Map<String, String> headers =
        new HashMap<>(GithubSignature.headers("issues", "", hook.path("secret").asText(), payload));
    headers.remove("X-GitHub-Delivery");
    return new Contender("area up", URI.create(hook.path("url").asText()), headers, processes());
  }

  private static ObjectNode definition(URI sink) {
    ObjectNode area = JsonNodeFactory.instance.objectNode().put("name", "Benchmark");
    area.putObject("action")
        .put("service", "github")
        .put("action", "issue_opened")
        .putObject("inputs")
        .put("repository", "Codertocat/Hello-World");
    area.put("when", "event.issue.labels.exists(l, l.name == 'bug')");
    ObjectNode inputs =
        area.putArray("reactions")
            .addObject()
            .put("id", "notify")
            .put("service", "http")
            .put("reaction", "request")
            .putObject("inputs")
            .put("method", "POST")
            .put("url", sink.toString());
    inputs
        .putObject("body")
        .put("text", "New bug: ${event.issue.title} by ${event.issue.user.login}")
        .put("delivery", "${meta.id}");
    return area;
  }

  @Override
  public void close() {
    process.close();
  }
}
