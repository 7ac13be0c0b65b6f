package dev.areaflow.topology;

import dev.areaflow.expressions.Bindings;
import dev.areaflow.expressions.Condition;
import dev.areaflow.expressions.EvaluationException;
import dev.areaflow.expressions.Expressions;
import dev.areaflow.expressions.Meta;
import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.backtest.Selection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Which events a backtest or a replay takes. For one thread. */
final class SelectedEvents {
  private final boolean isOfIds;
  private final Set<String> sought;
  private final Optional<Condition> when;

  /** What becomes of an event. */
  enum Fate {
    /** It is taken. */
    TAKEN,
    /** It was asked for, and what must hold does not, or has no value. */
    SKIPPED,
    /** It was not asked for. */
    OTHER
  }

  SelectedEvents(Selection selection, Expressions expressions) {
    this.isOfIds = !selection.eventIds().isEmpty();
    this.sought = new HashSet<>(selection.eventIds());
    this.when =
        Optional.ofNullable(selection.when()).map(cel -> expressions.ofArea().condition(cel));
  }

  /** Whether events were asked for by their ids, and all have come. */
  boolean isComplete() {
    return isOfIds && sought.isEmpty();
  }

  /** Of several events with an id that was asked for, the first is meant. */
  Fate fate(Event event) {
    if (isOfIds && !sought.remove(event.getId())) {
      return Fate.OTHER;
    }
    return when.isEmpty() || holds(when.get(), event) ? Fate.TAKEN : Fate.SKIPPED;
  }

  private static boolean holds(Condition when, Event event) {
    byte[] payload = new byte[event.getPayload().remaining()];
    event.getPayload().duplicate().get(payload);
    Meta meta = new Meta(event.getId(), event.getTime(), event.getService(), event.getAction(), "");
    try {
      return when.matches(Bindings.of(payload, meta));
    } catch (EvaluationException e) {
      return false;
    }
  }
}
