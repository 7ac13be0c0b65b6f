package dev.areaflow.topology.runs;

import static java.util.Objects.requireNonNull;

import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.topology.runs.Guidance.Failing;
import dev.areaflow.topology.runs.StepState.Closed;
import java.time.Instant;
import java.util.Map;

/**
 * Leads a run whose steps wait for one another: its transitions, as those of {@link Run} are for
 * runs whose steps all begin with it. Functions of their arguments and of what the guide is made
 * of.
 *
 * @param script what the AREA says
 * @param materials what was kept of the run
 */
public record Guide(Script script, Materials materials, RetryPolicy policy, Instant now) {

  /** The run with all begun that can; one that waits for an earlier run waits no longer. */
  public Moved begin(Run run) {
    Walk walk = new Walk(this, run);
    walk.leaveQueue();
    return walk.end();
  }

  /** The run after an outcome; the same where it changes nothing. */
  public Moved on(Run run, Outcome outcome) {
    Walk walk = new Walk(this, run);
    walk.on(outcome);
    return walk.end();
  }

  /**
   * The run after a timer fired; the same where it waits for another time by now.
   *
   * @param part of the timer
   * @param at when the timer was due
   */
  public Moved due(Run run, String part, Instant at) {
    Walk walk = new Walk(this, run);
    walk.due(part, at);
    return walk.end();
  }

  /**
   * The run with what made it fail, or was stopped, and what was skipped beginning anew.
   *
   * @param place in the queue, where it has to wait for another run before; else 0
   */
  public Moved retry(Run run, long place) {
    Walk walk = new Walk(this, run);
    walk.beginAnew(place);
    return walk.end();
  }

  /** The same with more at hand. */
  public Guide with(Map<String, byte[]> kept) {
    return new Guide(
        script,
        part -> {
          byte[] young = kept.get(part);
          return young == null ? materials.find(part) : young;
        },
        policy,
        now);
  }

  /** Whether the AREA wants to tell of failures. */
  public boolean tells() {
    return !script.structure().plan().onError().isEmpty();
  }

  /** Whether the AREA wants to tell of the failure that a run has just ended with. */
  public boolean mayTell(Run run) {
    return tells()
        && requireNonNull(run.guidance()).failing() == null
        && run.hasFailed()
        && run.ordinary().stream()
            .allMatch(step -> step.state() instanceof Closed && !Run.isCancelled(step));
  }

  /**
   * The run with the steps begun that tell of its failure.
   *
   * @param since since when the AREA's runs fail
   */
  public Moved tell(Run run, Instant since) {
    RunError error = RunError.first(run, since).orElseThrow();
    Walk walk = new Walk(this, run);
    walk.tell(new Failing(error.step(), since));
    return walk.end();
  }
}
