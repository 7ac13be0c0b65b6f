package dev.areaflow.topology.runs;

import dev.areaflow.schemas.rows.Plan;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a step does: all that its commands need, so that an edit of the AREA does not change a run
 * in flight.
 *
 * @param stepId the reaction's id within its AREA
 * @param service service id; empty of a choice
 * @param reaction reaction id; empty of a choice
 * @param connectionId the connection to use; null where the service needs none
 * @param inputs the reaction's inputs, rendered, as UTF-8 JSON; empty where they could not be, and
 *     where they are rendered whenever a command is issued
 * @param handling how calls are made, and what a failure means
 */
public record Call(
    String stepId,
    String service,
    String reaction,
    @Nullable String connectionId,
    ByteBuffer inputs,
    Handling handling) {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /** A call that is handled as usual. */
  public Call(
      String stepId,
      String service,
      String reaction,
      @Nullable String connectionId,
      ByteBuffer inputs) {
    this(stepId, service, reaction, connectionId, inputs, Handling.USUAL);
  }

  /** The call of a step whose inputs are rendered when they are needed. */
  public static Call of(Plan.Step plan) {
    return new Call(
        plan.id(),
        plan.service(),
        plan.reaction(),
        plan.connectionId(),
        NOTHING,
        Handling.of(plan.flow()));
  }

  /** The same of a run that leaves out what is not safe to repeat, if the step is not. */
  public static Call ofReplay(Plan.Step plan) {
    Call call = of(plan);
    boolean isChoice = plan.service().isEmpty();
    return isChoice || plan.replaySafe()
        ? call
        : new Call(
            call.stepId,
            call.service,
            call.reaction,
            call.connectionId,
            NOTHING,
            call.handling.withhold());
  }

  /** The same without inputs. */
  public Call withoutInputs() {
    return new Call(stepId, service, reaction, connectionId, NOTHING, handling);
  }
}
