package dev.areaflow.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * What the engine did.
 *
 * @param events of each measurement
 */
record EngineReport(
    Machine machine, int events, List<OfRule> rules, List<OfAreas> areas, List<Restart> restarts) {
  private static final double MEBIBYTE = 1024.0 * 1024.0;

  /** By how much the rate with the most AREAs may be below that with the fewest. */
  private static final double MOST_LOST = 0.15;

  /**
   * One rule.
   *
   * @param first events a second while each brings a new key
   * @param then events a second over keys that are known
   * @param micros processor time of an event then, of the topology's process
   * @param bytes by which its stores grew on disk
   */
  record OfRule(String rule, int keys, double first, double then, double micros, long bytes) {}

  /**
   * A number of stored AREAs.
   *
   * @param perSecond AREAs that were taken in a second
   * @param few events a second where a thousand hooks have all
   * @param all events a second where all hooks have them, by chance
   * @param micros processor time of an event of few
   * @param bytes of all stores
   */
  record OfAreas(int areas, double perSecond, double few, double all, double micros, long bytes) {}

  /**
   * A kill.
   *
   * @param where the program started again
   * @param bytes of all stores before
   * @param seconds until events were decided in each partition
   */
  record Restart(String where, long bytes, double seconds) {}

  /** Markdown tables. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append("| rule | keys | new keys/s | events/s | CPU per event, µs | state, MiB |\n")
        .append("|---|---|---|---|---|---|\n");
    rules.forEach(
        rule ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "| %s | %d | %.0f | %.0f | %.0f | %.1f |%n",
                    rule.rule(),
                    rule.keys(),
                    rule.first(),
                    rule.then(),
                    rule.micros(),
                    rule.bytes() / MEBIBYTE)));
    text.append("\n| stored AREAs | taken in/s | events/s at 1000 hooks | at all hooks ")
        .append("| CPU per event, µs | all state, MiB |\n|---|---|---|---|---|---|\n");
    areas.forEach(
        of ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "| %d | %.0f | %.0f | %.0f | %.0f | %.1f |%n",
                    of.areas(),
                    of.perSecond(),
                    of.few(),
                    of.all(),
                    of.micros(),
                    of.bytes() / MEBIBYTE)));
    if (areas.size() > 1) {
      double share = areas.getLast().few() / areas.getFirst().few();
      text.append(
          String.format(
              Locale.ROOT,
              "%nWith the most AREAs the rate is %.0f %% of that with the fewest (target ≥ %.0f %%: %s).%n",
              share * 100,
              (1 - MOST_LOST) * 100,
              share >= 1 - MOST_LOST ? "met" : "not met"));
    }
    text.append("\n| killed and started again | state before, MiB | until it decides, s |\n")
        .append("|---|---|---|\n");
    restarts.forEach(
        restart ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %.1f |%n",
                    restart.where(),
                    restart.bytes() / MEBIBYTE,
                    restart.seconds())));
    text.append(String.format(Locale.ROOT, "%n%s; %d events a measurement%n", machine, events));
    return text.toString();
  }
}
