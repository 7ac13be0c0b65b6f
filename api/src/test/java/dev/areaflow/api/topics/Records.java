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
    Instant at = Instant.parse("2026-03-01T12:00:00Z");
    return Event.newBuilder()
        .setId(id)
        .setHookId(hook.toString())
        .setOwnerId(UUID.randomUUID().toString())
        .setService("webhook")
        .setAction("received")
        .setTime(at)
        .setReceivedAt(at)
        .setSource(EventSource.WEBHOOK)
        .setPayload(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)))
        .build();
  }

  /** A run of version 1, running, to be refined. */
  public static Run run(UUID owner, UUID area, UUID hook, String eventId, Instant startedAt) {
    return new Run(
        owner,
        area,
        hook,
        eventId,
        startedAt,
        0,
        0,
        0,
        0,
        RunStatus.RUNNING,
        List.of(),
        null,
        null);
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
      int generation,
      int transition,
      RunStatus status,
      List<StepRecord> steps,
      @Nullable String detail,
      @Nullable UUID home) {
    public Run {
      steps = List.copyOf(steps);
    }

    public Run status(RunStatus other) {
      return with(partition, offset, generation, transition, other, steps, detail, home);
    }

    public Run transition(int other) {
      return with(partition, offset, generation, other, status, steps, detail, home);
    }

    public Run at(int otherPartition, long otherOffset) {
      return with(otherPartition, otherOffset, generation, transition, status, steps, detail, home);
    }

    public Run generation(int other) {
      return with(partition, offset, other, transition, status, steps, detail, home);
    }

    public Run steps(StepRecord... others) {
      return with(partition, offset, generation, transition, status, List.of(others), detail, home);
    }

    public Run detail(String other) {
      return with(partition, offset, generation, transition, status, steps, other, home);
    }

    /** Its state lives elsewhere than at its hook. */
    public Run home(UUID other) {
      return with(partition, offset, generation, transition, status, steps, detail, other);
    }

    private Run with(
        int newPartition,
        long newOffset,
        int newGeneration,
        int newTransition,
        RunStatus newStatus,
        List<StepRecord> newSteps,
        @Nullable String newDetail,
        @Nullable UUID newHome) {
      return new Run(
          owner,
          area,
          hook,
          eventId,
          startedAt,
          newPartition,
          newOffset,
          newGeneration,
          newTransition,
          newStatus,
          newSteps,
          newDetail,
          newHome);
    }

    public RunId id() {
      return RunId.of(startedAt, area.toString(), 1, hook.toString(), eventId, generation);
    }

    public RunRecord build() {
      boolean finished = status != RunStatus.RUNNING && status != RunStatus.QUEUED;
      return new RunRecord(
          id().toString(),
          area.toString(),
          1L,
          owner.toString(),
          (home == null ? hook : home).toString(),
          hook.toString(),
          eventId,
          partition,
          offset,
          startedAt,
          generation,
          transition,
          status,
          detail,
          startedAt,
          finished ? startedAt.plusSeconds(1) : null,
          List.of(new CollectedEvent(eventId, hook.toString(), partition, offset, startedAt)),
          steps,
          null);
    }
  }
}
