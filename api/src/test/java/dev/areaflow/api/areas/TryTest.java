package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.areaflow.api.ContractClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TryTest {
  private static final String PATH = "/api/v1/areas/try";

  private final AreaApi areas = new AreaApi();
  private final ContractClient user = areas.api().newUser();

  @AfterAll
  void close() {
    areas.close();
  }

  @Test
  void aGivenEventShowsVerdictAndRequestsAndLeavesNothing() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none");
    definition.put("when", "event.amount > 5");
    ObjectNode inputs = (ObjectNode) definition.at("/reactions/0/inputs");
    inputs.put("url", "https://example.org/in?for=${event.name}");
    inputs.putObject("body").put("amount", "${event.amount}").put("text", "got ${event.amount}");

    // when
    JsonNode tried =
        user.post(
                PATH,
                Map.of("definition", definition, "event", Map.of("amount", 7, "name", "a b&c")))
            .expect(200)
            .body();

    // then
    assertThat(tried.at("/verdict/result").asText()).isEqualTo("matched");
    JsonNode request = tried.at("/requests/0");
    assertThat(request.path("method").asText()).isEqualTo("POST");
    assertThat(request.path("url").asText()).isEqualTo("https://example.org/in?for=a%20b%26c");
    assertThat(request.path("body")).isEqualTo(AreaApi.json("{\"amount\":7,\"text\":\"got 7\"}"));
    assertThat(user.get("/api/v1/areas").body().path("items")).isEmpty();
    assertThat(user.get("/api/v1/hooks").body().path("items")).isEmpty();
  }

  @Test
  void withoutAnEventTheSampleIsUsed() {
    // given
    ObjectNode definition = AreaApi.bugTriage("sample");
    definition.remove("when");
    definition.remove("name");

    // when
    JsonNode tried = user.post(PATH, Map.of("definition", definition)).expect(200).body();

    // then
    assertThat(tried.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(tried.at("/requests/0/body/number").isIntegralNumber()).isTrue();
  }

  @Test
  void anEventThatIsRefusedOrLacksAFieldSaysSo() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none").put("when", "event.amount > 5");

    // when
    JsonNode refused =
        user.post(PATH, Map.of("definition", definition, "event", Map.of("amount", 1)))
            .expect(200)
            .body();

    // then
    assertThat(refused.at("/verdict/result").asText()).isEqualTo("filtered");
    assertThat(refused.path("requests")).isEmpty();
    JsonNode error =
        user.post(PATH, Map.of("definition", definition, "event", Map.of())).expect(200).body();
    assertThat(error.at("/verdict/result").asText()).isEqualTo("error");
    assertThat(error.at("/verdict/detail").asText()).contains("amount");
  }

  @Test
  void aGivenEventThatTheHookWouldIgnoreIsFilteredForItsReason() {
    // given
    ObjectNode definition = AreaApi.bugTriage("try").without(List.of("when"));

    // when
    JsonNode foreign = tryWith(definition, issue("opened", "octo/other"));
    JsonNode fitting = tryWith(definition, issue("opened", "Octo/Hello"));

    // then
    assertThat(foreign.at("/verdict/result").asText()).isEqualTo("filtered");
    assertThat(foreign.at("/verdict/detail").asText())
        .isEqualTo("The hook would ignore it: repository is octo/other, not octo/hello");
    assertThat(foreign.path("requests")).isEmpty();
    assertThat(fitting.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(tryWith(definition, issue("closed", "octo/hello")).at("/verdict/detail").asText())
        .isEqualTo("The hook would ignore it: action is closed, not opened");
  }

  @Test
  void theInputsOfANamedHookAreThoseThatCount() {
    // given
    ContractClient owner = areas.api().newUser();
    JsonNode made = owner.post("/api/v1/areas", AreaApi.bugTriage("the hook's")).expect(201).body();
    ObjectNode definition = AreaApi.bugTriage("try").without(List.of("when"));
    ((ObjectNode) definition.get("action")).without("inputs");
    ((ObjectNode) definition.get("action")).put("hook", made.at("/hook/id").asText());

    // when
    JsonNode foreign = tryWith(owner, definition, issue("opened", "octo/other"));

    // then
    assertThat(foreign.at("/verdict/result").asText()).isEqualTo("filtered");
    assertThat(foreign.at("/verdict/detail").asText()).contains("octo/hello");
    assertThat(
            tryWith(owner, definition, issue("opened", "octo/hello"))
                .at("/verdict/result")
                .asText())
        .isEqualTo("matched");
    assertThat(
            areas
                .api()
                .newUser()
                .post(PATH, Map.of("definition", definition))
                .expect(422)
                .pointers())
        .containsExactly("/definition/action/hook");
    ((ObjectNode) definition.get("action")).put("action", "issue_closed");
    assertThat(owner.post(PATH, Map.of("definition", definition)).expect(422).pointers())
        .containsExactly("/definition/action/hook");
  }

  @Test
  void anEventThatTheHookWouldRefuseSaysWhy() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none");

    // when
    JsonNode refused = tryWith(definition, AreaApi.json("{\"n\":" + "1".repeat(101) + "}"));

    // then
    assertThat(refused.at("/verdict/result").asText()).isEqualTo("filtered");
    assertThat(refused.at("/verdict/detail").asText()).startsWith("The hook would refuse it: ");
  }

  private JsonNode tryWith(ObjectNode definition, JsonNode event) {
    return tryWith(user, definition, event);
  }

  private static JsonNode tryWith(ContractClient client, ObjectNode definition, JsonNode event) {
    return client.post(PATH, Map.of("definition", definition, "event", event)).expect(200).body();
  }

  /** The sample, as another repository or action would send it. */
  private static ObjectNode issue(String action, String repository) {
    ObjectNode event =
        AreaApi.CATALOG.action("github", "issue_opened").orElseThrow().sample().deepCopy();
    event.put("action", action);
    ((ObjectNode) event.get("repository")).put("full_name", repository);
    return event;
  }

  @Test
  void aTemplateWithoutAValueIsShownAtItsReaction() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none");
    ((ObjectNode) definition.at("/reactions/0/inputs")).put("body", "${event.missing}");

    // when
    JsonNode tried =
        user.post(PATH, Map.of("definition", definition, "event", Map.of())).expect(200).body();

    // then
    assertThat(tried.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(tried.at("/requests/0/error").asText()).contains("missing");
  }

  @Test
  void aBodyIsShownAsItIsSent() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none");
    ObjectNode inputs = (ObjectNode) definition.at("/reactions/0/inputs");
    inputs.putObject("headers").put("content-type", "text/plain");
    inputs.put("body", "${event.count} apples");

    // when
    JsonNode tried =
        user.post(PATH, Map.of("definition", definition, "event", Map.of("count", 5)))
            .expect(200)
            .body();

    // then
    assertThat(tried.at("/requests/0/body")).isEqualTo(TextNode.valueOf("5 apples"));
    inputs.put("body", "5");
    assertThat(
            user.post(PATH, Map.of("definition", definition, "event", Map.of()))
                .expect(200)
                .body()
                .at("/requests/0/body"))
        .isEqualTo(TextNode.valueOf("5"));
  }

  @Test
  void whatIsWrongPointsIntoTheBody() {
    // given
    ObjectNode definition = AreaApi.bugTriage("wrong").put("when", "event.issue.number");

    // when
    var answer = user.post(PATH, Map.of("definition", definition, "event", Map.of()));

    // then
    assertThat(answer.expect(422).pointers()).containsExactly("/definition/when");
    assertThat(user.post(PATH, Map.of("event", 1)).expect(422).pointers())
        .containsExactly("/definition");
    definition.remove("when");
    assertThat(user.post(PATH, Map.of("definition", definition, "event", 1)).expect(422).pointers())
        .containsExactly("/event");
  }

  @Test
  void stepsAreShownAsTheyWouldGoWithTheSamplesOfTheCatalog() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none");
    definition.set(
        "reactions",
        AreaApi.tree(
            """
            [{"id": "create", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/create"},
              "onFailure": {"run": [
                {"id": "instead", "service": "http", "reaction": "request",
                 "inputs": {"url": "https://example.org/instead", "body": "${steps.create.status}"}}]}},
             {"id": "notify", "delay": "PT5M", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/${steps.create.output.body.id}"}},
             {"id": "unknown", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/${steps.create.output.body.nothing}"}},
             {"id": "after", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/after", "body": "${steps.unknown.status}"}},
             {"id": "never", "when": "event.amount > 100", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org"}},
             {"id": "either", "choose": [
               {"when": "steps.create.output.status == 404", "reactions": [
                 {"id": "absent", "service": "http", "reaction": "request",
                  "inputs": {"url": "https://example.org/absent"}}]},
               {"reactions": [
                 {"id": "there", "service": "http", "reaction": "request",
                  "inputs": {"url": "https://example.org/there"},
                  "delay": {"until": "timestamp('2100-01-01T00:00:00Z')"}}]}]},
             {"id": "each", "forEach": {"in": "event.items"}, "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/items", "body": {"name": "${item}"}}},
             {"id": "sum", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/sum", "body": "${steps.each.output.size()}"}}]
            """));
    definition.set(
        "onError",
        AreaApi.tree(
            """
            [{"id": "alarm", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/alarm", "body": "${error.step}"}}]
            """));

    // when
    JsonNode tried =
        tryWith(definition, AreaApi.json("{\"amount\": 7, \"items\": [\"a\", \"b\"]}"));

    // then
    assertThat(tried.path("requests"))
        .extracting(step -> step.path("id").asText())
        .containsExactly(
            "create", "instead", "notify", "unknown", "after", "never", "either", "absent", "there",
            "each", "sum", "alarm");
    assertThat(step(tried, "create").path("url").asText()).isEqualTo("https://example.org/create");
    assertThat(step(tried, "create").has("waitsFor")).isFalse();
    assertThat(step(tried, "instead").path("onlyIf").asText()).isEqualTo("create fails");
    assertThat(step(tried, "instead").path("body").asText()).isEqualTo("failed");
    assertThat(step(tried, "notify").path("url").asText()).isEqualTo("https://example.org/7");
    assertThat(step(tried, "notify").path("delay").asText()).isEqualTo("PT5M");
    assertThat(step(tried, "notify").path("waitsFor")).isEqualTo(AreaApi.tree("[\"create\"]"));
    assertThat(step(tried, "notify").path("assumes")).isEqualTo(AreaApi.tree("[\"create\"]"));
    assertThat(step(tried, "unknown").path("error").asText())
        .contains("there is no steps.create.output.body.nothing");
    assertThat(step(tried, "after").path("body").asText()).isEqualTo("succeeded");
    assertThat(step(tried, "never").path("skipped").asText())
        .isEqualTo("Its condition does not hold.");
    assertThat(step(tried, "either").path("branch").asInt()).isEqualTo(1);
    assertThat(step(tried, "absent").path("skipped").asText())
        .isEqualTo("The choice either does not take its branch.");
    assertThat(step(tried, "there").path("until").asText()).isEqualTo("2100-01-01T00:00:00Z");
    assertThat(step(tried, "each").path("items").asInt()).isEqualTo(2);
    assertThat(step(tried, "each").at("/body/name").asText()).isEqualTo("a");
    assertThat(step(tried, "sum").path("body").asInt()).isEqualTo(2);
    assertThat(step(tried, "alarm").path("onlyIf").asText()).isEqualTo("the run fails");
    assertThat(step(tried, "alarm").path("body").asText()).isEqualTo("create");
  }

  private static JsonNode step(JsonNode tried, String id) {
    for (JsonNode step : tried.path("requests")) {
      if (step.path("id").asText().equals(id)) {
        return step;
      }
    }
    throw new AssertionError("no step " + id + " in " + tried);
  }

  @Test
  void anEventMayBeAnyJsonWhereTheActionTakesAny() {
    // given
    ObjectNode definition =
        AreaApi.webhook("try", "none").put("when", "event.exists(order, order.total > 5)");
    ((ObjectNode) definition.at("/reactions/0/inputs")).put("body", "${event[0].total}");

    // when
    JsonNode tried =
        user.post(PATH, Map.of("definition", definition, "event", List.of(Map.of("total", 7))))
            .expect(200)
            .body();

    // then
    assertThat(tried.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(tried.at("/requests/0/body").asInt()).isEqualTo(7);
    definition.put("when", "event == 'on'");
    ((ObjectNode) definition.at("/reactions/0/inputs")).put("body", "it is ${event}");
    JsonNode text =
        user.post(PATH, Map.of("definition", definition, "event", "on")).expect(200).body();
    assertThat(text.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(text.at("/requests/0/body").asText()).isEqualTo("it is on");
  }
}
