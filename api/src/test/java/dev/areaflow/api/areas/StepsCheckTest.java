package dev.areaflow.api.areas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Violation;
import dev.areaflow.schemas.rows.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reactions that use one another: what is taken, and what is told of one that is not. */
final class StepsCheckTest {
  private static final UUID WORK = UUID.fromString("0190a000-0000-7000-8000-000000000001");
  private final DefinitionCheck check = new DefinitionCheck(AreaApi.CATALOG, AreaApi.EXPRESSIONS);

  @Test
  void aDefinitionWithoutFlowHasThePlanOfAlways() {
    // given
    ObjectNode document =
        AreaApi.json(
            """
                {"name": "plain",
                 "action": {"service": "webhook", "action": "received"},
                 "when": "event.a == 1",
                 "reactions": [
                   {"id": "notify", "service": "http", "reaction": "request",
                    "inputs": {"url": "https://example.org/in", "body": {"text": "${event.b}"}},
                    "onFailure": "stop", "delivery": "atLeastOnce"},
                   {"id": "link", "service": "github", "reaction": "create_comment",
                    "connection": "work",
                    "inputs": {"repository": "octo/hello", "number": 7, "body": "seen"}}],
                 "concurrency": "parallel"}
                """);

    // then
    assertThat(check.check(document, StepsCheckTest::connections).plan().toJson())
        .isEqualTo(
            "{\"service\":\"webhook\",\"action\":\"received\",\"condition\":\"event.a == 1\","
                + "\"steps\":[{\"id\":\"notify\",\"service\":\"http\",\"reaction\":\"request\","
                + "\"inputs\":{\"url\":\"https://example.org/in\",\"body\":{\"text\":\"${event.b}\"}},"
                + "\"urlInputs\":[\"url\"]},"
                + "{\"id\":\"link\",\"service\":\"github\",\"reaction\":\"create_comment\","
                + "\"connectionId\":\"0190a000-0000-7000-8000-000000000001\","
                + "\"inputs\":{\"repository\":\"octo/hello\",\"number\":7,\"body\":\"seen\"},"
                + "\"urlInputs\":[]}]}");
  }

  @Test
  void stepsAreFlattenedInTheirOrderEachWithWhatItWaitsFor() {
    // when
    Plan plan = plan(everything());

    // then
    assertThat(plan.steps())
        .extracting(Plan.Step::id)
        .containsExactly(
            "create", "instead", "r3", "known", "reopen", "add", "assign", "label", "tell", "pay");
    assertThat(plan.onError()).extracting(Plan.Step::id).containsExactly("alarm", "more");
    assertThat(plan.serial()).isEqualTo(100);
    assertThat(flow(plan, "create"))
        .isEqualTo(
            flowOf(
                """
                {"delay": {"period": "PT5M"}, "onFailure": "RUN", "atMostOnce": false,
                 "retry": {"attempts": 5, "backoff": "PT10S", "on": ["retryable", "permanent"]},
                 "timeout": "PT30S", "keepsOutput": true}
                """));
    assertThat(flow(plan, "instead")).isEqualTo(flowOf("{\"onFailureOf\": \"create\"}"));
    assertThat(flow(plan, "r3")).isNull();
    assertThat(flow(plan, "known"))
        .isEqualTo(
            flowOf(
                """
                {"after": ["create"], "when": "steps.create.status == 'succeeded'",
                 "choose": ["steps.create.output.body.open", null], "keepsOutput": true}
                """));
    assertThat(flow(plan, "reopen"))
        .isEqualTo(flowOf("{\"branch\": {\"of\": \"known\", \"index\": 0}}"));
    assertThat(flow(plan, "add"))
        .isEqualTo(
            flowOf(
                """
                {"branch": {"of": "known", "index": 1}, "keepsOutput": true,
                 "delay": {"until": "meta.time + duration('1h')"}}
                """));
    assertThat(flow(plan, "assign"))
        .isEqualTo(flowOf("{\"after\": [\"add\"], \"branch\": {\"of\": \"known\", \"index\": 1}}"));
    assertThat(flow(plan, "label"))
        .isEqualTo(
            flowOf(
                """
                {"after": ["create"], "onFailure": "CONTINUE",
                 "forEach": {"in": "steps.create.output.body.labels", "concurrency": 5},
                 "keepsOutput": true}
                """));
    assertThat(flow(plan, "tell"))
        .isEqualTo(
            flowOf(
                """
                {"after": ["known", "reopen", "label"],
                 "when": "steps.reopen.status == 'skipped' || steps.known.output.branch == 0"}
                """));
    assertThat(flow(plan, "pay")).isEqualTo(flowOf("{\"atMostOnce\": true}"));
    assertThat(plan.onError().getFirst().flow()).isNull();
    assertThat(plan.onError().getLast().flow())
        .isEqualTo(
            flowOf("{\"after\": [\"alarm\"], \"when\": \"steps.alarm.status == 'failed'\"}"));
    assertThat(Plan.parse(plan.toJson())).isEqualTo(plan);
  }

  @Test
  void theDefinitionIsGivenBackAsItWasWritten() {
    // given
    ObjectNode document = everything();

    // when
    JsonNode given = check.check(document, StepsCheckTest::connections).definition().toJson();

    // then
    ((ObjectNode) document.at("/reactions/1")).put("id", "r3");
    assertThat(given).isEqualTo(document);
    assertThat(check.check(given, StepsCheckTest::connections).definition().toJson())
        .isEqualTo(given);
  }

  @Test
  void onlyWhatIsReadIsKept() {
    Plan plan =
        plan(
            reactions(
                """
                [{"id": "a", "service": "http", "reaction": "request", "inputs": {"url": "https://example.org"}},
                 {"id": "b", "service": "http", "reaction": "request", "inputs": {"url": "https://example.org"},
                  "when": "steps.a.status == 'failed'"}]
                """));

    assertThat(plan.steps()).noneMatch(step -> step.flow() != null && step.flow().keepsOutput());
  }

  @Test
  void onErrorSeesTheStepsOfTheRunWithoutWaiting() {
    // given
    ObjectNode document =
        reactions(
            "[{\"id\":\"a\",\"service\":\"http\",\"reaction\":\"request\",\"inputs\":{\"url\":\"https://example.org\"}}]");
    document.set(
        "onError",
        AreaApi.tree(
            """
            [{"id": "alarm", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org",
                         "body": "${steps.a.status}: ${error.message} since ${error.failingSince}"}}]
            """));

    // then
    assertThat(plan(document).onError().getFirst().flow()).isNull();
  }

  @Test
  void outputsAreKnownFromTheCatalog() {
    // given
    ObjectNode document =
        reactions(
            """
            [{"id": "open", "service": "github", "reaction": "create_issue", "connection": "work",
              "inputs": {"repository": "octo/hello", "title": "x"}},
             {"id": "comment", "service": "github", "reaction": "create_comment", "connection": "work",
              "inputs": {"repository": "octo/hello", "number": "${steps.open.output.nubmer}", "body": "x"}}]
            """);

    // then
    assertThat(violations(document))
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.pointer()).isEqualTo("/reactions/1/inputs/number");
              assertThat(violation.detail())
                  .contains("steps.open.output has no field 'nubmer'; did you mean 'number'?");
            });
    ((ObjectNode) document.at("/reactions/1/inputs")).put("number", "${steps.open.output.number}");
    assertThat(plan(document).steps()).hasSize(2);
  }

  @Test
  void connectionsOfNestedReactionsAreFound() {
    // given
    ObjectNode document =
        reactions(
            """
            [{"id": "c", "choose": [{"reactions": [
               {"id": "comment", "service": "github", "reaction": "create_comment", "connection": "work",
                "inputs": {"repository": "octo/hello", "number": 1, "body": "x"}}]}]}]
            """);

    // then
    assertThat(plan(document).steps().getLast().connectionId()).isEqualTo(WORK.toString());
    ((ObjectNode) document.at("/reactions/0/choose/0/reactions/0")).put("connection", "home");
    assertThat(pointers(document)).containsExactly("/reactions/0/choose/0/reactions/0/connection");
  }

  @Test
  void fiftyStepsAreTheMostAllCounted() {
    // given
    ArrayNode many = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < 49; i++) {
      many.add(step("s" + i, "{}"));
    }
    ObjectNode document = reactions(many.toString());
    document.set("onError", JsonNodeFactory.instance.arrayNode().add(step("alarm", "{}")));

    // then
    assertThat(plan(document).steps()).hasSize(49);
    document.withArray("onError").add(step("alarm2", "{}"));
    assertThat(violations(document))
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.pointer()).isEqualTo("/reactions");
              assertThat(violation.detail()).contains("at most 50 steps", "this one has 51");
            });
  }

  @Test
  void nestingIsFiveDeep() {
    // given
    ObjectNode deepest = step("s0", "{}");
    for (int i = 1; i <= 5; i++) {
      ObjectNode around = step("s" + i, "{}");
      around.putObject("onFailure").putArray("run").add(deepest);
      deepest = around;
    }

    // then
    assertThat(plan(reactions("[" + deepest + "]")).steps()).hasSize(6);
    assertThat(
            pointers(reactions("[{\"id\":\"c\",\"choose\":[{\"reactions\":[" + deepest + "]}]}]")))
        .containsExactly(
            "/reactions/0/choose/0/reactions/0/onFailure/run/0/onFailure/run/0/onFailure/run/0"
                + "/onFailure/run/0/onFailure/run");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"when\":7}; /when; Expected a text",
        "{\"when\":\"event.\"}; /when; ",
        "{\"when\":\"event.issue.titel == 'x'\"}; /when; titel",
        "{\"when\":\"event.issue.title\"}; /when; a condition is true or false",
        "{\"when\":\"item.x == 1\"}; /when; only the inputs of a reaction with forEach see it",
        "{\"delay\":\"5 minutes\"}; /delay; from PT1S to P31D, such as PT5M, found \"5 minutes\"",
        "{\"delay\":\"P32D\"}; /delay; from PT1S to P31D",
        "{\"delay\":\"PT0S\"}; /delay; from PT1S to P31D",
        "{\"delay\":5}; /delay; from PT1S to P31D",
        "{\"delay\":{}}; /delay/until; found nothing",
        "{\"delay\":{\"until\":\"2026-12-24T18:00:00Z\"}}; /delay/until; a time stands in quotes",
        "{\"delay\":{\"until\":\"event.issue.number\"}}; /delay/until; a timestamp or a text with one",
        "{\"delay\":{\"until\":\"meta.time\",\"for\":1}}; /delay/for; no field of this name",
        "{\"retry\":3}; /retry; Expected an object",
        "{\"retry\":{\"attempts\":0}}; /retry/attempts; from 1 to 20",
        "{\"retry\":{\"attempts\":21}}; /retry/attempts; from 1 to 20",
        "{\"retry\":{\"backoff\":\"PT25H\"}}; /retry/backoff; from PT1S to PT24H",
        "{\"retry\":{\"on\":[]}}; /retry/on; for no second call write attempts: 1",
        "{\"retry\":{\"on\":[\"reauthorize\"]}}; /retry/on; \"retryable\", \"permanent\" or both",
        "{\"retry\":{\"tries\":3}}; /retry/tries; no field of this name",
        "{\"timeout\":\"PT6M\"}; /timeout; from PT1S to PT5M",
        "{\"timeout\":30}; /timeout; from PT1S to PT5M",
        "{\"onFailure\":\"ignore\"}; /onFailure; \"stop\", \"continue\" or {\"run\": [reactions]}",
        "{\"onFailure\":{}}; /onFailure/run; found nothing",
        "{\"onFailure\":{\"run\":[]}}; /onFailure/run; an array of 1 to 50",
        "{\"onFailure\":{\"run\":[{\"id\":\"h\"}]}}; /onFailure/run/0/service; found nothing",
        "{\"onFailure\":{\"run\":[{\"id\":\"s\",\"service\":\"http\",\"reaction\":\"request\"}]}}; /onFailure/run/0/id; has this id already",
        "{\"forEach\":[]}; /forEach; Expected an object",
        "{\"forEach\":{}}; /forEach/in; found nothing",
        "{\"forEach\":{\"in\":\"event.issue.title\"}}; /forEach/in; a list is expected, but this is of type string",
        "{\"forEach\":{\"in\":\"event.issue.labels\",\"concurrency\":21}}; /forEach/concurrency; from 1 to 20",
        "{\"forEach\":{\"in\":\"[item]\"}}; /forEach/in; only the inputs of a reaction with forEach see it",
        "{\"delivery\":\"once\"}; /delivery; \"atLeastOnce\" or \"atMostOnce\"",
        "{\"delivry\":\"atMostOnce\"}; /delivry; did you mean \"delivery\"?",
        "{\"when\":\"steps.s.status == 'failed'\"}; ; It waits for itself: s waits for s",
        "{\"when\":\"steps.other.status == 'failed'\"}; /when; there is no step 'other'",
        "{\"inputs\":{\"url\":\"https://example.org\",\"body\":\"${item}\"}}; /inputs/body; only the inputs of a reaction with forEach see it",
        "{\"inputs\":{\"url\":\"https://example.org\",\"body\":\"${error.message}\"}}; /inputs/body; only the reactions of onError see it",
      })
  void whatIsWrongWithAReactionIsToldWithItsPlace(String fields, String pointer, String detail) {
    assertThat(violations(reactions("[" + step("s", fields) + "]")))
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer())
                  .isEqualTo("/reactions/0" + (pointer == null ? "" : pointer));
              assertThat(violation.detail()).contains(detail == null ? "" : detail);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"choose\":[]}; /choose; an array of 1 to 50 branches",
        "{\"choose\":{}}; /choose; an array of 1 to 50 branches",
        "{\"choose\":[{\"when\":\"true\"}]}; /choose/0/reactions; found nothing",
        "{\"choose\":[{\"reactions\":[]},{\"when\":\"true\",\"reactions\":[]}]}; /choose/0/when; only the last branch may have none",
        "{\"choose\":[{\"when\":\"event.issue.titel == 'x'\",\"reactions\":[]}]}; /choose/0/when; titel",
        "{\"choose\":[{\"if\":\"true\",\"reactions\":[]}]}; /choose/0/if; no field of this name",
        "{\"service\":\"http\",\"choose\":[{\"reactions\":[]}]}; /service; A choice has none",
        "{\"delay\":\"PT5M\",\"choose\":[{\"reactions\":[]}]}; /delay; A choice has none",
        "{\"when\":\"steps.c.status == 'x'\",\"choose\":[{\"reactions\":[]}]}; /when; there is no status 'x'",
      })
  void whatIsWrongWithAChoiceIsToldWithItsPlace(String choice, String pointer, String detail) {
    ObjectNode node = AreaApi.json(choice);
    node.put("id", "c");
    assertThat(violations(reactions("[" + node + "]")))
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer()).isEqualTo("/reactions/0" + pointer);
              assertThat(violation.detail()).contains(detail);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"concurrency\":\"single\"}; /concurrency; \"parallel\", \"serial\" or",
        "{\"concurrency\":{}}; /concurrency/serial; found nothing",
        "{\"concurrency\":{\"serial\":{\"queue\":0}}}; /concurrency/serial/queue; from 1 to 10000",
        "{\"concurrency\":{\"serial\":{\"queue\":10001}}}; /concurrency/serial/queue; from 1 to 10000",
        "{\"concurrency\":{\"serial\":{\"length\":1}}}; /concurrency/serial/length; no field of this name",
        "{\"onError\":{}}; /onError; an array of 1 to 50",
        "{\"onError\":[]}; /onError; an array of 1 to 50",
        "{\"onError\":[{\"id\":\"h\"}]}; /onError/0/service; found nothing",
        "{\"onError\":[{\"id\":\"s\",\"service\":\"http\",\"reaction\":\"request\"}]}; /onError/0/id; has this id already",
      })
  void whatIsWrongWithTheRestIsToldWithItsPlace(String fields, String pointer, String detail) {
    ObjectNode document = reactions("[" + step("s", "{}") + "]");
    document.setAll(AreaApi.json(fields));
    assertThat(violations(document))
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer()).isEqualTo(pointer);
              assertThat(violation.detail()).contains(detail);
            });
  }

  @Test
  void stepsThatWaitForOneAnotherAreRefusedOnce() {
    assertThat(
            violations(
                reactions(
                    "["
                        + step("a", "{\"when\":\"steps.b.status == 'failed'\"}")
                        + ","
                        + step("b", "{\"when\":\"steps.c.status == 'failed'\"}")
                        + ","
                        + step("c", "{\"when\":\"steps.a.status == 'failed'\"}")
                        + "]")))
        .containsExactly(
            new Violation(
                "/reactions/0",
                "It waits for itself: a waits for b waits for c waits for a. A step can use only"
                    + " what ends before it."));
  }

  @Test
  void aChoiceCannotUseWhatIsInIt() {
    assertThat(
            violations(
                reactions(
                    "[{\"id\":\"c\",\"choose\":[{\"when\":\"steps.s.status == 'failed'\",\"reactions\":["
                        + step("s", "{}")
                        + "]}]}]")))
        .extracting(Violation::detail)
        .containsExactly(
            "It waits for itself: c waits for s waits for c. A step can use only what ends before"
                + " it.");
  }

  @Test
  void branchesOfOneChoiceCannotUseOneAnother() {
    assertThat(
            violations(
                reactions(
                    "[{\"id\":\"c\",\"choose\":[{\"when\":\"true\",\"reactions\":["
                        + step("a", "{}")
                        + "]},{\"reactions\":["
                        + step("b", "{\"when\":\"steps.a.status == 'failed'\"}")
                        + "]}]}]")))
        .containsExactly(
            new Violation(
                "/reactions/0/choose/1/reactions/0/when",
                "It uses steps.a, but that is in another branch of c, of which only one is"
                    + " taken."));
  }

  @Test
  void nothingOfOnErrorIsUsedBeforeTheRunFailed() {
    // given
    ObjectNode document =
        reactions("[" + step("s", "{\"when\":\"steps.alarm.status == 'failed'\"}") + "]");
    document.set("onError", JsonNodeFactory.instance.arrayNode().add(step("alarm", "{}")));

    // then
    assertThat(violations(document))
        .containsExactly(
            new Violation(
                "/reactions/0/when",
                "It uses steps.alarm, but that is done only after the run failed, when this cannot"
                    + " begin any more."));
  }

  @Test
  void whatNeedsTwoBranchesCanNeverBegin() {
    // given
    String choice =
        "{\"id\":\"c\",\"choose\":[{\"when\":\"true\",\"reactions\":["
            + step("a", "{}")
            + "]},{\"reactions\":["
            + step("b", "{}")
            + "]}]}";
    String both =
        "{\"inputs\":{\"url\":\"https://example.org\",\"body\":\"${steps.a.status} ${steps.b.status}\"}}";
    ObjectNode joined = step("s", both);

    // then
    assertThat(violations(reactions("[" + choice + "," + joined + "]")))
        .containsExactly(
            new Violation(
                "/reactions/1",
                "It can never begin: without \"when\" it waits until branch 0 of c is taken, and"
                    + " until branch 1 of c is taken. Give it a \"when\", which decides alone."));
    joined.put("when", "steps.c.status == 'succeeded'");
    assertThat(plan(reactions("[" + choice + "," + joined + "]")).steps()).hasSize(4);
  }

  @Test
  void whatNeedsSuccessAndFailureCanNeverBegin() {
    // given
    ObjectNode failing = step("a", "{}");
    failing
        .putObject("onFailure")
        .putArray("run")
        .add(
            step(
                "h",
                "{\"inputs\":{\"url\":\"https://example.org\",\"body\":\"${steps.b.status}\"}}"));
    ObjectNode after =
        step("b", "{\"inputs\":{\"url\":\"https://example.org\",\"body\":\"${steps.a.status}\"}}");

    // then
    assertThat(violations(reactions("[" + failing + "," + after + "]")))
        .containsExactly(
            new Violation(
                "/reactions/0/onFailure/run/0",
                "It can never begin: without \"when\" it waits until a failed, and until a"
                    + " succeeded. Give it a \"when\", which decides alone."));
  }

  @Test
  void manyStepsThatUseAllBeforeThemAreCheckedSoon() {
    // given
    ArrayNode steps = JsonNodeFactory.instance.arrayNode();
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      steps.add(
          step(
              "s" + i, "{\"inputs\":{\"url\":\"https://example.org\",\"body\":\"x" + all + "\"}}"));
      all = new StringBuilder(all.toString().length() > 200 ? all.substring(21) : all.toString());
      all.append("${steps.s").append(i).append(".status}");
    }

    // then
    assertThat(plan(reactions(steps.toString())).steps()).hasSize(50);
  }

  @Test
  void everyExampleOfThePageIsTaken() throws IOException {
    // given
    List<JsonNode> examples = new ArrayList<>();
    String page = Files.readString(Path.of("..", "docs", "steps.md"), UTF_8);
    Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
        .matcher(page)
        .results()
        .forEach(found -> examples.add(AreaApi.tree(found.group(1))));

    // then
    assertThat(examples).hasSize(10);
    assertThat(check.check(examples.getFirst(), StepsCheckTest::connections).plan().steps())
        .hasSize(3);
    assertThat(examples.subList(1, 10))
        .allSatisfy(
            example -> {
              ObjectNode document = reactions("[" + step("s", "{}") + "]");
              if (example.isArray()) {
                document.set("reactions", example);
              } else {
                document.setAll((ObjectNode) example);
              }
              Plan plan = plan(document);
              assertThat(plan.toJson()).containsAnyOf("\"flow\":", "\"onError\":", "\"serial\":");
            });
  }

  private static ObjectNode everything() {
    ObjectNode document =
        reactions(
            """
            [{"id": "create", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/create"},
              "delay": "PT5M",
              "retry": {"attempts": 5, "backoff": "PT10S", "on": ["retryable", "permanent"]},
              "timeout": "PT30S",
              "onFailure": {"run": [
                {"id": "instead", "service": "http", "reaction": "request",
                 "inputs": {"url": "https://example.org/instead", "body": "${steps.create.status}"}}]}},
             {"service": "github", "connection": "work", "reaction": "create_comment",
              "inputs": {"repository": "octo/hello", "number": 7, "body": "seen"}},
             {"id": "known", "when": "steps.create.status == 'succeeded'", "choose": [
               {"when": "steps.create.output.body.open", "reactions": [
                 {"id": "reopen", "service": "http", "reaction": "request",
                  "inputs": {"url": "https://example.org/reopen"}}]},
               {"reactions": [
                 {"id": "add", "service": "http", "reaction": "request",
                  "inputs": {"url": "https://example.org/add"},
                  "delay": {"until": "meta.time + duration('1h')"}},
                 {"id": "assign", "service": "http", "reaction": "request",
                  "inputs": {"url": "https://example.org/${steps.add.output.body.id}"}}]}]},
             {"id": "label", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/label", "body": "${index}: ${item}"},
              "onFailure": "continue",
              "forEach": {"in": "steps.create.output.body.labels", "concurrency": 5}},
             {"id": "tell", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/tell", "body": "${steps.label.output.size()}"},
              "when": "steps.reopen.status == 'skipped' || steps.known.output.branch == 0"},
             {"id": "pay", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/pay"}, "delivery": "atMostOnce"}]
            """);
    document.set(
        "onError",
        AreaApi.tree(
            """
            [{"id": "alarm", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/alarm", "body": "${error.message}"}},
             {"id": "more", "service": "http", "reaction": "request",
              "inputs": {"url": "https://example.org/more"},
              "when": "steps.alarm.status == 'failed'"}]
            """));
    document.set("concurrency", AreaApi.json("{\"serial\":{\"queue\":100}}"));
    return document;
  }

  /** An AREA with these reactions. */
  private static ObjectNode reactions(String reactions) {
    ObjectNode document = AreaApi.bugTriage("steps");
    document.set("reactions", AreaApi.tree(reactions));
    return document;
  }

  private static ObjectNode step(String id, String fields) {
    ObjectNode step =
        AreaApi.json(
            "{\"service\":\"http\",\"reaction\":\"request\",\"inputs\":{\"url\":\"https://example.org\"}}");
    step.put("id", id);
    step.setAll(AreaApi.json(fields));
    return step;
  }

  private Plan plan(JsonNode document) {
    return check.check(document, StepsCheckTest::connections).plan();
  }

  private List<Violation> violations(JsonNode document) {
    Problem problem =
        catchThrowableOfType(
            Problem.class, () -> check.check(document, StepsCheckTest::connections));
    assertThat(problem).as("a problem").isNotNull();
    return problem.errors();
  }

  private List<String> pointers(JsonNode document) {
    return violations(document).stream().map(Violation::pointer).toList();
  }

  private static Plan.Flow flow(Plan plan, String id) {
    return plan.steps().stream()
        .filter(step -> step.id().equals(id))
        .findFirst()
        .orElseThrow()
        .flow();
  }

  private static Plan.Flow flowOf(String flow) {
    return Plan.parse(
            "{\"service\":\"\",\"action\":\"\",\"steps\":[{\"id\":\"x\",\"service\":\"\",\"reaction\":\"\",\"inputs\":{},\"urlInputs\":[],\"flow\":"
                + flow
                + "}]}")
        .steps()
        .getFirst()
        .flow();
  }

  private static ConnectionNames connections() {
    return new ConnectionNames(Map.of(new ConnectionNames.Named("github", "work"), WORK));
  }
}
