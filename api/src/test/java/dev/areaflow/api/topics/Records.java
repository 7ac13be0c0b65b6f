package dev.areaflow.api.topics;

import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.RunStatus;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.schemas.runs.RunId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Records for tests, as the other roles write them. */
public final class Records {
  private Records() {}

  public static Event event(UUID hook, String id, String payload) {
    return new Event(
        id,
        hook.toString(),
        UUID.randomUUID().toString(),
        "webhook",
        "received",
        Instant.parse("2026-03-01T12:00:00Z"),
        Instant.parse("2026-03-01T12:00:00Z"),
        EventSource.WEBHOOK,
        false,
        ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)),
        0,
        null);
  }

  /** A run of version 1, running, to be refined. */
  public static Run run(UUID owner, UUID area, UUID hook, String eventId, Instant startedAt) {
    return new Run(
        owner, area, hook, eventId, startedAt, 0, 0, 0, RunStatus.RUNNING, List.of(), null);
  }

  /** What a run record is made of. */
  public record Run(
      UUID owner,
      UUID area,
      UUID hook,
      String eventId,
      Instant startedAt,
      int partition,
      long offset,
      int transition,
      RunStatus status,
      List<StepRecord> steps,
      @Nullable String detail) {
    public Run {
      steps = List.copyOf(steps);
    }

    public Run status(RunStatus other) {
      return new Run(
          owner,
          area,
          hook,
          eventId,
          startedAt,
          partition,
          offset,
          transition,
          other,
          steps,
          detail);
    }

    public Run transition(int other) {
      return new Run(
          owner, area, hook, eventId, startedAt, partition, offset, other, status, steps, detail);
    }

    public Run at(int otherPartition, long otherOffset) {
      return new Run(
          owner,
          area,
          hook,
          eventId,
          startedAt,
          otherPartition,
          otherOffset,
          transition,
          status,
          steps,
          detail);
    }

    public Run steps(StepRecord... others) {
      return new Run(
          owner,
          area,
          hook,
          eventId,
          startedAt,
          partition,
          offset,
          transition,
          status,
          List.of(others),
          detail);
    }

    public Run detail(String other) {
      return new Run(
          owner,
          area,
          hook,
          eventId,
          startedAt,
          partition,
          offset,
          transition,
          status,
          steps,
          other);
    }

    public RunId id() {
      return RunId.of(startedAt, area.toString(), 1, hook.toString(), eventId, 0);
    }

    public RunRecord build() {
      boolean finished = status != RunStatus.RUNNING;
      return new RunRecord(
          id().toString(),
          area.toString(),
          1L,
          owner.toString(),
          hook.toString(),
          hook.toString(),
          eventId,
          partition,
          offset,
          startedAt,
          0,
          transition,
          status,
          detail,
          startedAt,
          finished ? startedAt.plusSeconds(1) : null,
          List.of(new CollectedEvent(eventId, hook.toString(), partition, offset, startedAt)),
          steps);
    }
  }
}
