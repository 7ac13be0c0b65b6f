package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.areas.Checked.Listening;
import dev.areaflow.api.hooks.Delivered;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Finds the hooks whose past events a definition would have got. */
final class PastHooks {
  private static final int OFFERS = 20;

  private final Hooks hooks;

  PastHooks(Hooks hooks) {
    this.hooks = hooks;
  }

  /**
   * The hook of each action, in their order: the one that the caller chose, that the definition
   * names, that the AREA has now, or that subscribes to the same.
   *
   * @param chosen hooks by the ids of actions; that of the only action is empty
   * @param now the AREA as it stands; null where the definition is of a new one
   * @throws Problem 409 with what there is instead, where an action has no past; 422 where a chosen
   *     hook does not fit
   */
  List<Hook> of(
      Handle handle,
      UUID owner,
      List<Listening> actions,
      Map<String, UUID> chosen,
      @Nullable Area now) {
    return actions.stream().map(action -> of(handle, owner, action, chosen, now)).toList();
  }

  private Hook of(
      Handle handle, UUID owner, Listening action, Map<String, UUID> chosen, @Nullable Area now) {
    UUID choice = chosen.get(action.use().id());
    if (choice != null) {
      return fitting(handle, owner, action, choice, "/hooks/" + Json.escape(action.use().id()));
    }
    if (action.use().hook() != null) {
      return fitting(
          handle, owner, action, action.use().hook(), "/definition" + action.pointer() + "/hook");
    }
    return present(action, now)
        .or(() -> same(handle, owner, action))
        .orElseThrow(() -> without(handle, owner, action));
  }

  private Hook fitting(Handle handle, UUID owner, Listening action, UUID id, String pointer) {
    return hooks
        .find(handle, owner, id)
        .filter(hook -> isOf(hook, action))
        .orElseThrow(
            () ->
                Problem.invalid(
                    pointer,
                    "Expected a hook of yours of the action %s/%s; GET /api/v1/hooks lists them."
                        .formatted(action.use().service(), action.use().action())));
  }

  private static boolean isOf(Hook hook, Listening action) {
    return hook.isOf(action.use().service(), action.use().action());
  }

  private static Optional<Hook> present(Listening action, @Nullable Area now) {
    if (now == null) {
      return Optional.empty();
    }
    List<Area.Listened> fitting =
        now.listened().stream()
            .filter(listened -> isOf(listened.hook(), action))
            .filter(listened -> hasInputs(listened.hook(), action))
            .toList();
    return fitting.stream()
        .filter(listened -> listened.of().equals(action.use().id()))
        .findFirst()
        .or(() -> fitting.stream().findFirst())
        .map(Area.Listened::hook);
  }

  private static boolean hasInputs(Hook hook, Listening action) {
    return action.use().givenInputs().map(hook.inputs()::equals).orElse(true);
  }

  private Optional<Hook> same(Handle handle, UUID owner, Listening action) {
    JsonNode inputs = action.use().givenInputs().orElseGet(JsonNodeFactory.instance::objectNode);
    return hooks.findSame(
        handle,
        owner,
        action.use().service(),
        action.use().action(),
        inputs,
        action.connection().orElse(null));
  }

  private Problem without(Handle handle, UUID owner, Listening action) {
    ArrayNode offers = JsonNodeFactory.instance.arrayNode();
    for (Delivered delivered :
        hooks.ofAction(handle, owner, action.use().service(), action.use().action(), OFFERS)) {
      ObjectNode offer = offers.addObject().put("hookId", delivered.hook().id().toString());
      offer.set("inputs", delivered.hook().inputs());
      offer.put("accepted", delivered.accepted());
      Instant last = delivered.lastDeliveryAt();
      offer.put("lastDeliveryAt", last == null ? null : last.toString());
    }
    String id = action.use().id();
    String other =
        offers.isEmpty()
            ? "You have no other hook of this action"
            : "Choose one of your other hooks of it, see offers, with \"hooks\": {\"%s\": \"…\"}"
                .formatted(id);
    return Problem.conflict(
            "/definition" + action.pointer(),
            "No hook listens to %s/%s with these inputs yet, so it has no past events. %s; or try the"
                    .formatted(action.use().service(), action.use().action(), other)
                + " action's sample with POST /api/v1/areas/try.")
        .member("offers", offers)
        .member("sample", action.action().sample());
  }
}
