package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.avro.HookActivity;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts of what became of the deliveries of each hook since the last report. Holds a bounded
 * number of hooks: what happens at further ones until the next report is not counted.
 *
 * <p>Safe for several threads.
 */
final class HookTallies {
  private final int mostHooks;
  private Map<String, Tally> byHook = new HashMap<>();

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
    Map<String, Tally> taken;
    synchronized (this) {
      taken = byHook;
      byHook = new HashMap<>();
    }
    return taken.entrySet().stream().map(of -> activity(of.getKey(), of.getValue())).toList();
  }

  private static HookActivity activity(String hookId, Tally tally) {
    return HookActivity.newBuilder()
        .setHookId(hookId)
        .setLastDeliveryAt(tally.lastDeliveryAt)
        .setAccepted(tally.accepted)
        .setIgnored(tally.ignored)
        .setRefused(tally.refused)
        .build();
  }

  private interface Change {
    void apply(Tally tally);
  }

  private synchronized void change(String hookId, Instant at, Change change) {
    if (byHook.size() >= mostHooks && !byHook.containsKey(hookId)) {
      return;
    }
    Tally tally = byHook.computeIfAbsent(hookId, id -> new Tally());
    if (at.isAfter(tally.lastDeliveryAt)) {
      tally.lastDeliveryAt = at;
    }
    change.apply(tally);
  }
}
