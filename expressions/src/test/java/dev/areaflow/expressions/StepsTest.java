package dev.areaflow.expressions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.expressions.StepResult.Status;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions over the steps of a run, items of a list, and what made a run fail. */
final class StepsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Meta META =
      new Meta("e1", Instant.parse("2026-03-02T10:00:00Z"), "github", "issue_opened");
  private static final Bindings EVENT = Bindings.of(bytes("{\"title\":\"Broken\"}"), META);

  private final AreaExpressions area =
      new Expressions().ofArea().ofSteps(Set.of("create", "notify-ops"));

  @Test
  void outputsAndStatusesAreSeen() {
    // given
    Bindings bindings =
        EVENT.withSteps(
            Map.of(
                "create", StepResult.succeeded(bytes("{\"number\":7,\"labels\":[\"a\",\"b\"]}")),
                "notify-ops", StepResult.of(Status.FAILED)));

    // then
    assertThat(value("steps.create.output.number + 1", bindings)).isEqualTo(json("8"));
    assertThat(value("steps.create.output.labels.map(l, l + '!')", bindings))
        .isEqualTo(json("[\"a!\",\"b!\"]"));
    assertThat(value("steps['notify-ops'].status + ' ' + event.title", bindings))
        .isEqualTo(json("\"failed Broken\""));
    assertThat(value("steps['notify-ops'].output", bindings)).isEqualTo(json("null"));
    assertThat(value("has(steps.create.output.number)", bindings)).isEqualTo(json("true"));
    assertThat(area.condition("steps.create.status in ['failed', 'succeeded']").matches(bindings))
        .isTrue();
  }

  @Test
  void itIsKnownWhichStepsAreRead() throws Exception {
    assertThat(area.value("event.title").steps()).isEqualTo(StepsRead.NONE);
    assertThat(area.condition("steps.create.status == 'failed'").steps())
        .isEqualTo(new StepsRead(Set.of("create"), Set.of()));
    assertThat(area.value("event.list.filter(x, x == steps['notify-ops']['output'].?id)").steps())
        .isEqualTo(new StepsRead(Set.of("notify-ops"), Set.of("notify-ops")));
    assertThat(
            area.template(
                    JSON.readTree(
                        """
                        {"a": "${steps.create.status} of ${steps['notify-ops'].status}",
                         "b": ["${steps.create.output.number}"]}
                        """),
                    List.of())
                .steps())
        .isEqualTo(new StepsRead(Set.of("create", "notify-ops"), Set.of("create")));
  }

  @Test
  void aLoopMayHaveAVariableOfThatName() {
    assertThat(value("['a'].map(steps, steps + '!')", EVENT)).isEqualTo(json("[\"a!\"]"));
    assertThat(area.value("[event].map(steps, steps.create)").steps()).isEqualTo(StepsRead.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "size(steps) > 0 | column 6: steps cannot be used as a whole; name the step and what is wanted of it, e.g. steps.ID.output or steps['ID'].status",
        "steps.exists(s, s == 'create') | column 1: steps cannot be used as a whole; name the step and what is wanted of it, e.g. steps.ID.output or steps['ID'].status",
        "'create' in steps | column 13: steps cannot be used as a whole; name the step and what is wanted of it, e.g. steps.ID.output or steps['ID'].status",
        "steps[event.x].status == 'failed' | column 1: steps cannot be used as a whole; name the step and what is wanted of it, e.g. steps.ID.output or steps['ID'].status",
        "steps.create == null | column 6: steps.create is not a value; write steps.create.output or steps.create.status",
        "has(steps.create) | column 4: steps.create is not a value; write steps.create.output or steps.create.status",
        "steps.creat.status == 'failed' | column 12: there is no step 'creat'; did you mean 'create'? (there are create, notify-ops)",
        "steps.notify-ops.status == 'failed' | column 6: there is no step 'notify'; because of its hyphen write steps['notify-ops']",
        "steps.create.outptu == 1 | column 13: steps.create has no field 'outptu'; did you mean 'output'? (there are output, status)",
        "steps.create.status == 'faild' | column 24: there is no status 'faild'; did you mean 'failed'? (there are failed, skipped, cancelled, unknown, succeeded)",
        "'done' != steps.create.status | column 1: there is no status 'done' (there are failed, skipped, unknown, cancelled, succeeded)",
        "steps.create.status in ['failed', 'ok'] | column 35: there is no status 'ok' (there are failed, skipped, unknown, succeeded, cancelled)",
      })
  void otherUsesAreRefused(String cel, String problem) {
    assertThatThrownBy(() -> area.condition(cel))
        .isInstanceOfSatisfying(
            InvalidExpressionException.class,
            e -> assertThat(e.problems()).contains(new Problem("", problem)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "FAILED | steps.create has no output because it failed",
        "SKIPPED | steps.create has no output because it was skipped",
        "CANCELLED | steps.create has no output because it was cancelled",
        "UNKNOWN | steps.create has no output because nobody knows whether it was done",
        "SUCCEEDED | steps.create has no output because it succeeded without one",
      })
  void withoutAnOutputThereIsNoValueOfIt(Status status, String reason) {
    Bindings bindings = EVENT.withSteps(Map.of("create", StepResult.of(status)));
    for (String cel :
        List.of(
            "steps.create.output.number",
            "steps.create.output['number'] == 1",
            "steps.create.output[0]",
            "steps.create.output.size()",
            "steps.create.output + 1",
            "(event.title == '' ? event : steps.create.output).number",
            "event.title + steps.create.output.title")) {
      assertThatThrownBy(() -> value(cel, bindings))
          .as(cel)
          .isInstanceOf(EvaluationException.class)
          .hasMessage(reason);
    }
  }

  @Test
  void otherFailuresAreNotLaidToTheOutput() {
    Bindings bindings = EVENT.withSteps(Map.of("create", StepResult.of(Status.FAILED)));

    assertThatThrownBy(() -> value("event.missing == steps.create.output", bindings))
        .hasMessage("this event has no event.missing");
    assertThatThrownBy(() -> value("steps.create.output == 1 / 0", bindings))
        .hasMessage("it divides by zero");
  }

  @Test
  void anOutputWithoutTheFieldIsNamed() {
    Bindings bindings = EVENT.withSteps(Map.of("create", StepResult.succeeded(bytes("{}"))));

    assertThatThrownBy(() -> value("steps.create.output.number", bindings))
        .hasMessage("there is no steps.create.output.number");
  }

  @Test
  void nothingIsParsedUnlessItIsReadAndThenOnce() {
    // given
    AtomicInteger asked = new AtomicInteger();
    Bindings bindings =
        Bindings.of(bytes("no JSON"), META)
            .withSteps(
                Map.of(
                    "create",
                    new StepResult(
                        Status.SUCCEEDED,
                        () -> {
                          asked.incrementAndGet();
                          return bytes("{\"number\":7}");
                        }),
                    "notify-ops",
                    StepResult.succeeded(bytes("no JSON"))));

    // then
    assertThat(value("steps.create.status", bindings)).isEqualTo(json("\"succeeded\""));
    assertThat(asked).hasValue(0);
    assertThat(value("steps.create.output.number", bindings)).isEqualTo(json("7"));
    assertThat(value("steps.create.output", bindings.withItem(bytes("1"), 0)))
        .isEqualTo(json("{\"number\":7}"));
    assertThat(asked).hasValue(1);
    assertThatThrownBy(() -> value("true || steps['notify-ops'].output == 1", bindings))
        .hasMessageStartingWith("the output of notify-ops cannot be read: ");
    assertThatThrownBy(() -> value("event", bindings))
        .hasMessageStartingWith("the event's payload cannot be read: ");
  }

  @Test
  void itemsAreSeenWithTheirIndex() throws Exception {
    // given
    Template template =
        area.ofItems().template(JSON.readTree("{\"a\":\"${index}: ${item.name}\"}"), List.of());

    // then
    assertThat(template.render(EVENT.withItem(bytes("{\"name\":\"x\"}"), 3)))
        .isEqualTo(json("{\"a\":\"3: x\"}"));
    assertThatThrownBy(() -> template.render(EVENT.withItem(bytes("{}"), 0)))
        .hasMessageContaining("there is no item.name");
  }

  @Test
  void errorsAreSeen() {
    // given
    Instant since = Instant.parse("2026-03-01T00:00:00Z");
    Failure failure =
        new Failure("create", 3, "permanent", 404, "not found", null, since, since.plusSeconds(60));
    AreaExpressions errors = area.ofErrors();

    // when
    JsonNode value =
        errors
            .value(
                "[error.step, string(error.attempts), error['class'], string(error.status),"
                    + " error.message, string(error.failingSince), string(error.pausesAt)]")
            .evaluate(EVENT.withError(failure));

    // then
    assertThat(value)
        .isEqualTo(
            json(
                "[\"create\",\"3\",\"permanent\",\"404\",\"not found\","
                    + "\"2026-03-01T00:00:00Z\",\"2026-03-01T00:01:00Z\"]"));
    assertThat(errors.condition("error.response == null").matches(EVENT.withError(failure)))
        .isTrue();
    assertThatThrownBy(() -> errors.value("error.messag"))
        .hasMessageContaining("error has no field 'messag'; did you mean 'message'?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "steps.a.status | there is no 'steps' here; only the expressions of reactions and choices see it",
        "item.x | there is no 'item' here; only the inputs of a reaction with forEach see it",
        "error.message | there is no 'error' here; only the reactions of onError see it",
      })
  void whatAPlaceDoesNotSeeIsRefused(String cel, String problem) {
    assertThatThrownBy(() -> new Expressions().ofArea().value(cel))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void theVariablesOfAPlaceAreNamed() {
    assertThatThrownBy(() -> area.ofCollected().ofItems().ofErrors().value("nothing"))
        .hasMessageContaining(
            "the variables are event, meta, events, change, steps, item, index and error");
  }

  @Test
  void whatARuleCollectedIsSeenBesideSteps() {
    // given
    Bindings bindings =
        Bindings.of(List.of(new Bindings.Collected(META, bytes("{\"n\":1}"))), null)
            .withSteps(Map.of("create", StepResult.succeeded(bytes("2"))));

    // then
    assertThat(
            area.ofCollected()
                .value("events[0].payload.n + steps.create.output")
                .evaluate(bindings))
        .isEqualTo(json("3"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "steps.create.output.number + 1 > 0",
        "steps.create.output == null",
        "steps.create.output != null && steps.create.output.labels.all(l, l.size() > 0)",
        "steps.create.output.?number.orValue(0) == 0",
        "steps.text.output == null || steps.text.output.size() > 1",
        "steps.list.output == null || steps.list.output[0].size() > 1",
        "steps.any.output.whatever == 'x'",
        "steps['create']['output']['number'] == 1",
        "event.title.size() == 1 && steps.create.status == 'failed'",
      })
  void whatFitsTheOutputsTypeIsTaken(String cel) {
    assertThat(typed().condition(cel)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "steps.create.output.nmber == 1 | steps.create.output has no field 'nmber'; did you mean 'number'? (it has number, labels)",
        "steps.other.output.nmber == 1 | steps.other.output has no field 'nmber'; did you mean 'number'? (it has number, labels)",
        "steps.create.output.number == 'x' | '==' does not apply to (int, string)",
        "steps.text.output + 1 == 2 | '+' does not apply to",
        "steps.create.status == 1 | '==' does not apply to (string, int)",
        "event.titel == 'x' | event has no field 'titel'",
      })
  void whatDoesNotFitTheOutputsTypeIsRefused(String cel, String problem) {
    assertThatThrownBy(() -> typed().condition(cel))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void outputsAreCheckedWithoutATypeOfTheEvent() {
    AreaExpressions untypedEvent =
        new Expressions().ofArea().ofSteps(Map.of("create", issueSchema()));

    assertThat(untypedEvent.condition("event.anything == steps.create.output.number")).isNotNull();
    assertThatThrownBy(() -> untypedEvent.condition("steps.create.output.nmber == 1"))
        .hasMessageContaining("nmber");
  }

  private static AreaExpressions typed() {
    return new Expressions()
        .ofArea(json("{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"}}}"))
        .ofSteps(
            Map.of(
                "create", issueSchema(),
                "other", issueSchema(),
                "text", json("{\"type\":\"string\"}"),
                "list", json("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"),
                "any", JsonNodeFactory.instance.booleanNode(true)));
  }

  private static JsonNode issueSchema() {
    return json(
        """
        {"type": "object", "properties": {
           "number": {"type": "integer"},
           "labels": {"$ref": "#/$defs/labels"}},
         "$defs": {"labels": {"type": "array", "items": {"type": "string"}}}}
        """);
  }

  private JsonNode value(String cel, Bindings bindings) {
    return area.value(cel).evaluate(bindings);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
