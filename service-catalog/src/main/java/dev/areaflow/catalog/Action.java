package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * Something that can happen at a service.
 *
 * @param id unique in its service, for example {@code issue_opened}
 * @param description one sentence
 * @param inputs JSON Schema of its inputs; shared, not to be changed
 * @param output JSON Schema of {@code event}, the whole body; shared, not to be changed
 * @param sample a real {@code event}; shared, not to be changed
 * @param source where its events come from
 * @param scopes what a consent of the account that it listens with has to be about
 */
public record Action(
    String id,
    String description,
    JsonNode inputs,
    JsonNode output,
    JsonNode sample,
    ActionSource source,
    List<String> scopes) {
  public Action {
    scopes = List.copyOf(scopes);
  }

  /** How its provider delivers to hooks, events or reasons to poll; empty if it does not. */
  public Optional<Webhook> webhook() {
    return source.part(Webhook.class);
  }

  /** How the platform sets its webhook up; empty where only people can. */
  public Optional<Subscription> subscription() {
    return webhook().flatMap(Webhook::subscription);
  }
}
