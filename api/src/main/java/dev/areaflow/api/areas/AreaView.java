package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.areas.Area.Listened;
import dev.areaflow.api.hooks.HookAddresses;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Json;
import java.util.function.Predicate;

/**
 * AREAs as the API shows them: with their hooks, and the secrets that their owners have not seen
 * yet.
 */
record AreaView(HookAddresses addresses) {

  /** An AREA of which every secret was shown. */
  ObjectNode known(Area area) {
    return json(area, _ -> false);
  }

  /** An AREA that was just made. */
  ObjectNode made(Area area) {
    return json(area, hook -> isOwn(area, hook));
  }

  /** The answer to a change. */
  Answer changed(Areas.Change change) {
    ObjectNode json = json(change.after(), hook -> isSecretNews(change, hook));
    json.set("notices", Json.tree(change.notices()));
    return Answer.ok(json).version(change.after().version());
  }

  /** A hook that was there before keeps its secret to itself. */
  private static boolean isOwn(Area area, Listened hook) {
    JsonNode action =
        area.isOfSeveral()
            ? area.definition().path("actions").path(area.listened().indexOf(hook))
            : area.definition().path("action");
    return action.path("hook").isMissingNode();
  }

  /** Whether the change gave a hook a secret that its owner has not seen yet. */
  private boolean isSecretNews(Areas.Change change, Listened hook) {
    return change.before().listened().stream()
        .map(Listened::hook)
        .filter(before -> before.id().equals(hook.hook().id()))
        .findFirst()
        .map(before -> !addresses.hasSecret(hook.hook(), before.inputs()))
        .orElseGet(() -> isOwn(change.after(), hook));
  }

  private ObjectNode json(Area area, Predicate<Listened> withSecret) {
    ObjectNode json = area.toJson();
    for (Listened listened : area.listened()) {
      ObjectNode hook =
          area.isOfSeveral()
              ? json.withArray("hooks").addObject().put("of", listened.of())
              : json.putObject("hook");
      hook.put("id", listened.hook().id().toString());
      addresses.url(listened.hook()).ifPresent(url -> hook.put("url", url));
      if (listened.subscribed() != null) {
        hook.set("subscription", Json.tree(listened.subscribed()));
      }
      if (listened.polling() != null) {
        hook.set("polling", Json.tree(listened.polling()));
      }
      if (withSecret.test(listened)) {
        addresses.secret(listened.hook()).ifPresent(secret -> hook.put("secret", secret));
      }
    }
    return json;
  }
}
