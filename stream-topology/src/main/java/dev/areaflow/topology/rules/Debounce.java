package dev.areaflow.topology.rules;

import dev.areaflow.topology.rules.Memory.Collected;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Waits until no event came for a while, and fires once for all of them.
 *
 * @param quiet how long none must come
 * @param atMost how long after the first it waits at most
 */
public record Debounce(Duration quiet, Duration atMost) implements Rule {
  @Override
  public Turn on(@Nullable Memory before, Arrival arrival) {
    Kept event = arrival.event();
    List<Kept> kept =
        before instanceof Collected waiting
            ? Stream.concat(waiting.kept().stream(), Stream.of(event)).toList()
            : List.of(event);
    if (kept.size() >= MOST_EVENTS) {
      return Turn.fires(null, Firing.of(event.at(), kept));
    }
    Instant calm = event.at().plus(quiet);
    Instant latest = kept.getFirst().at().plus(atMost);
    return Turn.keeps(new Collected(kept, calm.isBefore(latest) ? calm : latest));
  }

  @Override
  public Turn due(Memory before, Instant time) {
    return Turn.passes(null, Firing.of(time, before.events().toList()));
  }
}
