package dev.areaflow.topology.decision;

import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.topology.runs.Script;
import dev.areaflow.topology.runs.Seen;
import dev.areaflow.topology.runs.Structure;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A plan over the events of one run, which are read when the first expression needs them. */
final class CompiledScript implements Script {
  private final CompiledPlan plan;
  private final Supplier<Bindings> events;
  private @Nullable Bindings read;

  CompiledScript(CompiledPlan plan, Supplier<Bindings> events) {
    this.plan = plan;
    this.events = events;
  }

  @Override
  public Structure structure() {
    return plan.structure();
  }

  @Override
  public boolean holds(String stepId, Seen seen) {
    return plan.step(stepId).holds(bindings(seen));
  }

  @Override
  public int choose(String stepId, Seen seen) {
    return plan.step(stepId).choose(bindings(seen));
  }

  @Override
  public Instant until(String stepId, Seen seen) {
    return plan.step(stepId).until(bindings(seen));
  }

  @Override
  public List<byte[]> items(String stepId, Seen seen) {
    return plan.step(stepId).items(bindings(seen));
  }

  @Override
  public byte[] inputs(String stepId, Seen seen, @Nullable ListItem item) {
    Bindings bindings = bindings(seen);
    byte[] inputs =
        plan.step(stepId)
            .inputs(item == null ? bindings : bindings.withItem(item.value(), item.index()));
    if (inputs.length > CompiledPlan.MAX_INPUT_BYTES) {
      throw new EvaluationException(
          "its inputs take %d bytes, more than the %d allowed; take less into them"
              .formatted(inputs.length, CompiledPlan.MAX_INPUT_BYTES));
    }
    return inputs;
  }

  private Bindings bindings(Seen seen) {
    Bindings known = read;
    if (known == null) {
      known = events.get();
      read = known;
    }
    Bindings all = known.withSteps(seen.steps());
    return seen.error().map(all::withError).orElse(all);
  }
}
