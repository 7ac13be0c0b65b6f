package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Violation;
import dev.areaflow.schemas.rows.Plan;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several actions in definitions: what is taken, and what is told of what is not. */
final class ActionsCheckTest {
  private final DefinitionCheck check = new DefinitionCheck(AreaApi.CATALOG, AreaApi.EXPRESSIONS);

  private static ObjectNode definition(String... fields) {
    ObjectNode document =
        AreaApi.json(
            """
            {"name": "several",
             "actions": [{"id": "opened", "service": "github", "action": "issue_opened"},
                         {"id": "clock", "service": "timer", "action": "interval",
                          "inputs": {"every": "PT5M"}}],
             "reactions": [{"id": "r1", "service": "http", "reaction": "request",
                            "inputs": {"method": "POST", "url": "https://example.org/in",
                                       "body": "${meta.of}"}}]}
            """);
    for (int i = 0; i < fields.length; i += 2) {
      document.set(fields[i], AreaApi.json("{\"v\":" + fields[i + 1] + "}").path("v"));
    }
    return document;
  }

  private List<Violation> violations(ObjectNode document) {
    Problem problem =
        catchThrowableOfType(Problem.class, () -> check.check(document, AreaApi.NO_CONNECTIONS));
    assertThat(problem).as("a problem").isNotNull();
    return problem.errors();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "actions; []; /actions; 2 to 8 actions",
        "actions; [{\"id\":\"a\",\"service\":\"timer\",\"action\":\"interval\"}]; /actions; 2 to 8 actions",
        "actions; {}; /actions; 2 to 8 actions",
        "actions; [{\"service\":\"github\",\"action\":\"push\"},{\"id\":\"b\",\"service\":\"github\",\"action\":\"push\"}]; /actions/0/id; found nothing",
        "actions; [{\"id\":\"a\",\"service\":\"github\",\"action\":\"push\"},{\"id\":\"a\",\"service\":\"github\",\"action\":\"push\"}]; /actions/1/id; has this id already",
        "actions; [{\"id\":\"a b\",\"service\":\"github\",\"action\":\"push\"},{\"id\":\"b\",\"service\":\"github\",\"action\":\"push\"}]; /actions/0/id; letters",
        "actions; [{\"id\":\"a\",\"service\":\"gihub\",\"action\":\"push\"},{\"id\":\"b\",\"service\":\"github\",\"action\":\"puch\"}]; /actions/1/action; did you mean \"push\"",
        "actions; [{\"id\":\"a\",\"service\":\"github\",\"action\":\"push\",\"inputs\":{\"repository\":\"${x}/y\"}},{\"id\":\"b\",\"service\":\"github\",\"action\":\"push\"}]; /actions/0/inputs/repository; ",
        "actions; [{\"id\":\"a\",\"service\":\"github\",\"action\":\"push\",\"hook\":\"x\"},{\"id\":\"b\",\"service\":\"github\",\"action\":\"push\"}]; /actions/0/hook; id of a hook",
        "action; {\"service\":\"github\",\"action\":\"push\"}; /action; none beside /actions",
        "rule; {\"sequence\":{\"within\":\"PT1H\",\"members\":[{\"of\":\"opend\"},{\"of\":\"clock\"}]}}; /rule/sequence/members/0/of; did you mean \"opened\"",
        "rule; {\"sequence\":{\"within\":\"PT1H\",\"members\":[{\"of\":\"opened\",\"when\":\"event.issue.titel == ''\"},{\"of\":\"clock\"}]}}; /rule/sequence/members/0/when; titel",
        "rule; {\"sequence\":{\"within\":\"PT1H\",\"members\":[{\"of\":\"opened\"},{\"of\":\"clock\"}],\"not\":{\"of\":\"opened\",\"when\":\"event.isue\"}}}; /rule/sequence/not/when; isue",
        "rule; {\"sequence\":{\"within\":\"PT1H\",\"members\":[{\"of\":\"opened\"},{\"of\":\"clock\"}],\"not\":{}}}; /rule/sequence/not; Expected when, or of",
        "rule; {\"sequence\":{\"within\":\"PT1H\",\"members\":[{\"of\":\"opened\"},{\"of\":\"clock\"}],\"not\":7}}; /rule/sequence/not; Expected a text",
        "rule; {\"absence\":{\"within\":\"PT1H\",\"after\":{\"of\":\"opened\",\"when\":\"event.issue.nubmer > 1\"},\"of\":{\"of\":\"clock\"}}}; /rule/absence/after/when; nubmer",
      })
  void whatIsWrongIsToldWithItsPlace(String field, String value, String pointer, String detail) {
    assertThat(violations(definition(field, value)))
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer()).isEqualTo(pointer);
              assertThat(violation.detail()).contains(detail == null ? "" : detail);
            });
  }

  @Test
  void onlyAnAreaOfSeveralNamesThem() {
    // given
    ObjectNode document = AreaApi.bugTriage("one");
    document.set(
        "rule",
        AreaApi.json("{\"sequence\":{\"within\":\"PT1H\",\"members\":[{\"of\":\"opened\"},{}]}}"));

    // then
    assertThat(violations(document))
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.pointer()).isEqualTo("/rule/sequence/members/0/of");
              assertThat(violation.detail()).contains("one action only");
            });
  }

  @Test
  void anEventOfAnyOfThemMayHaveAnyField() {
    // when
    Checked checked =
        check.check(
            definition("when", "\"meta.of == 'clock' || event.issue.titel == ''\""),
            AreaApi.NO_CONNECTIONS);

    // then
    assertThat(checked.plan().condition()).contains("titel");
  }

  @Test
  void eventsOfTheSameActionAreOfItsType() {
    // given
    ObjectNode document =
        definition(
            "actions",
            "[{\"id\":\"a\",\"service\":\"github\",\"action\":\"issue_opened\",\"inputs\":{\"repository\":\"o/a\"}},"
                + "{\"id\":\"b\",\"service\":\"github\",\"action\":\"issue_opened\",\"inputs\":{\"repository\":\"o/b\"}}]",
            "when",
            "\"event.issue.titel == ''\"");

    // then
    assertThat(violations(document)).extracting(Violation::pointer).containsExactly("/when");
  }

  @Test
  void aPlanOfOneActionIsWrittenAsItAlwaysWas() {
    // given
    ObjectNode document = AreaApi.bugTriage("as ever");
    document.set(
        "rule",
        AreaApi.json(
            "{\"sequence\":{\"within\":\"PT1H\",\"members\":[{\"when\":\"true\"},{}],\"not\":\"false\"}}"));

    // when
    Plan plan = check.check(document, AreaApi.NO_CONNECTIONS).plan();

    // then
    assertThat(plan.toJson())
        .contains(
            "\"rule\":{\"sequence\":{\"within\":\"PT1H\",\"members\":[{\"when\":\"true\"},{}],\"not\":\"false\"}}")
        .startsWith("{\"service\":\"github\",\"action\":\"issue_opened\",\"condition\":");
  }
}
