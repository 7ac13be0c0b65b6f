package dev.areaflow.topology.decision;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Condition;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Template;
import dev.areaflow.expressions.ValueExpression;
import dev.areaflow.schemas.rows.Plan;
import dev.areaflow.topology.runs.Call;
import dev.areaflow.topology.runs.Handling;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step with its expressions compiled. Immutable and safe for several threads. Each method throws
 * an {@link EvaluationException} where an expression has no value.
 *
 * @param inputs null of a choice
 * @param branches conditions of a choice's branches; one that is missing always holds
 */
record CompiledStep(
    Plan.Step plan,
    Handling handling,
    @Nullable Template inputs,
    @Nullable Condition when,
    List<Optional<Condition>> branches,
    @Nullable ValueExpression until,
    @Nullable ValueExpression list) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param place compiles what sees the steps that the step knows of
   */
  static CompiledStep of(Plan.Step plan, AreaExpressions place) {
    Plan.Flow flow = plan.flow();
    if (flow == null) {
      Template inputs = place.template(plan.inputs(), plan.urlInputs());
      return new CompiledStep(plan, Handling.USUAL, inputs, null, List.of(), null, null);
    }
    List<Optional<Condition>> branches = new ArrayList<>();
    List<@Nullable String> choose = flow.choose();
    if (choose != null) {
      for (@Nullable String cel : choose) {
        branches.add(Optional.ofNullable(cel).map(place::condition));
      }
    }
    Plan.Delay delay = flow.delay();
    Plan.ForEach forEach = flow.forEach();
    AreaExpressions call = forEach == null ? place : place.ofItems();
    return new CompiledStep(
        plan,
        Handling.of(flow),
        choose == null ? call.template(plan.inputs(), plan.urlInputs()) : null,
        Optional.ofNullable(flow.when()).map(place::condition).orElse(null),
        List.copyOf(branches),
        Optional.ofNullable(delay).map(Plan.Delay::until).map(place::value).orElse(null),
        forEach == null ? null : place.value(forEach.in()));
  }

  Call call(byte[] rendered) {
    return new Call(
        plan.id(),
        plan.service(),
        plan.reaction(),
        plan.connectionId(),
        ByteBuffer.wrap(rendered).asReadOnlyBuffer(),
        handling);
  }

  byte[] inputs(Bindings bindings) {
    return json(requireNonNull(inputs).render(bindings));
  }

  boolean holds(Bindings bindings) {
    return requireNonNull(when).matches(bindings);
  }

  int choose(Bindings bindings) {
    for (int i = 0; i < branches.size(); i++) {
      Optional<Condition> condition = branches.get(i);
      if (condition.isEmpty() || condition.get().matches(bindings)) {
        return i;
      }
    }
    return -1;
  }

  Instant until(Bindings bindings) {
    JsonNode value = requireNonNull(until).evaluate(bindings);
    try {
      return OffsetDateTime.parse(value.asText()).toInstant();
    } catch (DateTimeParseException e) {
      throw new EvaluationException(
          "the time until which it waits comes to %s; expected a timestamp or a text as"
                  .formatted(shortened(value))
              + " 2026-07-01T10:00:00Z");
    }
  }

  List<byte[]> items(Bindings bindings) {
    JsonNode value = requireNonNull(list).evaluate(bindings);
    if (!value.isArray()) {
      throw new EvaluationException(
          "what it is repeated for comes to %s; expected a list".formatted(shortened(value)));
    }
    return value.valueStream().map(CompiledStep::json).toList();
  }

  private static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  private static byte[] json(JsonNode tree) {
    try {
      return JSON.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree is always writable as JSON", e);
    }
  }
}
