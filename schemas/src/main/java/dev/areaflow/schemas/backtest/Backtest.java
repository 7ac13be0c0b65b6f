package dev.areaflow.schemas.backtest;

import dev.areaflow.schemas.rows.AreaRow;
import java.time.Instant;
import java.util.Map;

/**
 * What to try on past events. All times are those of arrival, as the broker stamped them.
 *
 * @param area the AREA as it would be stored; where its hooks are says what is read
 * @param begin from when on rules see events; those of before {@code from} only warm them up
 * @param from from when on what happens is told
 * @param to until when, exclusive
 * @param selection which of the events are taken
 * @param manner as what they come
 * @param samples what each step's call is taken to have answered, in JSON, by the step's id
 */
public record Backtest(
    AreaRow area,
    Instant begin,
    Instant from,
    Instant to,
    Selection selection,
    Manner manner,
    Map<String, String> samples) {

  /** As what events come to an AREA. */
  public enum Manner {
    /** As they came when they were new. */
    LIVE,
    /** As those of a replay, which leaves out reactions that are not safe to repeat. */
    REPLAY,
    /** As those of a replay that is forced. */
    FORCED_REPLAY
  }

  public Backtest {
    samples = Map.copyOf(samples);
    if (begin.isAfter(from) || !from.isBefore(to)) {
      throw new IllegalArgumentException(
          "expected begin, from and to in this order, found %s, %s, %s".formatted(begin, from, to));
    }
  }

  /** Of all events, as they came. */
  public Backtest(
      AreaRow area, Instant begin, Instant from, Instant to, Map<String, String> samples) {
    this(area, begin, from, to, Selection.ALL, Manner.LIVE, samples);
  }
}
