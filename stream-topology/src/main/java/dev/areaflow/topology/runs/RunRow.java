package dev.areaflow.topology.runs;

import dev.areaflow.schemas.runs.RunId;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.rules.Kept;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/** How a run is written in its store. */
public final class RunRow {
  /** Of the values of the runs' store. */
  public static final Serde<Run> SERDE =
      Serdes.serdeFrom(
          (topic, run) -> run == null ? null : write(run),
          (topic, bytes) -> bytes == null ? null : read(bytes));

  private static final int FORMAT = 1;

  private RunRow() {}

  private static byte[] write(Run run) {
    Subject subject = run.subject();
    Cause cause = run.cause();
    RowWriter row =
        new RowWriter(FORMAT)
            .text(run.id().toString())
            .text(subject.home())
            .text(subject.areaId())
            .number(subject.version())
            .text(subject.ownerId())
            .text(cause.eventId())
            .text(cause.hookId())
            .number(cause.partition())
            .number(cause.offset())
            .instant(cause.acceptedAt())
            .instant(cause.recordedAt())
            .number(cause.generation())
            .number(run.transition())
            .rows(run.steps(), RunRow::writeStep)
            .rows(cause.events(), Kept::write);
    Guidance guidance = run.guidance();
    Cause.Replay replay = cause.replay();
    if (guidance != null) {
      GuidanceRow.write(guidance, row);
    } else if (replay != null) {
      row.bool(false);
    }
    if (replay != null) {
      row.bool(true).text(replay.id()).bool(replay.forced());
    }
    return row.toBytes();
  }

  private static Run read(byte[] bytes) {
    RowReader row = new RowReader(bytes, FORMAT);
    RunId id = RunId.parse(row.text());
    Subject subject = new Subject(row.text(), row.text(), row.number(), row.text());
    Cause cause =
        new Cause(
            row.text(),
            row.text(),
            row.integer(),
            row.number(),
            row.instant(),
            row.instant(),
            row.integer());
    int transition = row.integer();
    List<Step> steps = row.rows(RunRow::readStep);
    List<Kept> events = row.rows(Kept::read);
    @Nullable Guidance guidance = GuidanceRow.read(row);
    Cause.@Nullable Replay replay = row.bool() ? new Cause.Replay(row.text(), row.bool()) : null;
    return new Run(id, subject, cause.with(events, replay), transition, steps, guidance);
  }

  private static void writeStep(Step step, RowWriter row) {
    Call call = step.call();
    row.text(call.stepId())
        .text(call.service())
        .text(call.reaction())
        .optionalText(call.connectionId())
        .bytes(call.inputs());
    StateRow.write(step.state(), row);
    HandlingRow.write(call.handling(), row);
  }

  private static Step readStep(RowReader row) {
    Call call = new Call(row.text(), row.text(), row.text(), row.optionalText(), row.bytes());
    StepState state = StateRow.read(row);
    return new Step(
        new Call(
            call.stepId(),
            call.service(),
            call.reaction(),
            call.connectionId(),
            call.inputs(),
            HandlingRow.read(row)),
        state);
  }
}
