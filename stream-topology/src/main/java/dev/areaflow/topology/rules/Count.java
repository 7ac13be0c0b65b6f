package dev.areaflow.topology.rules;

import dev.areaflow.topology.rules.Memory.Collected;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fires when so many events came within a window, with them, and starts anew.
 *
 * @param wanted 2 to {@link Rule#MOST_EVENTS}
 * @param within the window's length
 */
public record Count(int wanted, Duration within) implements Rule {
  @Override
  public Turn on(@Nullable Memory before, Arrival arrival) {
    Instant now = arrival.event().at();
    List<Kept> kept = new ArrayList<>(before == null ? List.of() : recent(before, now));
    kept.add(arrival.event());
    return kept.size() >= wanted
        ? Turn.fires(null, Firing.of(now, kept))
        : Turn.keeps(waiting(kept));
  }

  /** Lets go of what is too old to count. */
  @Override
  public Turn due(Memory before, Instant time) {
    List<Kept> rest = recent(before, time);
    return Turn.passes(rest.isEmpty() ? null : waiting(rest));
  }

  private List<Kept> recent(Memory before, Instant now) {
    return before.events().filter(event -> event.at().plus(within).isAfter(now)).toList();
  }

  private Collected waiting(List<Kept> kept) {
    return new Collected(kept, kept.getFirst().at().plus(within));
  }
}
