package dev.areaflow.benchmarks;

import org.HdrHistogram.Histogram;

/**
 * How well polls kept to their times. A hook has its turn once in each interval, always at the same
 * point of it.
 *
 * @param due turns within the time that was looked at
 * @param missed turns without a poll until the next one
 * @param extra polls beyond one for a turn
 * @param lateness of the first poll of a turn
 */
record Punctuality(long due, long missed, long extra, Latency lateness) {

  /**
   * Compares polls with turns.
   *
   * @param times when each hook was polled, in microseconds since 1970, ascending
   * @param turns a turn of each hook, any one, in microseconds since 1970
   * @param interval from one turn to the next, in microseconds
   * @param from the first instant to look at
   * @param to the first instant after that
   */
  static Punctuality of(long[][] times, long[] turns, long interval, long from, long to) {
    Histogram late = Latency.histogram();
    long due = 0;
    long missed = 0;
    long extra = 0;
    for (int hook = 0; hook < times.length; hook++) {
      int at = 0;
      long first = from + Math.floorMod(turns[hook] - from, interval);
      for (long turn = first; turn < to; turn += interval) {
        due++;
        while (at < times[hook].length && times[hook][at] < turn) {
          at++;
        }
        int begin = at;
        while (at < times[hook].length && times[hook][at] < turn + interval) {
          at++;
        }
        if (at == begin) {
          missed++;
        } else {
          late.recordValue(Latency.fitting(times[hook][begin] - turn));
          extra += at - begin - 1;
        }
      }
    }
    return new Punctuality(due, missed, extra, Latency.of(late));
  }
}
