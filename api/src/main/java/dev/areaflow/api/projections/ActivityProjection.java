package dev.areaflow.api.projections;

import dev.areaflow.schemas.avro.HookActivity;
import dev.areaflow.schemas.topics.Topic;
import dev.areaflow.schemas.topics.Topics;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** What was delivered to each hook: counts, added up, and by the hour too. */
final class ActivityProjection implements Projection<HookActivity> {

  /** What one batch adds to one hook. */
  private static final class Sum {
    private Instant lastDeliveryAt = Instant.EPOCH;
    private long accepted;
    private long ignored;
    private final Map<String, Long> refused = new TreeMap<>();

    void add(HookActivity activity) {
      if (activity.getLastDeliveryAt().isAfter(lastDeliveryAt)) {
        lastDeliveryAt = activity.getLastDeliveryAt();
      }
      accepted += activity.getAccepted();
      ignored += activity.getIgnored();
      activity
          .getRefused()
          .forEach((reason, count) -> refused.merge(Columns.text(reason), count, Long::sum));
    }
  }

  /** An hour of a hook; what is reported together counts for the hour of its last delivery. */
  private record HookHour(UUID hook, Instant hour) implements Comparable<HookHour> {
    private static final Comparator<HookHour> ORDER =
        Comparator.comparing(HookHour::hook).thenComparing(HookHour::hour);

    static HookHour of(UUID hook, HookActivity activity) {
      return new HookHour(hook, activity.getLastDeliveryAt().truncatedTo(ChronoUnit.HOURS));
    }

    @Override
    public int compareTo(HookHour other) {
      return ORDER.compare(this, other);
    }
  }

  private static void addHours(Handle handle, Map<HookHour, Sum> hours) {
    if (hours.isEmpty()) {
      return;
    }
    PreparedBatch counts =
        handle.prepareBatch(
            "INSERT INTO hook_hours AS h"
                + " (owner_id, hour, hook_id, service, accepted, ignored, refused)"
                + " SELECT k.owner_id, CAST(:hour AS timestamptz), k.id, k.service,"
                + " CAST(:accepted AS bigint), CAST(:ignored AS bigint), CAST(:refused AS bigint)"
                + " FROM hooks k WHERE k.id = :hook"
                + " ON CONFLICT (owner_id, hour, hook_id) DO UPDATE SET"
                + " accepted = h.accepted + excluded.accepted,"
                + " ignored = h.ignored + excluded.ignored,"
                + " refused = h.refused + excluded.refused");
    hours.forEach(
        (at, sum) ->
            counts
                .bind("hook", at.hook())
                .bind("hour", at.hour().atOffset(ZoneOffset.UTC))
                .bind("accepted", sum.accepted)
                .bind("ignored", sum.ignored)
                .bind("refused", sum.refused.values().stream().mapToLong(Long::longValue).sum())
                .add());
    counts.execute();
  }

  @Override
  public Topic<HookActivity> topic() {
    return Topics.HOOK_ACTIVITY;
  }

  @Override
  public void apply(Handle handle, List<Placed<HookActivity>> batch) {
    Map<UUID, Sum> sums = new TreeMap<>();
    Map<HookHour, Sum> hours = new TreeMap<>();
    for (HookActivity activity : Placed.values(batch)) {
      Columns.uuid(topic(), "hookId", activity.getHookId())
          .ifPresent(
              id -> {
                sums.computeIfAbsent(id, _ -> new Sum()).add(activity);
                hours.computeIfAbsent(HookHour.of(id, activity), _ -> new Sum()).add(activity);
              });
    }
    addHours(handle, hours);
    PreparedBatch counts =
        handle.prepareBatch(
            "INSERT INTO hook_activity AS a (hook_id, last_delivery_at, accepted, ignored)"
                + " VALUES (:hook, :last, :accepted, :ignored)"
                + " ON CONFLICT (hook_id) DO UPDATE SET"
                + " last_delivery_at = greatest(a.last_delivery_at, excluded.last_delivery_at),"
                + " accepted = a.accepted + excluded.accepted,"
                + " ignored = a.ignored + excluded.ignored");
    PreparedBatch refusals =
        handle.prepareBatch(
            "INSERT INTO hook_refusals AS r (hook_id, reason, refused)"
                + " VALUES (:hook, :reason, :refused)"
                + " ON CONFLICT (hook_id, reason) DO UPDATE SET"
                + " refused = r.refused + excluded.refused");
    sums.forEach(
        (hook, sum) -> {
          counts
              .bind("hook", hook)
              .bind("last", sum.lastDeliveryAt.atOffset(ZoneOffset.UTC))
              .bind("accepted", sum.accepted)
              .bind("ignored", sum.ignored)
              .add();
          sum.refused.forEach(
              (reason, count) ->
                  refusals.bind("hook", hook).bind("reason", reason).bind("refused", count).add());
        });
    if (counts.size() > 0) {
      counts.execute();
    }
    if (refusals.size() > 0) {
      refusals.execute();
    }
  }
}
