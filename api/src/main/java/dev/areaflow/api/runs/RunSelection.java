package dev.areaflow.api.runs;

import dev.areaflow.schemas.runs.RunId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Which of an owner's runs a request is about: all for which everything given holds.
 *
 * @param area of this AREA
 * @param status in this state
 * @param from begun then or later
 * @param to begun before then
 * @param errorClass where a step, or {@code step}, failed like this
 * @param step where this step failed
 */
record RunSelection(
    Optional<UUID> area,
    Optional<String> status,
    Optional<Instant> from,
    Optional<Instant> to,
    Optional<String> errorClass,
    Optional<String> step) {

  /**
   * The condition on runs r, in SQL.
   *
   * @param after the run after which the selection begins
   */
  String sql(Optional<RunId> after) {
    return (area.isPresent() ? " AND r.area_id = :area" : "")
        + (status.isPresent() ? " AND r.status = :status" : "")
        + (from.isPresent() ? " AND r.started_at >= :from" : "")
        + (to.isPresent() ? " AND r.started_at < :to" : "")
        + (errorClass.isPresent() || step.isPresent()
            ? " AND EXISTS (SELECT 1 FROM json_array_elements(r.steps) s"
                + " WHERE s->'error'->>'class' IS NOT NULL"
                + (errorClass.isPresent() ? " AND s->'error'->>'class' = :errorClass" : "")
                + (step.isPresent() ? " AND s->>'id' = :step" : "")
                + ")"
            : "")
        + (after.isPresent()
            ? " AND (r.started_at, r.id) > (:afterTime, :afterId) AND r.started_at >= :afterTime"
            : "");
  }

  /** What {@link #sql} names. */
  Map<String, Object> parameters(Optional<RunId> after) {
    Map<String, Object> parameters = new HashMap<>();
    area.ifPresent(of -> parameters.put("area", of));
    status.ifPresent(in -> parameters.put("status", in));
    from.ifPresent(time -> parameters.put("from", RunRequests.column(time)));
    to.ifPresent(time -> parameters.put("to", RunRequests.column(time)));
    errorClass.ifPresent(of -> parameters.put("errorClass", of));
    step.ifPresent(of -> parameters.put("step", of));
    after.ifPresent(
        run -> {
          parameters.put("afterTime", RunRequests.column(run.startedAt()));
          parameters.put("afterId", run.value());
        });
    return parameters;
  }
}
