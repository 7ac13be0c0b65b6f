package dev.areaflow.topology.runs;

import static dev.areaflow.topology.runs.Samples.NOW;
import static dev.areaflow.topology.runs.Samples.POLICY;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.avro.Outcome;
import dev.areaflow.schemas.avro.OutcomeKind;
import dev.areaflow.topology.rows.Timer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A guided run with what is kept of it, as the topology would keep it, rows and all. */
final class GuidedRun {
  private final Script script;
  private final Map<String, byte[]> kept = new HashMap<>();
  private final Set<Timer> timers = new HashSet<>();
  private final List<Command> commands = new ArrayList<>();
  private Run run;
  private Instant now = NOW;
  private int shown;
  private int mostBytes;

  GuidedRun(Script script) {
    this.script = script;
    this.run = Run.guided(Samples.SUBJECT, Samples.CAUSE, script.structure().calls(), false);
  }

  Run run() {
    return run;
  }

  Instant now() {
    return now;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  void begin() {
    apply(null, guide().begin(run));
  }

  void answer(Outcome outcome) {
    apply(run, guide().on(run, outcome));
  }

  void succeed(String step, @Nullable String output) {
    succeed(step, null, output);
  }

  void succeed(String step, @Nullable Integer item, @Nullable String output) {
    answer(
        outcome(step, item)
            .setKind(OutcomeKind.SUCCEEDED)
            .setStatus(200)
            .setOutput(output == null ? null : ByteBuffer.wrap(output.getBytes(UTF_8)))
            .build());
  }

  void fail(String step) {
    fail(step, null);
  }

  void fail(String step, @Nullable Integer item) {
    answer(failure(step, item, ErrorClass.PERMANENT));
  }

  void retryable(String step, @Nullable Integer item) {
    answer(failure(step, item, ErrorClass.RETRYABLE));
  }

  private Outcome failure(String step, @Nullable Integer item, ErrorClass errorClass) {
    return outcome(step, item)
        .setKind(OutcomeKind.FAILED)
        .setErrorClass(errorClass)
        .setStatus(503)
        .setMessage("it did not work")
        .build();
  }

  /** Answers the newest command of a step. */
  Outcome.Builder outcome(String step, @Nullable Integer item) {
    int attempt =
        commands.stream()
            .filter(c -> c.getStepId().equals(step) && c.getItem().orElse(-1) == id(item))
            .mapToInt(Command::getAttempt)
            .max()
            .orElse(1);
    return Outcome.newBuilder()
        .setCommandId(item == null ? run.commandId(step) : run.commandId(step, item))
        .setHome(run.subject().home())
        .setRunId(run.id().toString())
        .setStepId(step)
        .setItem(item)
        .setAttempt(attempt);
  }

  private static int id(@Nullable Integer item) {
    return item == null ? -1 : item;
  }

  void fireNextTimer() {
    Timer timer = timers.stream().min(Comparator.comparing(Timer::dueAt)).orElseThrow();
    if (timer.dueAt().isAfter(now)) {
      now = timer.dueAt();
    }
    apply(run, guide().due(run, timer.part(), timer.dueAt()));
  }

  boolean mayTell() {
    return guide().mayTell(run);
  }

  void tell(Instant since) {
    apply(run, guide().tell(run, since));
  }

  void retry() {
    apply(run, guide().retry(run, 0));
  }

  void cancel() {
    apply(run, Moved.of(run.cancel(now)));
  }

  private Guide guide() {
    return new Guide(script, kept::get, POLICY, now);
  }

  private void apply(@Nullable Run before, Moved moved) {
    Change change = Change.between(before, moved);
    kept.putAll(change.kept());
    if (!timers.containsAll(change.cleared())) {
      throw new AssertionError("expected to clear timers that are set, " + change.cleared());
    }
    timers.removeAll(change.cleared());
    timers.addAll(change.set());
    commands.addAll(change.commands());
    shown += change.log().isPresent() ? 1 : 0;
    byte[] row = RunRow.SERDE.serializer().serialize("", change.run());
    mostBytes = Math.max(mostBytes, row.length);
    run = RunRow.SERDE.deserializer().deserialize("", row);
    if (!run.equals(change.run())) {
      throw new AssertionError("expected " + change.run() + ", read " + run);
    }
  }

  /** All that were issued, as {@code step#attempt} or {@code step.item#attempt}. */
  List<String> commands() {
    return commands.stream()
        .map(c -> c.getId().substring(run.id().toString().length() + 1) + "#" + c.getAttempt())
        .toList();
  }

  Command lastCommand() {
    return commands.getLast();
  }

  /** Inputs of the newest command of a step or an item. */
  String inputs(String step) {
    return commands.reversed().stream()
        .filter(c -> c.getId().equals(run.commandId(step)))
        .findFirst()
        .map(c -> UTF_8.decode(c.getInputs().duplicate()).toString())
        .orElseThrow();
  }

  Set<Timer> timers() {
    return timers;
  }

  Set<String> keptParts() {
    return kept.keySet();
  }

  int shown() {
    return shown;
  }

  /** The largest that the run's row ever was. */
  int mostBytes() {
    return mostBytes;
  }
}
