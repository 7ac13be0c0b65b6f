package dev.areaflow.api.projections;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.schemas.avro.CollectedEvent;
import dev.areaflow.schemas.avro.RunRecord;
import dev.areaflow.schemas.avro.StepRecord;
import dev.areaflow.schemas.runs.RunId;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run log. A record replaces what is known of its run where its transition is greater, so that
 * a batch may hold several of one run, and any may come twice. Verdicts without a run are no runs,
 * and count for {@link RunFigures} alone.
 */
final class RunProjection implements Projection<RunRecord> {
  private static final Logger LOG = LoggerFactory.getLogger(RunProjection.class);
  private static final int MOST_EXCERPT_CHARACTERS = 1_024;
  private static final Duration PACE = Duration.ofMillis(200);
  private static final Duration HOUSEKEEPING = Duration.ofHours(1);

  private final RunPartitions partitions;
  private final Clock clock;
  private Instant nextHousekeeping = Instant.MIN;

  RunProjection(RunPartitions partitions, Clock clock) {
    this.partitions = partitions;
    this.clock = clock;
  }

  @Override
  public Topic<RunRecord> topic() {
    return Topics.RUNS;
  }

  /** Most runs end soon after they began. */
  @Override
  public Duration pace() {
    return PACE;
  }

  @Override
  public void prepare(List<RunRecord> batch) {
    partitions.ensure(
        batch.stream().filter(RunProjection::isRun).map(RunRecord::getStartedAt).toList());
    if (clock.instant().isAfter(nextHousekeeping)) {
      partitions.dropOld();
      nextHousekeeping = clock.instant().plus(HOUSEKEEPING);
    }
  }

  @Override
  public void apply(Handle handle, List<Placed<RunRecord>> batch) {
    RunFigures.add(handle, Placed.values(batch));
    Map<String, RunRecord> newest = new LinkedHashMap<>();
    for (RunRecord record : Placed.values(batch)) {
      if (isRun(record)) {
        newest.merge(
            record.getRunId(),
            record,
            (one, other) -> other.getTransition() > one.getTransition() ? other : one);
      }
    }
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    newest.values().forEach(record -> row(record).ifPresent(rows::add));
    if (rows.isEmpty()) {
      return;
    }
    handle
        .createUpdate(
            RunFigures.counting(
                "INSERT INTO runs AS r (started_at, id, owner_id, area_id, area_version, hook_id,"
                    + " event_id, event_partition, event_offset, generation, transition, status,"
                    + " detail, finished_at, events, steps, home,"
                    + " replay_id)"
                    + " SELECT started_at, id, owner_id, area_id, area_version, hook_id, event_id,"
                    + " event_partition, event_offset, generation, transition, status, detail,"
                    + " finished_at, events, steps, home, replay_id"
                    + " FROM json_to_recordset(CAST(:rows AS json)) AS (started_at timestamptz,"
                    + " id uuid, owner_id uuid, area_id uuid, area_version bigint, hook_id uuid,"
                    + " event_id text, event_partition integer, event_offset bigint,"
                    + " generation integer, transition integer, status text, detail text,"
                    + " finished_at timestamptz, events json, steps json, home text,"
                    + " replay_id uuid)"
                    + " ON CONFLICT (started_at, id) DO UPDATE SET transition = excluded.transition,"
                    + " status = excluded.status, detail = excluded.detail,"
                    + " finished_at = excluded.finished_at, steps = excluded.steps"
                    + " WHERE excluded.transition > r.transition"))
        .bind("rows", rows.toString())
        .execute();
  }

  private static boolean isRun(RunRecord record) {
    return switch (record.getStatus()) {
      case QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED -> true;
      case FILTERED, ERROR, DUPLICATE, KEPT, DROPPED, UNKNOWN -> false;
    };
  }

  private static Optional<ObjectNode> row(RunRecord record) {
    RunId id;
    List<UUID> ids = new ArrayList<>();
    try {
      id = RunId.parse(record.getRunId());
      for (String text : List.of(record.getOwnerId(), record.getAreaId(), record.getHookId())) {
        ids.add(UUID.fromString(text));
      }
    } catch (IllegalArgumentException e) {
      LOG.error(
          "{}: the run \"{}\" of the AREA \"{}\" has an id that is none and is left out: {}",
          Topics.RUNS.name(),
          record.getRunId(),
          record.getAreaId(),
          e.getMessage());
      return Optional.empty();
    }
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("started_at", id.startedAt().toString());
    row.put("id", id.toString());
    row.put("owner_id", ids.get(0).toString());
    row.put("area_id", ids.get(1).toString());
    row.put("area_version", record.getAreaVersion());
    row.put("hook_id", ids.get(2).toString());
    row.put("home", record.getHome().isEmpty() ? null : Columns.text(record.getHome()));
    row.put("replay_id", record.getReplayId().filter(RunProjection::isUuid).orElse(null));
    row.put("event_id", Columns.text(record.getEventId()));
    row.put("event_partition", record.getEventPartition());
    row.put("event_offset", record.getEventOffset());
    row.put("generation", record.getGeneration());
    row.put("transition", record.getTransition());
    row.put("status", word(record.getStatus()));
    row.put("detail", record.getDetail().map(Columns::text).orElse(null));
    row.put("finished_at", record.getFinishedAt().map(Instant::toString).orElse(null));
    ArrayNode events = row.putArray("events");
    record.getEvents().forEach(event -> events.add(event(event)));
    ArrayNode steps = row.putArray("steps");
    record.getSteps().forEach(step -> steps.add(step(step)));
    return Optional.of(row);
  }

  private static boolean isUuid(String replayId) {
    return Columns.uuid(Topics.RUNS, "replayId", replayId).isPresent();
  }

  /** An event of a rule as the API shows it. */
  private static ObjectNode event(CollectedEvent event) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", Columns.text(event.getId()))
        .put("hookId", event.getHookId())
        .put("arrivedAt", event.getArrivedAt().toString());
  }

  /** A step as the API shows it. */
  private static ObjectNode step(StepRecord step) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("id", step.getId());
    json.put("status", word(step.getStatus()));
    json.put("attempts", step.getAttempts());
    json.putNull("response");
    step.getResponseStatus()
        .ifPresent(
            status -> {
              ObjectNode response = json.putObject("response").put("status", status);
              step.getResponse().ifPresent(body -> response.put("excerpt", excerpt(body)));
            });
    json.putNull("error");
    step.getErrorClass()
        .ifPresent(
            errorClass ->
                json.putObject("error")
                    .put("class", word(errorClass))
                    .put("message", step.getErrorMessage().map(Columns::text).orElse("")));
    step.getNextAttemptAt().ifPresent(at -> json.put("nextAttemptAt", at.toString()));
    step.getStartedAt().ifPresent(at -> json.put("startedAt", at.toString()));
    step.getFinishedAt().ifPresent(at -> json.put("finishedAt", at.toString()));
    step.getBranch().ifPresent(branch -> json.put("branch", branch));
    step.getReason().ifPresent(reason -> json.put("reason", Columns.text(reason)));
    step.getItems()
        .ifPresent(
            items ->
                json.putObject("items")
                    .put("total", items.getTotal())
                    .put("succeeded", items.getSucceeded())
                    .put("failed", items.getFailed()));
    return json;
  }

  private static String excerpt(String text) {
    String kept =
        text.length() <= MOST_EXCERPT_CHARACTERS
            ? text
            : text.substring(0, MOST_EXCERPT_CHARACTERS);
    return Columns.text(kept);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
