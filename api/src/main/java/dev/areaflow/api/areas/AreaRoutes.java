package dev.areaflow.api.areas;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.api.areas.Area.Listened;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.hooks.HookAddresses;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Json;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/** AREAs over HTTP. */
public final class AreaRoutes implements Routes {
  private static final String PATH = "/api/v1/areas";

  private final Database database;
  private final Areas areas;
  private final DefinitionCheck check;
  private final OwnedConnections connections;
  private final HookAddresses addresses;

  public AreaRoutes(
      Database database,
      Areas areas,
      DefinitionCheck check,
      OwnedConnections connections,
      HookAddresses addresses) {
    this.database = database;
    this.areas = areas;
    this.check = check;
    this.connections = connections;
    this.addresses = addresses;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get(PATH, Scope.AREAS_READ, this::list).paged().parameters("q", "service", "enabled"),
        Route.post(PATH, Scope.AREAS_WRITE, this::create).creates(),
        Route.get(PATH + "/{id}", Scope.AREAS_READ, this::show),
        Route.put(PATH + "/{id}", Scope.AREAS_WRITE, this::replace),
        Route.delete(PATH + "/{id}", Scope.AREAS_WRITE, this::delete),
        Route.post(PATH + "/{id}/enable", Scope.AREAS_WRITE, call -> enable(call, true)),
        Route.post(PATH + "/{id}/disable", Scope.AREAS_WRITE, call -> enable(call, false)));
  }

  private Answer list(Call call) {
    Page page = call.page();
    Areas.Filter filter =
        new Areas.Filter(call.query("q"), call.query("service"), call.queryFlag("enabled"));
    List<Area> found =
        database
            .jdbi()
            .withHandle(
                handle ->
                    areas.list(
                        handle, call.caller().userId(), filter, page.afterId(), page.fetch()));
    return page.answer(found, area -> area.id().toString(), area -> json(area, _ -> false));
  }

  private Answer create(Call call) {
    Checked checked = checked(call);
    Area area =
        database
            .jdbi()
            .inTransaction(handle -> areas.create(handle, call.caller().userId(), checked));
    return Answer.created(PATH + "/" + area.id(), json(area, hook -> isOwn(area, hook)))
        .version(area.version());
  }

  private Checked checked(Call call) {
    UUID owner = call.caller().userId();
    return check.check(
        call.body(), () -> database.jdbi().withHandle(handle -> connections.names(handle, owner)));
  }

  private Answer show(Call call) {
    return database
        .jdbi()
        .withHandle(handle -> areas.find(handle, call.caller().userId(), call.id("id")))
        .map(area -> Answer.ok(json(area, _ -> false)).version(area.version()))
        .orElseThrow(Problem::notFound);
  }

  private Answer replace(Call call) {
    UUID owner = call.caller().userId();
    UUID id = call.id("id");
    if (database.jdbi().withHandle(handle -> areas.find(handle, owner, id)).isEmpty()) {
      throw Problem.notFound();
    }
    long version = call.ifMatch();
    Checked checked = checked(call);
    Areas.Change change =
        database.jdbi().inTransaction(handle -> areas.replace(handle, owner, id, version, checked));
    Area area = change.after();
    ObjectNode json = json(area, hook -> isSecretNews(change, hook));
    json.set("notices", Json.tree(change.notices()));
    return Answer.ok(json).version(area.version());
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

  private Answer delete(Call call) {
    database
        .jdbi()
        .useTransaction(handle -> areas.delete(handle, call.caller().userId(), call.id("id")));
    return Answer.noContent();
  }

  private Answer enable(Call call, boolean wanted) {
    Area area =
        database
            .jdbi()
            .inTransaction(
                handle -> areas.enable(handle, call.caller().userId(), call.id("id"), wanted));
    return Answer.ok(json(area, _ -> false)).version(area.version());
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
