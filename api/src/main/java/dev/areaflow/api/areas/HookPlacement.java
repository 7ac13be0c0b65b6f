package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.areas.Checked.Listening;
import dev.areaflow.api.areas.Definition.ActionUse;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Problem;
import dev.areaflow.catalog.ActionSource;
import dev.areaflow.catalog.PollSource;
import dev.areaflow.catalog.Webhook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Finds the hooks that definitions listen to, and makes those that they need. */
record HookPlacement(Hooks hooks) {
  /**
   * The hooks that a definition listens to.
   *
   * @param suspended whether new hooks refuse deliveries until their owner is enabled again
   * @param current those that the AREA has; none of a new AREA
   * @param area the AREA; null for a new one
   */
  List<Hook> place(
      Handle handle,
      UUID owner,
      boolean suspended,
      Checked checked,
      List<Area.Listened> current,
      @Nullable UUID area) {
    List<Listening> actions = checked.listening();
    Map<Listening, Hook> kept = kept(actions, current);
    List<Hook> placed = new ArrayList<>();
    for (Listening action : actions) {
      Hook hook = place(handle, owner, suspended, action, kept.get(action), area);
      for (int i = 0; i < placed.size(); i++) {
        if (placed.get(i).id().equals(hook.id())) {
          throw Problem.invalid(
              action.pointer(),
              "Expected another action, or other inputs, than those of \""
                  + actions.get(i).use().id()
                  + "\": both would listen to the same. The rule's members tell its events apart"
                  + " with \"when\".");
        }
      }
      placed.add(hook);
    }
    return placed;
  }

  /**
   * The hook that each action has already: that of its name, or any of the same action. What a
   * person pasted somewhere stays what it is.
   */
  private static Map<Listening, Hook> kept(List<Listening> actions, List<Area.Listened> current) {
    List<Area.Listened> free = new ArrayList<>(current);
    Map<Listening, Hook> kept = new HashMap<>();
    for (boolean byName : List.of(true, false)) {
      for (Listening action : actions) {
        if (!kept.containsKey(action)) {
          free.stream()
              .filter(each -> each.hook().isOf(action.use().service(), action.use().action()))
              .filter(each -> !byName || each.of().equals(action.use().id()))
              .findFirst()
              .ifPresent(
                  found -> {
                    kept.put(action, found.hook());
                    free.remove(found);
                  });
        }
      }
    }
    return kept;
  }

  /**
   * The hook that an action listens to: the named one, the one that it has already, one shared by
   * clocks or polls of the same inputs, or a new one. One that begins with what there is already is
   * not shared: to others that would be a flood.
   *
   * @param kept the hook that it has; null if it has none
   */
  private Hook place(
      Handle handle,
      UUID owner,
      boolean suspended,
      Listening action,
      @Nullable Hook kept,
      @Nullable UUID area) {
    ActionUse use = action.use();
    if (use.hook() != null) {
      return named(handle, owner, action, use.hook(), area);
    }
    JsonNode inputs = use.givenInputs().orElseGet(() -> JsonNodeFactory.instance.objectNode());
    @Nullable UUID connection = action.connection().orElse(null);
    IntFunction<Hook> made =
        first ->
            hooks.create(
                handle, owner, !suspended, use.service(), use.action(), inputs, connection, first);
    Hook hook =
        switch (action.action().source()) {
          case Webhook _, ActionSource.Both _ ->
              kept == null
                  ? made.apply(0)
                  : connected(handle, withInputs(handle, kept, inputs, action, area), connection);
          case ActionSource.Clock _, PollSource _ -> {
            if (kept != null && kept.firstItems() > 0 && listens(kept, inputs, connection)) {
              yield kept; // what it began with is over, whatever the definition says now
            }
            if (use.first() > 0) {
              yield made.apply(use.first());
            }
            yield hooks
                .findSame(handle, owner, use.service(), use.action(), inputs, connection)
                .orElseGet(
                    () ->
                        kept != null
                                && kept.firstItems() == 0
                                && hooks.users(handle, kept.id(), area) == 0
                            ? connected(handle, hooks.change(handle, kept, inputs), connection)
                            : made.apply(0));
          }
        };
    if (connection != null && action.action().subscription().isPresent()) {
      hooks.subscribe(handle, hook);
    }
    return hook;
  }

  private static boolean listens(Hook hook, JsonNode inputs, @Nullable UUID connection) {
    return same(hook.inputs(), inputs) && Objects.equals(hook.connectionId(), connection);
  }

  private Hook connected(Handle handle, Hook hook, @Nullable UUID connection) {
    return Objects.equals(hook.connectionId(), connection)
        ? hook
        : hooks.connect(handle, hook, connection);
  }

  /**
   * The inputs that an action would be listened to with: those that it gives, else those of the
   * hook that it names.
   *
   * @throws Problem 422 where the named hook does not fit
   */
  JsonNode inputs(Handle handle, UUID owner, Listening action) {
    ActionUse use = action.use();
    Optional<JsonNode> ofHook =
        Optional.ofNullable(use.hook()).map(id -> fitting(handle, owner, action, id).inputs());
    return use.givenInputs()
        .or(() -> ofHook)
        .orElseGet(() -> JsonNodeFactory.instance.objectNode());
  }

  private Hook named(
      Handle handle, UUID owner, Listening action, UUID hookId, @Nullable UUID area) {
    Hook hook = fitting(handle, owner, action, hookId);
    return action
        .use()
        .givenInputs()
        .map(inputs -> withInputs(handle, hook, inputs, action, area))
        .orElse(hook);
  }

  private Hook fitting(Handle handle, UUID owner, Listening action, UUID hookId) {
    ActionUse use = action.use();
    String pointer = action.pointer() + "/hook";
    Hook hook =
        hooks
            .find(handle, owner, hookId)
            .orElseThrow(() -> Problem.invalid(pointer, "You have no hook of this id."));
    if (!hook.isOf(use.service(), use.action())) {
      throw Problem.invalid(
          pointer, "The hook is one of " + hook.service() + "." + hook.action() + ".");
    }
    return hook;
  }

  private Hook withInputs(
      Handle handle, Hook hook, JsonNode inputs, Listening action, @Nullable UUID area) {
    if (same(hook.inputs(), inputs)) {
      return hook;
    }
    int others = hooks.users(handle, hook.id(), area);
    if (others > 0) {
      throw Problem.invalid(
          action.pointer() + "/inputs",
          "Expected the inputs of the hook, "
              + hook.inputs()
              + ": "
              + others
              + (others == 1 ? " other AREA listens" : " other AREAs listen")
              + " to it too.");
    }
    return hooks.change(handle, hook, inputs);
  }

  /** Equal as JSON: 1 and 1.0 are, whatever PostgreSQL or Jackson made of them. */
  private static boolean same(JsonNode one, JsonNode other) {
    return one.equals(
        (a, b) ->
            a.isNumber() && b.isNumber()
                ? a.decimalValue().compareTo(b.decimalValue())
                : a.equals(b) ? 0 : 1,
        other);
  }
}
