package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.avro.HookActivity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Counts of what became of the deliveries of each hook since the last report. Holds a bounded
 * number of hooks: what happens at further ones until the next report is not counted.
 *
 * <p>Safe for several threads.
 */
final class HookTallies {
  private final ConcurrentMap<String, Tally> byHook = new ConcurrentHashMap<>();
  private final int mostHooks;

  HookTallies(int mostHooks) {
    this.mostHooks = mostHooks;
  }

  private static final class Tally {
    private Instant lastDeliveryAt = Instant.EPOCH;
    private long accepted;
    private long ignored;
    private final Map<String, Long> refused = new HashMap<>();
  }

  void accepted(String hookId, Instant at) {
    change(hookId, at, tally -> tally.accepted++);
  }

  void ignored(String hookId, Instant at) {
    change(hookId, at, tally -> tally.ignored++);
  }

  /**
   * Counts a refusal.
   *
   * @param reason one of a few words, never anything that the sender chose
   */
  void refused(String hookId, Instant at, String reason) {
    change(hookId, at, tally -> tally.refused.merge(reason, 1L, Long::sum));
  }

  /** Adds counts back that could not be reported. */
  void add(HookActivity activity) {
    change(
        activity.getHookId(),
        activity.getLastDeliveryAt(),
        tally -> {
          tally.accepted += activity.getAccepted();
          tally.ignored += activity.getIgnored();
          activity
              .getRefused()
              .forEach((reason, count) -> tally.refused.merge(reason, count, Long::sum));
        });
  }

  /** Takes all counts out. */
  List<HookActivity> take() {
    List<HookActivity> taken = new ArrayList<>();
    for (String hookId : List.copyOf(byHook.keySet())) {
      byHook.computeIfPresent(
          hookId,
          (id, tally) -> {
            taken.add(
                HookActivity.newBuilder()
                    .setHookId(id)
                    .setLastDeliveryAt(tally.lastDeliveryAt)
                    .setAccepted(tally.accepted)
                    .setIgnored(tally.ignored)
                    .setRefused(tally.refused)
                    .build());
            return null;
          });
    }
    return taken;
  }

  private interface Change {
    void apply(Tally tally);
  }

  private void change(String hookId, Instant at, Change change) {
    if (byHook.size() >= mostHooks && !byHook.containsKey(hookId)) {
      return;
    }
    byHook.compute(
        hookId,
        (id, held) -> {
          Tally tally = held == null ? new Tally() : held;
          if (at.isAfter(tally.lastDeliveryAt)) {
            tally.lastDeliveryAt = at;
          }
          change.apply(tally);
          return tally;
        });
  }
}
