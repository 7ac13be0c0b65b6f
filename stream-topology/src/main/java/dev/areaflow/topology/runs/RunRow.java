package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.schemas.runs.RunId;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.rules.Kept;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Deferred;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Waiting;
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
    return new RowWriter(FORMAT)
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
        .rows(cause.events(), Kept::write)
        .toBytes();
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
    return new Run(id, subject, cause.with(row.rows(Kept::read)), transition, steps);
  }

  private static void writeStep(Step step, RowWriter row) {
    Call call = step.call();
    row.text(call.stepId())
        .text(call.service())
        .text(call.reaction())
        .optionalText(call.connectionId())
        .bytes(call.inputs());
    switch (step.state()) {
      case Running s -> {
        row.number(1);
        writeTries(s.tries(), row);
        row.instant(s.notAfter()).instant(s.dueAt());
        writeAnswer(s.last(), row);
      }
      case Waiting s -> {
        row.number(2);
        writeTries(s.tries(), row);
        row.instant(s.dueAt());
        writeAnswer(s.last(), row);
      }
      case Deferred s -> {
        row.number(3);
        writeTries(s.tries(), row);
        row.instant(s.dueAt());
        writeAnswer(s.last(), row);
      }
      case Succeeded s -> {
        row.number(4);
        writeTries(s.tries(), row);
        writeAnswer(s.answer(), row);
        row.instant(s.at());
      }
      case Failed s -> {
        row.number(5);
        writeTries(s.tries(), row);
        writeAnswer(s.answer(), row);
        row.instant(s.at());
      }
      case Skipped s -> row.number(6).instant(s.at());
      case Cancelled s -> {
        row.number(7);
        writeTries(s.tries(), row);
        writeAnswer(s.last(), row);
        row.instant(s.at());
      }
    }
  }

  private static Step readStep(RowReader row) {
    return new Step(
        new Call(row.text(), row.text(), row.text(), row.optionalText(), row.bytes()),
        readState(row));
  }

  private static StepState readState(RowReader row) {
    int kind = row.integer();
    return switch (kind) {
      case 1 -> new Running(tries(row), row.instant(), row.instant(), readAnswer(row));
      case 2 -> new Waiting(tries(row), row.instant(), answer(row));
      case 3 -> new Deferred(tries(row), row.instant(), readAnswer(row));
      case 4 -> new Succeeded(tries(row), answer(row), row.instant());
      case 5 -> new Failed(readTries(row), answer(row), row.instant());
      case 6 -> new Skipped(row.instant());
      case 7 -> new Cancelled(tries(row), readAnswer(row), row.instant());
      default -> throw new IllegalArgumentException("expected a state from 1 to 7, found " + kind);
    };
  }

  private static void writeTries(@Nullable Tries tries, RowWriter row) {
    row.bool(tries != null);
    if (tries != null) {
      row.instant(tries.startedAt()).number(tries.issued()).number(tries.failed());
      row.number(tries.unanswered().size());
      tries.unanswered().forEach(row::number);
    }
  }

  private static Tries tries(RowReader row) {
    Tries tries = readTries(row);
    if (tries == null) {
      throw new IllegalArgumentException("expected a step with tries");
    }
    return tries;
  }

  private static @Nullable Tries readTries(RowReader row) {
    return row.bool()
        ? new Tries(row.instant(), row.integer(), row.integer(), readNumbers(row))
        : null;
  }

  private static List<Integer> readNumbers(RowReader row) {
    Integer[] numbers = new Integer[row.integer()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = row.integer();
    }
    return List.of(numbers);
  }

  private static void writeAnswer(@Nullable Answer answer, RowWriter row) {
    row.bool(answer != null);
    if (answer != null) {
      ErrorClass errorClass = answer.errorClass();
      row.optionalNumber(answer.status())
          .optionalText(errorClass == null ? null : errorClass.name())
          .optionalText(answer.message())
          .optionalText(answer.response());
    }
  }

  private static Answer answer(RowReader row) {
    Answer answer = readAnswer(row);
    if (answer == null) {
      throw new IllegalArgumentException("expected a step with an answer");
    }
    return answer;
  }

  private static @Nullable Answer readAnswer(RowReader row) {
    if (!row.bool()) {
      return null;
    }
    Integer status = row.optionalNumber();
    String errorClass = row.optionalText();
    return new Answer(
        status,
        errorClass == null ? null : ErrorClass.valueOf(errorClass),
        row.optionalText(),
        row.optionalText());
  }
}
