package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Violation;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.schemas.rows.RulePage;
import dev.areaflow.schemas.rows.RulePlan;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules in definitions: what is taken, and what is told of one that is not. */
final class RulesCheckTest {
  private final DefinitionCheck check = new DefinitionCheck(AreaApi.CATALOG, AreaApi.EXPRESSIONS);

  private Checked check(String rule) {
    ObjectNode document = AreaApi.bugTriage("rule");
    document.set("rule", AreaApi.json(rule));
    return check.check(document, AreaApi.NO_CONNECTIONS);
  }

  private List<Violation> violations(String rule) {
    Problem problem = catchThrowableOfType(Problem.class, () -> check(rule));
    assertThat(problem).as("a problem").isNotNull();
    return problem.errors();
  }

  @Test
  void aRuleIsInThePlanAndInTheDefinitionAsItWasWritten() {
    // given
    String rule = "{\"digest\":{\"every\":\"PT60M\",\"n\":50},\"by\":\"event.issue.number\"}";

    // when
    Checked checked = check(rule);

    // then
    Plan plan = Plan.parse(checked.plan().toJson());
    assertThat(plan.rule()).isEqualTo(new RulePlan.Digest(Duration.ofHours(1), null, null, 50));
    assertThat(plan.by()).isEqualTo("event.issue.number");
    assertThat(checked.definition().toJson().path("rule")).isEqualTo(AreaApi.json(rule));
  }

  @Test
  void everyExampleOfThePageBecomesThePlanThatIsRunElsewhere() {
    // given
    List<RulePage.Section> sections = RulePage.sections();

    // then
    check.check(RulePage.introduction(), AreaApi.NO_CONNECTIONS);
    assertThat(sections)
        .hasSize(9)
        .allSatisfy(
            section -> {
              JsonNode plan = AreaApi.json(plan(section.example()).toJson());
              assertThat(plan.path("rule")).isEqualTo(section.plan().path("rule"));
              assertThat(plan.path("by")).isEqualTo(section.plan().path("by"));
            });
  }

  private Plan plan(JsonNode example) {
    return example.has("name")
        ? check.check(example, AreaApi.NO_CONNECTIONS).plan()
        : check(example.toString()).plan();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{}; /rule; Expected one of throttle, debounce",
        "{\"count\":{\"n\":2,\"within\":\"PT1M\"},\"throttle\":{\"n\":1,\"per\":\"PT1M\"}}; /rule;"
            + " Expected one of",
        "{\"cuont\":{}}; /rule/cuont; did you mean \"count\"?",
        "{\"count\":{\"n\":2,\"within\":\"PT1M\",\"foo\":1}}; /rule/count/foo; there are n,"
            + " within.",
        "{\"throttle\":{\"n\":0,\"per\":\"PT1M\"}}; /rule/throttle/n; from 1 to 1000",
        "{\"throttle\":{\"n\":1.5,\"per\":\"PT1M\"}}; /rule/throttle/n; whole number",
        "{\"throttle\":{\"n\":1}}; /rule/throttle/per; found nothing",
        "{\"throttle\":{\"n\":1,\"per\":\"1h\"}}; /rule/throttle/per; found \"1h\"",
        "{\"throttle\":{\"n\":1,\"per\":\"P32D\"}}; /rule/throttle/per; PT1S to P31D",
        "{\"throttle\":7}; /rule/throttle; Expected an object",
        "{\"debounce\":{\"quiet\":\"PT5M\",\"atMost\":\"PT1M\"}}; /rule/debounce/atMost; at least"
            + " as long",
        "{\"digest\":{}}; /rule/digest; Expected every, or cron, or n",
        "{\"digest\":{\"every\":\"PT1H\",\"cron\":\"0 9 * * *\"}}; /rule/digest; Expected every",
        "{\"digest\":{\"cron\":\"0 25 * * *\"}}; /rule/digest/cron; Not a schedule",
        "{\"digest\":{\"every\":\"PT1H\",\"timezone\":\"Europe/Paris\"}}; /rule/digest/timezone;"
            + " cron beside it",
        "{\"sequence\":{\"within\":\"PT1H\",\"members\":[{}]}}; /rule/sequence/members; 2 to 8",
        "{\"sequence\":{\"within\":\"PT1H\",\"members\":[{},{\"when\":\"event.\"}]}};"
            + " /rule/sequence/members/1/when; ",
        "{\"absence\":{\"within\":\"PT1H\",\"of\":{\"when\":\"event.issue.titel\"}}};"
            + " /rule/absence/of/when; titel",
        "{\"change\":{\"value\":\"event.issue.comments\",\"crosses\":\"ten\"}};"
            + " /rule/change/crosses; a number",
        "{\"change\":{\"value\":\"event.issue.coments\"}}; /rule/change/value; coments",
        "{\"deduplicate\":{\"key\":\"event.issue.titel\",\"within\":\"P1D\"}};"
            + " /rule/deduplicate/key; titel",
        "{\"count\":{\"n\":2,\"within\":\"PT1M\"},\"by\":\"event.nothing\"}; /rule/by; nothing",
      })
  void whatIsWrongIsToldWithItsPlace(String rule, String pointer, String detail) {
    assertThat(violations(rule))
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer()).isEqualTo(pointer);
              assertThat(violation.detail()).contains(detail == null ? "" : detail);
            });
  }

  @Test
  void eventsAreThereOnlyWithARule() {
    // given
    ObjectNode document = AreaApi.bugTriage("rule");
    ((ObjectNode) document.at("/reactions/0/inputs/body")).put("text", "${events.size()}");

    // then
    Problem problem =
        catchThrowableOfType(Problem.class, () -> check.check(document, AreaApi.NO_CONNECTIONS));
    assertThat(problem.errors())
        .extracting(Violation::pointer)
        .containsExactly("/reactions/0/inputs/body/text");
    document.set("rule", AreaApi.json("{\"count\":{\"n\":2,\"within\":\"PT1M\"}}"));
    assertThat(check.check(document, AreaApi.NO_CONNECTIONS).plan().rule()).isNotNull();
  }
}
