package dev.areaflow.topology.runs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.StepResult;
import dev.areaflow.schemas.rows.Plan;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Expressions without CEL: conditions are {@code true}, {@code false} or {@code step=status}, lists
 * are words with commas between them, times are themselves, and what begins with {@code !} has no
 * value. Inputs tell what a step sees.
 */
record FakeScript(Structure structure) implements Script {
  static FakeScript of(Plan.Step... steps) {
    return of(List.of(steps), List.of());
  }

  static FakeScript of(List<Plan.Step> steps, List<Plan.Step> onError) {
    return new FakeScript(Structure.of(new Plan("s", "a", null, null, null, steps, onError, null)));
  }

  @Override
  public boolean holds(String stepId, Seen seen) {
    return holds(requireNonNull(flow(stepId).when()), seen.steps()::get);
  }

  private static boolean holds(
      String condition, java.util.function.Function<String, @Nullable StepResult> steps) {
    valued(condition);
    if (!condition.contains("=")) {
      return Boolean.parseBoolean(condition);
    }
    String[] parts = condition.split("=", 2);
    return requireNonNull(steps.apply(parts[0])).status().text().equals(parts[1]);
  }

  @Override
  public int choose(String stepId, Seen seen) {
    List<@Nullable String> conditions = requireNonNull(flow(stepId).choose());
    for (int i = 0; i < conditions.size(); i++) {
      if (holds(requireNonNull(conditions.get(i)), seen.steps()::get)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public Instant until(String stepId, Seen seen) {
    return Instant.parse(requireNonNull(requireNonNull(flow(stepId).delay()).until()));
  }

  @Override
  public List<byte[]> items(String stepId, Seen seen) {
    String words = requireNonNull(flow(stepId).forEach()).in();
    valued(words);
    return words.isEmpty()
        ? List.of()
        : Arrays.stream(words.split(",", -1)).map(word -> word.getBytes(UTF_8)).toList();
  }

  @Override
  public byte[] inputs(String stepId, Seen seen, @Nullable ListItem item) {
    StringBuilder text = new StringBuilder(stepId);
    if (item != null) {
      text.append(" item ")
          .append(item.index())
          .append('=')
          .append(new String(item.value(), UTF_8));
    } else if (seen.error().isPresent()) {
      var error = seen.error().get();
      text.append(" error ").append(error.step()).append(' ').append(error.errorClass());
      text.append(' ').append(error.status()).append(" since ").append(error.failingSince());
    } else {
      text.append(" sees");
      new TreeMap<>(seen.steps())
          .forEach(
              (id, result) -> {
                if (structure.awaited(stepId).contains(id)) {
                  byte[] output = result.output().get();
                  text.append(' ').append(id).append('=');
                  text.append(output == null ? null : new String(output, UTF_8));
                }
              });
    }
    return text.toString().getBytes(UTF_8);
  }

  private static void valued(String expression) {
    if (expression.startsWith("!")) {
      throw new EvaluationException(expression.substring(1));
    }
  }

  private Plan.Flow flow(String stepId) {
    return Objects.requireNonNull(structure.flow(stepId));
  }
}
