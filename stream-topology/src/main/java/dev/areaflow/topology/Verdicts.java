package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.topology.decision.Verdict;
import dev.areaflow.topology.decision.Verdict.Admitted;
import dev.areaflow.topology.decision.Verdict.Erred;
import dev.areaflow.topology.decision.Verdict.Filtered;
import dev.areaflow.topology.decision.Verdict.Matched;
import dev.areaflow.topology.decision.Verdict.Repeated;
import dev.areaflow.topology.runs.Cause;
import dev.areaflow.topology.runs.RunLog;
import dev.areaflow.topology.runs.Subject;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** What follows from verdicts: runs, what rules make of events, and what the run log is told. */
final class Verdicts {
  private final ProcessorContext<String, SpecificRecord> context;
  private final RunState runs;
  private final RunRules rules;
  private final TopologyMetrics metrics;

  Verdicts(
      ProcessorContext<String, SpecificRecord> context,
      RunState runs,
      RunRules rules,
      TopologyMetrics metrics) {
    this.context = context;
    this.runs = runs;
    this.rules = rules;
    this.metrics = metrics;
  }

  /**
   * Follows one.
   *
   * @param of what the AREA calls the event's action, where it has several, else empty
   */
  void follow(Verdict verdict, Event event, String of, Cause cause) {
    metrics.decided(verdict);
    switch (verdict) {
      case Matched matched ->
          runs.begin(matched, Instant.ofEpochMilli(context.currentSystemTimeMs()));
      case Admitted admitted -> follow(admitted, event, of, cause);
      case Filtered(var subject) -> log(subject, cause, RunStatus.FILTERED, null);
      case Erred(var subject, var detail) -> log(subject, cause, RunStatus.ERROR, detail);
      case Repeated(var subject) -> log(subject, cause, RunStatus.DUPLICATE, null);
    }
  }

  /** Tells that an event of a replay came where its AREA is not: whoever replays waits for it. */
  void ofNobody(String home, Event event, Cause cause) {
    Subject subject = new Subject(home, event.getOnlyArea().orElse(""), 0, event.getOwnerId());
    log(subject, cause, RunStatus.ERROR, "The AREA is disabled, or gone from here.");
  }

  private void follow(Admitted admitted, Event event, String of, Cause cause) {
    Subject subject = admitted.definition().subject();
    if (MatchEvents.isReplay(event)) {
      log(subject, cause, RunStatus.DROPPED, "A rule counts no event twice.");
      return;
    }
    switch (rules.on(admitted, event, of)) {
      case RunRules.Result.Taken(var fate) -> {
        switch (fate) {
          case FIRES -> {} // the run tells of it
          case KEPT -> log(subject, cause, RunStatus.KEPT, null);
          case DROPPED -> log(subject, cause, RunStatus.DROPPED, null);
        }
      }
      case RunRules.Result.Full(var detail) -> log(subject, cause, RunStatus.ERROR, detail);
    }
  }

  private void log(Subject subject, Cause cause, RunStatus status, @Nullable String detail) {
    RunRecord verdict = RunLog.verdict(subject, cause, status, detail);
    context.forward(
        new Record<>(verdict.getAreaId(), verdict, context.currentSystemTimeMs()),
        AreaflowTopology.WRITE_RUNS);
  }
}
