package dev.areaflow.topology.rules;

import dev.areaflow.topology.rules.Memory.Passed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets at most so many events pass within any window. With one it lets the first of its key pass.
 *
 * @param most 1 to {@link Rule#MOST_EVENTS}
 * @param per the window's length
 */
public record Throttle(int most, Duration per) implements Rule {
  @Override
  public Turn on(@Nullable Memory before, Arrival arrival) {
    Instant now = arrival.event().at();
    List<Instant> times = new ArrayList<>();
    if (before instanceof Passed passed) {
      passed.times().stream().filter(time -> time.plus(per).isAfter(now)).forEach(times::add);
    }
    if (times.size() >= most) {
      return Turn.drops(before);
    }
    times.add(now);
    return Turn.fires(new Passed(times, now.plus(per)), Firing.of(now, List.of(arrival.event())));
  }

  @Override
  public Turn due(Memory before, Instant time) {
    return Turn.passes(null);
  }
}
