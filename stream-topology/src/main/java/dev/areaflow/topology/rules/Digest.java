package dev.areaflow.topology.rules;

import dev.areaflow.topology.rules.Memory.Collected;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Collects events and fires once for all of them.
 *
 * @param end when a digest ends that begins at a time, later than that
 * @param most with how many it ends at once, at most {@link Rule#MOST_EVENTS}
 */
public record Digest(UnaryOperator<Instant> end, int most) implements Rule {
  @Override
  public Turn on(@Nullable Memory before, Arrival arrival) {
    Kept event = arrival.event();
    Collected digest =
        before instanceof Collected begun
            ? new Collected(
                Stream.concat(begun.kept().stream(), Stream.of(event)).toList(), begun.until())
            : new Collected(List.of(event), end.apply(event.at()));
    return digest.kept().size() >= most
        ? Turn.fires(null, Firing.of(event.at(), digest.kept()))
        : Turn.keeps(digest);
  }

  @Override
  public Turn due(Memory before, Instant time) {
    return Turn.passes(null, Firing.of(time, before.events().toList()));
  }
}
