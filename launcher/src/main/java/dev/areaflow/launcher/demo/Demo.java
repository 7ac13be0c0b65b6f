package dev.areaflow.launcher.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.client.Answer;
import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.client.GithubSignature;
import dev.areaflow.launcher.sink.Sink;
import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.topics.Topics;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Makes a user and an AREA, delivers a real GitHub payload twice, and looks at everything that
 * comes of it. The platform and the sink are the caller's, and stay so.
 */
public final class Demo {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String REPOSITORY = "repository";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Addresses platform;
  private final Sink sink;
  private final BlockingQueue<String> received;
  private final Consumer<String> progress;

  /** Where a started platform is reached. */
  public record Addresses(URI api, String bootstrapServers, String registryUrl) {}

  /**
   * @param platform started
   * @param sink shows lines of JSON
   * @param received what the sink has shown
   * @param progress is told each step
   */
  public Demo(
      Addresses platform, Sink sink, BlockingQueue<String> received, Consumer<String> progress) {
    this.platform = platform;
    this.sink = sink;
    this.received = received;
    this.progress = progress;
  }

  /**
   * Runs it.
   *
   * @throws DemoFailedException if anything that it promises is not seen
   */
  public Report run() throws IOException, InterruptedException {
    AreaClient owner =
        new AreaClient(platform.api())
            .signUp("demo-" + UUID.randomUUID() + "@example.org", UUID.randomUUID().toString());
    progress.accept("made a user");
    JsonNode sample = sample(owner);
    byte[] payload = JSON.writeValueAsBytes(sample);
    JsonNode area = createArea(owner, sample);
    progress.accept("made an AREA, and it is live: " + area.path("name").asText());

    String delivery = UUID.randomUUID().toString();
    Instant posted = Instant.now();
    Answer answer = deliver(owner, area, delivery, payload);
    Instant answered = Instant.now();
    progress.accept("posted a GitHub delivery of " + payload.length + " bytes: " + answer.body());

    String request = received.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (request == null) {
      throw new DemoFailedException("the reaction did not reach the sink");
    }
    JsonNode reaction = JSON.readTree(request);
    progress.accept("the sink received " + reaction.path("body"));
    JsonNode run = finishedRun(owner, area);
    progress.accept("the run log says " + run.path("status").asText());

    TopicView topics = new TopicView(platform.bootstrapServers(), platform.registryUrl());
    ConsumerRecord<String, Event> event =
        topics.find(Topics.EVENTS, PATIENCE, found -> found.getId().equals(delivery));
    ConsumerRecord<String, Command> command =
        topics.find(
            Topics.COMMANDS, PATIENCE, found -> found.getRunId().equals(run.path("id").asText()));
    requireSame(
        "the Idempotency-Key at the sink",
        command.key(),
        reaction.path("headers").path("idempotency-key").asText());

    JsonNode duplicate = deliverAgain(owner, area, delivery, payload);
    progress.accept("posted it again: a duplicate, and no second reaction");
    JsonNode shownEvent = owner.get("/api/v1/events/" + delivery).expecting(200).body();
    return new Report(
        shownEvent,
        commandNode(command),
        reaction,
        run,
        duplicate,
        new Report.Times(
            posted,
            Instant.ofEpochMilli(event.timestamp()),
            answered,
            Instant.ofEpochMilli(command.timestamp()),
            Instant.parse(reaction.path("receivedAt").asText()),
            Instant.parse(run.path("finishedAt").asText())));
  }

  private static JsonNode sample(AreaClient owner) throws IOException, InterruptedException {
    return owner
        .get("/api/v1/services/github/actions/issue_opened")
        .expecting(200)
        .body()
        .path("sample");
  }

  private JsonNode createArea(AreaClient owner, JsonNode sample)
      throws IOException, InterruptedException {
    ObjectNode area = JsonNodeFactory.instance.objectNode().put("name", "Tell me of new issues");
    area.putObject("action")
        .put("service", "github")
        .put("action", "issue_opened")
        .putObject("inputs")
        .put(REPOSITORY, sample.path(REPOSITORY).path("full_name").asText());
    area.put("when", "event.action == 'opened'");
    area.putArray("reactions")
        .addObject()
        .put("id", "notify")
        .put("service", "http")
        .put("reaction", "request")
        .putObject("inputs")
        .put("method", "POST")
        .put("url", sink.address() + "/in")
        .putObject("body")
        .put("text", "Issue ${event.issue.title} by ${event.issue.user.login}");
    JsonNode created = owner.post("/api/v1/areas", area).expecting(201).body();
    owner.await(
        "/api/v1/areas/" + created.path("id").asText(),
        PATIENCE,
        answer -> answer.body().path("status").asText().equals("live"));
    return created;
  }

  private static Answer deliver(AreaClient owner, JsonNode area, String delivery, byte[] payload)
      throws IOException, InterruptedException {
    JsonNode hook = area.path("hook");
    Map<String, String> headers =
        GithubSignature.headers("issues", delivery, hook.path("secret").asText(), payload);
    return owner.deliver(URI.create(hook.path("url").asText()), payload, headers).expecting(202);
  }

  private static JsonNode finishedRun(AreaClient owner, JsonNode area)
      throws IOException, InterruptedException {
    JsonNode runs =
        owner
            .await(
                "/api/v1/runs?area=" + area.path("id").asText(),
                PATIENCE,
                answer ->
                    answer.body().path("items").path(0).path("status").asText().equals("succeeded"))
            .body()
            .path("items");
    if (runs.size() != 1) {
      throw new DemoFailedException("expected one run, found " + runs.size() + ": " + runs);
    }
    return runs.path(0);
  }

  private JsonNode deliverAgain(AreaClient owner, JsonNode area, String delivery, byte[] payload)
      throws IOException, InterruptedException {
    Answer again = deliver(owner, area, delivery, payload);
    requireSame("the event id of the duplicate", delivery, again.body().path("eventId").asText());
    JsonNode event =
        owner
            .await(
                "/api/v1/events/" + delivery,
                PATIENCE,
                answer ->
                    answer.body().path("verdicts").findValuesAsText("result").contains("duplicate"))
            .body();
    finishedRun(owner, area);
    if (!received.isEmpty()) {
      throw new DemoFailedException("the duplicate reached the sink: " + received.peek());
    }
    ObjectNode duplicate = JsonNodeFactory.instance.objectNode();
    duplicate.put("eventId", delivery).put("status", again.status()).put("reactions", 0);
    duplicate.set("verdicts", event.path("verdicts"));
    return duplicate;
  }

  private static JsonNode commandNode(ConsumerRecord<String, Command> found) throws IOException {
    Command command = found.value();
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", command.getId())
            .put("run", command.getRunId())
            .put("step", command.getStepId())
            .put("attempt", command.getAttempt())
            .put("notAfter", command.getNotAfter().toString())
            .put("service", command.getService())
            .put("reaction", command.getReaction())
            .put("record", found.topic() + "-" + found.partition() + "@" + found.offset());
    node.set("inputs", JSON.readTree(bytes(command.getInputs())));
    return node;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static void requireSame(String what, String expected, String found) {
    if (!expected.equals(found)) {
      throw new DemoFailedException(what + ": expected " + expected + ", found " + found);
    }
  }
}
