package dev.areaflow.topology.rules;

import dev.areaflow.topology.rules.Memory.Collected;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fires when something does not come in time. Either it is awaited after an event that asks for it,
 * and the first that asked counts until it came or the time is up; or it is awaited always, from
 * the last one on, and each silence makes one firing.
 *
 * @param within how soon it must come
 * @param isAsked whether an event must ask for it first
 */
public record Absence(Duration within, boolean isAsked) implements Rule {
  /** The member that asks. */
  public static final int AFTER = 0;

  /** The member that is awaited. */
  public static final int OF = 1;

  @Override
  public Optional<Memory> begin(Instant now) {
    return isAsked ? Optional.empty() : Optional.of(new Collected(List.of(), now.plus(within)));
  }

  @Override
  public Turn on(@Nullable Memory before, Arrival arrival) {
    Kept event = arrival.event();
    Set<Integer> members = arrival.members();
    if (!isAsked) {
      return members.contains(OF)
          ? Turn.keeps(new Collected(List.of(event), event.at().plus(within)))
          : Turn.drops(before);
    }
    @Nullable Memory waiting = members.contains(OF) ? null : before;
    if (members.contains(AFTER) && waiting == null) {
      return Turn.keeps(new Collected(List.of(event), event.at().plus(within)));
    }
    return members.contains(OF) ? Turn.keeps(null) : Turn.drops(before);
  }

  @Override
  public Turn due(Memory before, Instant time) {
    return Turn.passes(null, Firing.of(time, before.events().toList()));
  }
}
