package dev.areaflow.api.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The schema of AREA files, judged by a validator as editors have one. */
final class AreaSchemaTest {
  private static final List<Service> SERVICES = ServiceCatalog.bundled().services();
  private static final JsonNode DOCUMENT = AreaSchema.of(SERVICES);
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Schema SCHEMA = REGISTRY.getSchema(DOCUMENT);

  private static final String GOOD =
      """
      {"name": "A", "enabled": false, "when": "event.issue.number > 1",
       "action": {"service": "github", "action": "issue_opened", "inputs": {"repository": "o/h"}},
       "reactions": [
         {"service": "http", "reaction": "request", "retry": {"attempts": 3}, "delay": "PT1M",
          "inputs": {"method": "POST", "url": "https://example.org/${event.issue.number}",
                     "body": {"a": [1, "${event.x}"]}}},
         {"choose": [{"when": "true", "reactions": [
           {"id": "x", "service": "github", "reaction": "create_issue", "connection": "work",
            "inputs": {"repository": "o/h", "title": "t", "labels": "${event.labels}"}}]},
           {"reactions": []}]}]}
      """;

  @Test
  void itIsAJsonSchema() {
    // given
    Schema metaSchema =
        REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

    // when, then
    assertThat(metaSchema.validate(DOCUMENT)).isEmpty();
    assertThat(DOCUMENT.findValuesAsText("$ref"))
        .isNotEmpty()
        .allSatisfy(
            reference ->
                assertThat(DOCUMENT.at(reference.substring(1)).isObject()).as(reference).isTrue());
  }

  @Test
  void aDefinitionFits() throws IOException {
    assertThat(problems(GOOD)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"github\", \"action\"|\"gitlab\", \"action\"|/action/service",
        "issue_opened|issue_open|/action/action",
        "{\"repository\": \"o/h\"}}|{\"repositry\": \"o/h\"}}|/action/inputs",
        "\"reaction\": \"request\"|\"reaction\": \"requests\"|/reactions/0/reaction",
        "\"method\": \"POST\"|\"method\": \"TRACE\"|/reactions/0/inputs/method",
        "\"attempts\": 3|\"attempts\": 300|/reactions/0/retry/attempts",
        "\"enabled\"|\"enable\"|",
        "\"title\": \"t\",|\"titel\": \"t\",|/reactions/1",
        "\"labels\": \"${event.labels}\"|\"labels\": \"bug\"|/reactions/1"
      })
  void whatDoesNotFitIsNamed(String written, String otherwise, String pointer) throws IOException {
    // given
    assertThat(GOOD).contains(written);

    // when
    List<String> problems = problems(GOOD.replace(written, otherwise));

    // then
    assertThat(problems).isNotEmpty();
    assertThat(problems).anyMatch(problem -> problem.startsWith(pointer == null ? ": " : pointer));
  }

  @Test
  void whatIsOfOneServiceIsNotOfferedForAnother() {
    for (String use : List.of("Action", "Reaction")) {
      assertThat(DOCUMENT.at("/$defs/" + use + "/properties/service").has("examples")).isFalse();
      assertThat(DOCUMENT.at("/$defs/" + use + "/properties/action").has("examples")).isFalse();
      assertThat(DOCUMENT.at("/$defs/" + use + "/properties/reaction").has("examples")).isFalse();
    }
  }

  @Test
  void everyServiceIsThereWithItsActionsAndReactions() {
    for (Service service : SERVICES) {
      assertThat(DOCUMENT.at("/$defs/Action/properties/service/oneOf").findValuesAsText("const"))
          .as(service.id())
          .satisfies(
              ids ->
                  assertThat(ids.contains(service.id())).isEqualTo(!service.actions().isEmpty()));
      service
          .actions()
          .forEach(
              action ->
                  assertThat(DOCUMENT.at("/$defs").has(service.id() + ".action." + action.id()))
                      .isTrue());
      service
          .reactions()
          .forEach(
              reaction ->
                  assertThat(DOCUMENT.at("/$defs").has(service.id() + ".reaction." + reaction.id()))
                      .isTrue());
    }
  }

  private static List<String> problems(String definition) throws IOException {
    return SCHEMA.validate(new ObjectMapper().readTree(definition)).stream()
        .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
        .toList();
  }
}
