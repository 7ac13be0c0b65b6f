package dev.areaflow.topology.runs;

import dev.areaflow.schemas.avro.ErrorClass;
import dev.areaflow.topology.rows.RowReader;
import dev.areaflow.topology.rows.RowWriter;
import dev.areaflow.topology.runs.StepState.Cancelled;
import dev.areaflow.topology.runs.StepState.Chosen;
import dev.areaflow.topology.runs.StepState.Deferred;
import dev.areaflow.topology.runs.StepState.Delayed;
import dev.areaflow.topology.runs.StepState.Failed;
import dev.areaflow.topology.runs.StepState.Item;
import dev.areaflow.topology.runs.StepState.Looped;
import dev.areaflow.topology.runs.StepState.Looping;
import dev.areaflow.topology.runs.StepState.Open;
import dev.areaflow.topology.runs.StepState.Pending;
import dev.areaflow.topology.runs.StepState.Running;
import dev.areaflow.topology.runs.StepState.Skipped;
import dev.areaflow.topology.runs.StepState.Succeeded;
import dev.areaflow.topology.runs.StepState.Unknown;
import dev.areaflow.topology.runs.StepState.Waiting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a step's state is written: its kind, and what that kind has. */
final class StateRow {
  private StateRow() {}

  static void write(StepState state, RowWriter row) {
    switch (state) {
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
      case Skipped s -> row.number(6).instant(s.at()).number(s.issued());
      case Cancelled s -> {
        row.number(7);
        writeTries(s.tries(), row);
        writeAnswer(s.last(), row);
        row.instant(s.at());
      }
      case Pending s -> row.number(8).number(s.issued());
      case Delayed s -> row.number(9).number(s.issued()).instant(s.dueAt());
      case Looping s -> {
        row.number(10);
        writeLoop(s.loop(), row);
        row.rows(s.active(), StateRow::writeItem).number(s.begunBefore());
      }
      case Unknown s -> {
        row.number(11);
        writeTries(s.tries(), row);
        writeAnswer(s.answer(), row);
        row.instant(s.at());
      }
      case Chosen s -> row.number(12).number(s.branch()).instant(s.at());
      case Looped s -> {
        row.number(13);
        writeLoop(s.loop(), row);
        row.bool(s.stopped()).instant(s.at());
      }
    }
  }

  static StepState read(RowReader row) {
    int kind = row.integer();
    return switch (kind) {
      case 1 -> new Running(tries(row), row.instant(), row.instant(), readAnswer(row));
      case 2 -> new Waiting(tries(row), row.instant(), answer(row));
      case 3 -> new Deferred(tries(row), row.instant(), readAnswer(row));
      case 4 -> new Succeeded(tries(row), answer(row), row.instant());
      case 5 -> new Failed(readTries(row), answer(row), row.instant());
      case 6 -> new Skipped(row.instant(), row.integer());
      case 7 -> new Cancelled(readTries(row), readAnswer(row), row.instant());
      case 8 -> new Pending(row.integer());
      case 9 -> new Delayed(row.integer(), row.instant());
      case 10 -> new Looping(readLoop(row), row.rows(StateRow::readItem), row.integer());
      case 11 -> new Unknown(tries(row), answer(row), row.instant());
      case 12 -> new Chosen(row.integer(), row.instant());
      case 13 -> new Looped(readLoop(row), row.bool(), row.instant());
      default -> throw new IllegalArgumentException("expected a state from 1 to 13, found " + kind);
    };
  }

  private static void writeItem(Item item, RowWriter row) {
    row.number(item.index());
    write(item.state(), row);
  }

  private static Item readItem(RowReader row) {
    int index = row.integer();
    if (read(row) instanceof Open open) {
      return new Item(index, open);
    }
    throw new IllegalArgumentException("expected an item that has not ended");
  }

  private static void writeLoop(Loop loop, RowWriter row) {
    row.number(loop.total())
        .number(loop.next())
        .number(loop.succeeded())
        .bytes(loop.failed().toBytes())
        .bytes(loop.again().toBytes())
        .number(loop.issued())
        .instant(loop.startedAt());
    writeAnswer(loop.problem(), row);
  }

  private static Loop readLoop(RowReader row) {
    return new Loop(
        row.integer(),
        row.integer(),
        row.integer(),
        Indexes.of(row.bytes()),
        Indexes.of(row.bytes()),
        row.integer(),
        row.instant(),
        readAnswer(row));
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
