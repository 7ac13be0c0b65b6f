package dev.areaflow.topology.rules;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An event that comes to a rule, with what the AREA's expressions say of it.
 *
 * @param event the event
 * @param members which of the rule's conditions hold, by number; of a sequence its members from 0,
 *     of an absence {@link Absence#AFTER} and {@link Absence#OF}
 * @param ends whether it ends a sequence that has begun
 * @param value what a {@link Change} watches; null for other rules
 */
public record Arrival(Kept event, Set<Integer> members, boolean ends, @Nullable JsonNode value) {
  public Arrival {
    members = Set.copyOf(members);
  }

  /** An event of which a rule needs to know nothing more. */
  public static Arrival of(Kept event) {
    return new Arrival(event, Set.of(), false, null);
  }
}
