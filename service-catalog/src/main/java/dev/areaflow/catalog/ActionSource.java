package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.clock.ClockSchedule;

/** Where the events of an action come from. */
public sealed interface ActionSource permits Webhook, PollSource, ActionSource.Clock {

  /**
   * Events are instants.
   *
   * @param kind {@code cron}, {@code interval} or {@code at}
   */
  record Clock(String kind) implements ActionSource {

    /**
     * The instants of a hook.
     *
     * @throws IllegalArgumentException naming the input that is wrong
     */
    public ClockSchedule schedule(JsonNode inputs) {
      return ClockSchedule.of(kind, inputs);
    }
  }
}
