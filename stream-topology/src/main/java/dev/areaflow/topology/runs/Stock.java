package dev.areaflow.topology.runs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.areaflow.expressions.StepResult;
import dev.areaflow.topology.runs.Guidance.Failing;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Chosen;
import dev.areaflow.topology.runs.StepState.Closed;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Looped;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Unknown;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one transition of a guided run has at hand: what was kept before and what it keeps itself.
 * For one thread, and one use.
 */
final class Stock {
  /** Outputs of a run's steps together, and items of a list. */
  static final int MOST_BYTES = 2 * 1024 * 1024;

  private static final byte[] NULL = "null".getBytes(UTF_8);

  private final Materials before;
  private final Run run;
  private final Map<String, byte[]> kept = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> inputs = new HashMap<>();
  private final Map<String, byte[]> lists = new HashMap<>();
  private long outputBytes;

  Stock(Guide guide, Run run, long outputBytes) {
    this.before = guide.materials();
    this.run = run;
    this.outputBytes = outputBytes;
  }

  long outputBytes() {
    return outputBytes;
  }

  Moved moved(Run after) {
    return after.equals(run)
        ? Moved.of(run)
        : new Moved(after, Map.copyOf(inputs), Map.copyOf(kept));
  }

  /** A command is issued with these inputs. */
  void issue(String commandId, byte[] rendered) {
    inputs.put(commandId, ByteBuffer.wrap(rendered).asReadOnlyBuffer());
  }

  void keep(String part, byte[] value) {
    kept.put(part, value);
  }

  /** Keeps an output, or says why it cannot. */
  Optional<String> keepOutput(String part, @Nullable ByteBuffer output) {
    if (output == null) {
      return Optional.empty();
    }
    if (outputBytes + output.remaining() > MOST_BYTES) {
      return Optional.of(
          "the call was made, but what it answered makes the outputs of all steps that others use"
              + " take %d bytes, more than the %d that are kept; use the outputs of fewer steps"
                  .formatted(outputBytes + output.remaining(), MOST_BYTES));
    }
    byte[] bytes = new byte[output.remaining()];
    output.duplicate().get(bytes);
    outputBytes += bytes.length;
    keep(part, bytes);
    return Optional.empty();
  }

  byte[] item(String stepId, int index) {
    byte[] found = find(Materials.item(stepId, index));
    if (found == null) {
      throw new IllegalStateException("expected item %d of the step %s".formatted(index, stepId));
    }
    return found;
  }

  private byte @Nullable [] find(String part) {
    byte[] young = kept.get(part);
    return young == null ? before.find(part) : young;
  }

  /** What expressions see where the steps stand so. */
  Seen seen(List<Step> steps, Guidance guidance) {
    Map<String, StepResult> results = new HashMap<>();
    for (Step step : steps) {
      if (step.state() instanceof Closed closed) {
        results.put(step.id(), new StepResult(status(closed), () -> output(step.id(), closed)));
      }
    }
    Failing failing = guidance.failing();
    return new Seen(
        results,
        steps.stream()
            .filter(step -> failing != null && step.id().equals(failing.stepId()))
            .findFirst()
            .map(step -> RunError.of(step, requireNonNull(failing).since()).failure()));
  }

  private static StepResult.Status status(Closed state) {
    return switch (state.status()) {
      case SUCCEEDED -> StepResult.Status.SUCCEEDED;
      case FAILED -> StepResult.Status.FAILED;
      case SKIPPED -> StepResult.Status.SKIPPED;
      case CANCELLED -> StepResult.Status.CANCELLED;
      case UNKNOWN -> StepResult.Status.UNKNOWN;
      case PENDING, WAITING, RUNNING ->
          throw new IllegalStateException("expected a step that has ended, found " + state);
    };
  }

  private byte @Nullable [] output(String stepId, Closed state) {
    return switch (state) {
      case Chosen chosen -> "{\"branch\":%d}".formatted(chosen.branch()).getBytes(UTF_8);
      case Looped looped -> lists.computeIfAbsent(stepId, id -> list(id, looped.loop().total()));
      case Succeeded _ -> find(Materials.output(stepId));
      case Failed _, Skipped _, Cancelled _, Unknown _ -> null;
    };
  }

  private byte[] list(String stepId, int total) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    for (int i = 0; i < total; i++) {
      list.write(i == 0 ? '[' : ',');
      byte[] item = find(Materials.output(stepId, i));
      list.writeBytes(item == null ? NULL : item);
    }
    list.writeBytes(total == 0 ? "[]".getBytes(UTF_8) : "]".getBytes(UTF_8));
    return list.toByteArray();
  }
}
