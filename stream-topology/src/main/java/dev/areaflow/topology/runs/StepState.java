package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.StepStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a step stands. {@link Pending} and {@link Delayed} steps have not begun, {@link Open} ones
 * wait for an outcome or a time, {@link Closed} ones never change again by themselves.
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

    /** Whether the executors wait for a person to connect again, and so does whoever looks. */
    default boolean waitsForOwner() {
      Answer last = last();
      return last != null && last.errorClass() == ErrorClass.REAUTHORIZE;
    }
  }

  /** The end. */
  sealed interface Closed extends StepState {
    Instant at();

    /** Whether what it was to do was not done, or may not have been. */
    default boolean isFailure() {
      return status() == StepStatus.FAILED || status() == StepStatus.UNKNOWN;
    }
  }

  /**
   * It waits for other steps.
   *
   * @param issued attempts that were issued before it was to begin anew
   */
  record Pending(int issued) implements StepState {
    @Override
    public StepStatus status() {
      return StepStatus.PENDING;
    }
  }

  /** It could begin, and does when due. */
  record Delayed(int issued, Instant dueAt) implements StepState {
    @Override
    public StepStatus status() {
      return StepStatus.WAITING;
    }
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
      return waitsForOwner() ? StepStatus.WAITING : StepStatus.RUNNING;
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
      return waitsForOwner() ? StepStatus.WAITING : StepStatus.RUNNING;
    }
  }

  /**
   * It is repeated for the items of a list.
   *
   * @param active items that have begun and not ended, in their order
   * @param begunBefore attempts that were issued before it was to begin anew, of any item
   */
  record Looping(Loop loop, List<Item> active, int begunBefore) implements StepState {
    public Looping {
      active = List.copyOf(active);
    }

    @Override
    public StepStatus status() {
      return StepStatus.RUNNING;
    }

    Optional<Item> item(int index) {
      return active.stream().filter(item -> item.index() == index).findFirst();
    }
  }

  /**
   * One item that has begun and not ended.
   *
   * @param index of the item, from 0
   */
  record Item(int index, Open state) {}

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

  /**
   * Never begun, because of what happened before it.
   *
   * @param issued attempts that were issued before it was to begin anew
   */
  record Skipped(Instant at, int issued) implements Closed {
    @Override
    public StepStatus status() {
      return StepStatus.SKIPPED;
    }
  }

  /**
   * Stopped by a person.
   *
   * @param tries null where no command was ever issued
   */
  record Cancelled(@Nullable Tries tries, @Nullable Answer last, Instant at) implements Closed {
    @Override
    public StepStatus status() {
      return StepStatus.CANCELLED;
    }
  }

  /** Nobody knows whether its call was made, and it is not to be repeated. */
  record Unknown(Tries tries, Answer answer, Instant at) implements Closed {
    @Override
    public StepStatus status() {
      return StepStatus.UNKNOWN;
    }
  }

  /**
   * A choice was made.
   *
   * @param branch from 0; -1 for none
   */
  record Chosen(int branch, Instant at) implements Closed {
    @Override
    public StepStatus status() {
      return StepStatus.SUCCEEDED;
    }
  }

  /**
   * All items that began have ended.
   *
   * @param stopped whether a person stopped it before
   */
  record Looped(Loop loop, boolean stopped, Instant at) implements Closed {
    @Override
    public StepStatus status() {
      if (stopped) {
        return StepStatus.CANCELLED;
      }
      return loop.succeeded() == loop.total() ? StepStatus.SUCCEEDED : StepStatus.FAILED;
    }
  }
}
