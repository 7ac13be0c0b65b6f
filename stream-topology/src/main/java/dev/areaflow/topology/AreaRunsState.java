package dev.areaflow.topology;

import dev.areaflow.topology.rows.HomeKey;
import dev.areaflow.topology.runs.AreaRuns;
import dev.areaflow.topology.runs.Run;
import dev.areaflow.topology.runs.Subject;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/** What is known of the runs of each AREA together, and the queues of those that go on singly. */
final class AreaRunsState {
  private final KeyValueStore<HomeKey, AreaRuns> areas;
  private final KeyValueStore<HomeKey, String> queue;

  AreaRunsState(ProcessorContext<?, ?> context) {
    this.areas = context.getStateStore(TaskStores.AREA_RUNS);
    this.queue = context.getStateStore(TaskStores.RUN_QUEUE);
  }

  AreaRuns of(Subject subject) {
    AreaRuns found = areas.get(key(subject));
    return found == null ? AreaRuns.NONE : found;
  }

  void change(Subject subject, UnaryOperator<AreaRuns> change) {
    AreaRuns before = of(subject);
    AreaRuns after = change.apply(before);
    if (!after.equals(before)) {
      areas.put(key(subject), after.isNothing() ? null : after);
    }
  }

  /** A run begins to wait, at the place that it has already. */
  void enqueue(Run run) {
    queue.put(place(run.subject(), place(run)), run.id().toString());
    change(run.subject(), area -> area.queued(run));
  }

  /** A run waits no longer. */
  void dequeue(Run run) {
    long place = place(run);
    queue.delete(place(run.subject(), place));
    change(
        run.subject(),
        area -> place == area.first() ? area.left(run).from(place + 1) : area.left(run));
  }

  /** The run that has waited longest. */
  Optional<String> first(Subject subject) {
    AreaRuns area = of(subject);
    if (area.waiting() == 0) {
      return Optional.empty();
    }
    try (var waiting = queue.range(place(subject, area.first()), place(subject, Long.MAX_VALUE))) {
      return waiting.hasNext() ? Optional.of(waiting.next().value) : Optional.empty();
    }
  }

  private static long place(Run run) {
    return run.guidance() == null ? 0 : run.guidance().place();
  }

  private static HomeKey key(Subject subject) {
    return new HomeKey(subject.home(), subject.areaId());
  }

  /** Keys lie in the order of the places. */
  private static HomeKey place(Subject subject, long place) {
    return new HomeKey(subject.home(), subject.areaId() + "\0%016x".formatted(place));
  }
}
