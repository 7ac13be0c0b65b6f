package dev.areaflow.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.expressions.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs as people write them; written with ' for ". */
final class InputsValidatorTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final Reaction REQUEST = CATALOG.reaction("http", "request").orElseThrow();

  private final InputsValidator validator = new InputsValidator();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'url':'https://e.org/${event.id}'}",
        "{'method':'${event.method}','url':'https://e.org'}",
        "{'url':'https://e.org','headers':'${event.headers}'}",
        "{'url':'https://e.org','headers':{'X-A':'${event.a}'}}",
        "{'url':'https://e.org','body':{'deep':['${event.a}']}}",
      })
  void templatesMayStandWhereverAValueStands(String inputs) {
    assertThat(validator.validate(REQUEST, json(inputs))).isEmpty();
    assertThat(validator.validate(REQUEST.inputs(), json(inputs))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | /url | is required",
        "{'url':'https://e.org','bodyy':1} | /bodyy | is not known here; remove it or correct its name",
        "{'url':'https://e.org','${event.a}':1} | /${event.a} | is not known here; remove it or correct its name",
        "{'url':7} | /url | expected string, found number",
        "{'url':'e.org','headers':{'X-A':{}}} | /headers/X-A | expected string, number, boolean, found object",
        "{'url':'https://e.org','headers':{'Host':'x'}} | /headers/Host | is set by Areaflow; leave it out",
        "{'url':'https://e.org','headers':{'Host':'x'},'body':'${event.a}'} | /headers/Host | is set by Areaflow; leave it out",
        "{'url':'https://e.org','headers':{'X':'a\\nb','Y':'${event.a}'}} | /headers/X | expected visible ASCII characters and blanks, on one line",
      })
  void problemsHaveTheirPlaceAndRemedy(String inputs, String pointer, String detail) {
    assertThat(validator.validate(REQUEST, json(inputs))).contains(new Problem(pointer, detail));
  }

  @Test
  void valuesOfTheWrongFormShowAnExample() {
    assertThat(validator.validate(REQUEST, json("{'url':'example.org'}")))
        .isNotEmpty()
        .allSatisfy(
            problem -> {
              assertThat(problem.pointer()).isEqualTo("/url");
              assertThat(problem.detail()).endsWith(", e.g. \"https://example.org/in\"");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"$${x}", "a $${x", "$$${x}"})
  void anEscapedTemplateIsAPlainText(String method) {
    assertThat(
            validator.validate(
                REQUEST,
                json("{'url':'https://e.org'}").<ObjectNode>deepCopy().put("method", method)))
        .extracting(Problem::pointer)
        .contains("/method");
  }

  @Test
  void anEscapeBesideATemplateLeavesItOne() {
    assertThat(
            validator.validate(
                REQUEST, json("{'url':'https://e.org/','method':'$${${event.method}'}")))
        .isEmpty();
  }

  @Test
  void theInputsOfAnActionAreNoTemplates() {
    assertThat(
            validator.validate(
                CATALOG.action("github", "push").orElseThrow(),
                json("{'repository':'${event.repository}'}")))
        .extracting(Problem::pointer)
        .containsExactly("/repository");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "cron     | {'cron':'61 * * * *'} | /cron",
        "cron     | {'cron':'* * * *'} | /cron",
        "cron     | {'cron':'0 9 * * *','timezone':'Mars'} | /timezone",
        "cron     | {'cron':'0 9 * * *','catchUp':'all'} | /catchUp",
        "interval | {'every':'PT0.1S'} | /every",
        "interval | {} | /every",
        "at       | {'time':'soon'} | /time",
      })
  void clocksThatCannotRunAreProblems(String action, String inputs, String pointer) {
    assertThat(
            validator.validate(CATALOG.action("timer", action.strip()).orElseThrow(), json(inputs)))
        .extracting(Problem::pointer)
        .contains(pointer);
  }

  @Test
  void clocksThatCanRunAreNot() {
    assertThat(
            List.of(
                validator.validate(
                    CATALOG.action("timer", "cron").orElseThrow(),
                    json("{'cron':'0 9 * * 1-5','timezone':'Europe/Berlin','catchUp':'none'}")),
                validator.validate(
                    CATALOG.action("timer", "interval").orElseThrow(), json("{'every':'PT5M'}")),
                validator.validate(
                    CATALOG.action("timer", "at").orElseThrow(),
                    json("{'time':'2030-01-31T09:00:00+01:00'}"))))
        .allMatch(List::isEmpty);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
