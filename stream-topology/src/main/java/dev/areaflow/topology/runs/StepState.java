package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.StepStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a step stands. {@link Open} states wait for an outcome or a time, {@link Closed} ones never
 * change again.
 */
public sealed interface StepState {

  /** How the run log calls it. */
  StepStatus status();

  /** Something will still happen, at the latest at {@link #dueAt}. */
  sealed interface Open extends StepState {
    Tries tries();

    /** When its timer fires. */
    Instant dueAt();

    /** What the last call brought, if there was one. */
    @Nullable Answer last();
  }

  /** The end. */
  sealed interface Closed extends StepState {
    Instant at();
  }

  /**
   * A command is on its way.
   *
   * @param notAfter no call starts after it
   * @param dueAt when the command counts as lost
   */
  record Running(Tries tries, Instant notAfter, Instant dueAt, @Nullable Answer last)
      implements Open {
    @Override
    public StepStatus status() {
      return StepStatus.RUNNING;
    }
  }

  /** The last call failed; the next is made when due. */
  record Waiting(Tries tries, Instant dueAt, Answer last) implements Open {
    @Override
    public StepStatus status() {
      return StepStatus.WAITING;
    }
  }

  /** The executors could not make the call yet and asked to be asked again when due. */
  record Deferred(Tries tries, Instant dueAt, @Nullable Answer last) implements Open {
    @Override
    public StepStatus status() {
      return StepStatus.RUNNING;
    }
  }

  /** The call succeeded. */
  record Succeeded(Tries tries, Answer answer, Instant at) implements Closed {
    @Override
    public StepStatus status() {
      return StepStatus.SUCCEEDED;
    }
  }

  /**
   * Given up.
   *
   * @param tries null where no command was ever issued
   */
  record Failed(@Nullable Tries tries, Answer answer, Instant at) implements Closed {
    @Override
    public StepStatus status() {
      return StepStatus.FAILED;
    }
  }

  /** Never begun, because of what happened before it. */
  record Skipped(Instant at) implements Closed {
    @Override
    public StepStatus status() {
      return StepStatus.SKIPPED;
    }
  }

  /** Stopped by a person. */
  record Cancelled(Tries tries, @Nullable Answer last, Instant at) implements Closed {
    @Override
    public StepStatus status() {
      return StepStatus.CANCELLED;
    }
  }
}
