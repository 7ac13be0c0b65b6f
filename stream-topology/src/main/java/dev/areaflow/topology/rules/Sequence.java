package dev.areaflow.topology.rules;

import dev.areaflow.topology.rules.Memory.Begun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fires when an event for each member came, one after the other and all within a window, and starts
 * anew. Of each beginning the one that began last is remembered, which has the most time left:
 * whenever any events make the sequence, it fires.
 *
 * @param length how many members it has, at least 2
 * @param within from the first event, how soon the last must come
 */
public record Sequence(int length, Duration within) implements Rule {
  @Override
  public Turn on(@Nullable Memory before, Arrival arrival) {
    Kept event = arrival.event();
    List<List<Kept>> begun = new ArrayList<>(Collections.nCopies(length - 1, List.of()));
    if (before instanceof Begun known && !arrival.ends()) {
      for (List<Kept> beginning : known.beginnings()) {
        if (lasts(beginning, event.at())) {
          begun.set(beginning.size() - 1, beginning);
        }
      }
    }
    boolean counts = false;
    for (int member = length - 1; member >= 0; member--) { // an event is one member at most
      if (arrival.members().contains(member) && (member == 0 || !begun.get(member - 1).isEmpty())) {
        List<Kept> longer =
            member == 0
                ? List.of(event)
                : Stream.concat(begun.get(member - 1).stream(), Stream.of(event)).toList();
        if (member == length - 1) {
          return Turn.fires(null, Firing.of(event.at(), longer));
        }
        begun.set(member, longer);
        counts = true;
      }
    }
    Turn turn = waiting(begun);
    return counts ? Turn.keeps(turn.memory()) : Turn.drops(turn.memory());
  }

  /** Lets go of what cannot be completed any more. */
  @Override
  public Turn due(Memory before, Instant time) {
    return before instanceof Begun begun
        ? waiting(begun.beginnings().stream().filter(each -> lasts(each, time)).toList())
        : Turn.passes(null);
  }

  private boolean lasts(List<Kept> beginning, Instant now) {
    return !beginning.isEmpty() && beginning.getFirst().at().plus(within).isAfter(now);
  }

  private Turn waiting(List<List<Kept>> begun) {
    List<List<Kept>> there = begun.stream().filter(beginning -> !beginning.isEmpty()).toList();
    return Turn.passes(
        there.stream()
            .map(beginning -> beginning.getFirst().at().plus(within))
            .min(Instant::compareTo)
            .map(until -> new Begun(there, until))
            .orElse(null));
  }
}
