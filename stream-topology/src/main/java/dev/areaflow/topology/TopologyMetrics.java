package dev.areaflow.topology;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.topology.decision.Verdict;
import dev.areaflow.topology.decision.Verdict.Admitted;
import dev.areaflow.topology.decision.Verdict.Erred;
import dev.areaflow.topology.decision.Verdict.Filtered;
import dev.areaflow.topology.decision.Verdict.Matched;
import dev.areaflow.topology.decision.Verdict.Repeated;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the topology counts; names and tags are public. Work of a transaction that is aborted and
 * done again counts twice. Safe for several threads.
 */
final class TopologyMetrics {
  private final Counter unmatched;
  private final Counter matched;
  private final Counter filtered;
  private final Counter erred;
  private final Counter repeated;
  private final Counter late;
  private final Counter timers;
  private final Counter deadLetters;
  private final Map<OutcomeKind, Counter> outcomes = new EnumMap<>(OutcomeKind.class);
  private final Map<RunStatus, Counter> finished = new ConcurrentHashMap<>();
  private final MeterRegistry registry;

  TopologyMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.unmatched =
        Counter.builder("areaflow.topology.events.unmatched")
            .description("Events at hooks without an active AREA")
            .register(registry);
    this.matched = verdict("matched");
    this.filtered = verdict("filtered");
    this.erred = verdict("error");
    this.repeated = verdict("duplicate");
    this.late =
        Counter.builder("areaflow.topology.outcomes.ignored")
            .description("Outcomes that changed nothing: late, repeated, or of a finished run")
            .register(registry);
    this.timers =
        Counter.builder("areaflow.topology.timers.fired")
            .description("Retries and deadlines that fell due")
            .register(registry);
    this.deadLetters =
        Counter.builder("areaflow.topology.dead.letters")
            .description("Records given up")
            .register(registry);
    for (OutcomeKind kind : OutcomeKind.values()) {
      outcomes.put(
          kind,
          Counter.builder("areaflow.topology.outcomes")
              .description("Outcomes that moved a run on")
              .tag("kind", kind.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  void unmatched() {
    unmatched.increment();
  }

  void decided(Verdict verdict) {
    switch (verdict) {
      case Matched _, Admitted _ -> matched.increment();
      case Filtered _ -> filtered.increment();
      case Erred _ -> erred.increment();
      case Repeated _ -> repeated.increment();
    }
  }

  void answered(Outcome outcome, boolean changed) {
    if (changed) {
      Objects.requireNonNull(outcomes.get(outcome.getKind())).increment();
    } else {
      late.increment();
    }
  }

  void fired() {
    timers.increment();
  }

  void finished(RunStatus status) {
    finished.computeIfAbsent(status, this::finishedCounter).increment();
  }

  /**
   * @param followed whether there was something to do
   */
  void requested(String kind, boolean followed) {
    Counter.builder("areaflow.topology.requests")
        .description("What people asked of runs, by whether there was something to do")
        .tag("kind", kind)
        .tag("result", followed ? "followed" : "ignored")
        .register(registry)
        .increment();
  }

  void deadLetter() {
    deadLetters.increment();
  }

  private Counter finishedCounter(RunStatus status) {
    return Counter.builder("areaflow.topology.runs.finished")
        .description("Runs that ended, by how")
        .tag("status", status.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  private Counter verdict(String result) {
    return Counter.builder("areaflow.topology.verdicts")
        .description("Decisions, one for each event and active AREA at its hook")
        .tag("result", result)
        .register(registry);
  }
}
