package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.clock.ClockSchedule;
import java.util.Optional;

/** Where the events of an action come from. */
public sealed interface ActionSource
    permits Webhook, PollSource, ActionSource.Clock, ActionSource.Both {

  /** This source, or the part of it, that is of a kind; empty where none is. */
  default <S extends ActionSource> Optional<S> part(Class<S> kind) {
    return kind.isInstance(this) ? Optional.of(kind.cast(this)) : Optional.empty();
  }

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

  /**
   * Events are delivered, and looked for besides where the platform can ask for them; one thing is
   * one event, whichever comes first.
   *
   * @param webhook how deliveries to a hook are taken that is not polled
   * @param identified how those to a hook are taken that is polled, too: their events have
   *     canonical ids
   * @param poll how events with the same ids are looked for
   * @param needsConnection whether only a hook with a connection can be polled
   */
  record Both(Webhook webhook, Webhook identified, PollSource poll, boolean needsConnection)
      implements ActionSource {

    /**
     * Whether a hook is polled.
     *
     * @param connected whether it has a connection
     */
    public boolean isPolled(boolean connected) {
      return connected || !needsConnection;
    }

    /**
     * How deliveries to a hook are taken.
     *
     * @param connected whether it has a connection
     */
    public Webhook webhook(boolean connected) {
      return isPolled(connected) ? identified : webhook;
    }

    @Override
    public <S extends ActionSource> Optional<S> part(Class<S> kind) {
      return ActionSource.super.part(kind).or(() -> webhook.part(kind)).or(() -> poll.part(kind));
    }
  }
}
