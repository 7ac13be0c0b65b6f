package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.avro.HookActivity;
import dev.areaflow.schemas.rows.HookRow;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A hook server on a free port with a real table of hooks, whose events go to a fake. */
final class RunningHooks implements AutoCloseable {
  static final URI URL = URI.create("https://hooks.example.org");
  static final int BODY_BYTES = 50_000;
  static final IngressLimits LIMITS =
      new IngressLimits(BODY_BYTES, 20_000, 100, 100, 10_000_000, Duration.ofSeconds(20));

  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();

  final FakeEvents events = new FakeEvents();
  final HookTallies tallies = new HookTallies(100);
  final SettableClock clock = new SettableClock(TestHooks.NOW);
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final HookTable table = new HookTable(row -> Hook.of(row, CATALOG, TestHooks.KEY));
  private final SlowBodies slow;
  private final HookEndpoint endpoint;
  private final HookServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** One whose table is complete. */
  RunningHooks() {
    this(LIMITS);
    table.markComplete();
  }

  /** One that still reads its table. */
  RunningHooks(IngressLimits limits) {
    slow = new SlowBodies(limits.bodyWithin());
    slow.start();
    endpoint =
        new HookEndpoint(URL, TestHooks.KEY, table, events, tallies, limits, slow, clock, meters);
    server = new HookServer("127.0.0.1", 0, limits, endpoint);
    server.start();
  }

  static RunningHooks complete(IngressLimits limits) {
    RunningHooks hooks = new RunningHooks(limits);
    hooks.table.markComplete();
    return hooks;
  }

  HookEndpoint endpoint() {
    return endpoint;
  }

  int port() {
    return server.port();
  }

  /** Adds a hook. */
  HookRow hook(String service, String action, String inputs) {
    HookRow row = TestHooks.row(UUID.randomUUID(), service, action, inputs);
    table.apply(row.id(), row);
    return row;
  }

  /** Adds a hook that takes any JSON, unsigned. */
  HookRow webhook() {
    return hook("webhook", "received", "{}");
  }

  /** A delivery to a hook, in JSON. */
  Post to(HookRow hook) {
    return to(UUID.fromString(hook.id()));
  }

  Post to(UUID id) {
    return new Post(TestHooks.KEY.token(id)).header("Content-Type", "application/json");
  }

  Post toToken(String token) {
    return new Post(token).header("Content-Type", "application/json");
  }

  /** What happened at a hook since this was last asked. */
  HookActivity activity(HookRow hook) {
    List<HookActivity> taken = tallies.take();
    return taken.stream()
        .filter(activity -> activity.getHookId().equals(hook.id()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing counted for " + hook.id()));
  }

  @Override
  public void close() {
    client.close();
    server.close();
    slow.close();
  }

  /** One request to be sent. */
  final class Post {
    private final HttpRequest.Builder request;

    private Post(String token) {
      request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/hooks/" + token))
              .timeout(Duration.ofSeconds(20));
    }

    Post header(String name, String value) {
      request.setHeader(name, value);
      return this;
    }

    /** As GitHub sends an event of a name, unless headers say otherwise. */
    Post github(String event) {
      return header("X-GitHub-Event", event)
          .header("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    }

    HttpResponse<String> signed(HookRow hook, String body) {
      return signed(hook, 1, body);
    }

    HttpResponse<String> signed(HookRow hook, int generation, String body) {
      byte[] bytes = body.getBytes(UTF_8);
      return header(
              "X-Hub-Signature-256",
              TestHooks.signature(UUID.fromString(hook.id()), generation, bytes))
          .send(bytes);
    }

    HttpResponse<String> send(String body) {
      return send(body.getBytes(UTF_8));
    }

    HttpResponse<String> send(byte[] body) {
      return send(BodyPublishers.ofByteArray(body));
    }

    HttpResponse<String> send(BodyPublisher body) {
      try {
        return client.send(request.POST(body).build(), BodyHandlers.ofString());
      } catch (IOException e) {
        throw new AssertionError("no answer", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }

    CompletableFuture<HttpResponse<String>> sendAsync(String body) {
      return client.sendAsync(
          request.POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }
  }
}
