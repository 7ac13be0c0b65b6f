package dev.areaflow.api.areas;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.hooks.HookAddresses;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import java.util.List;
import java.util.UUID;

/** AREAs over HTTP. */
public final class AreaRoutes implements Routes {
  private static final String PATH = "/api/v1/areas";

  private final Database database;
  private final Areas areas;
  private final DefinitionCheck check;
  private final OwnedConnections connections;
  private final AreaView view;

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
    this.view = new AreaView(addresses);
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get(PATH, Scope.AREAS_READ, this::list).paged().parameters("q", "service", "enabled"),
        Route.preparedPost(PATH, Scope.AREAS_WRITE, this::create).creates().audited("area.create"),
        Route.get(PATH + "/{id}", Scope.AREAS_READ, this::show),
        Route.preparedPut(PATH + "/{id}", Scope.AREAS_WRITE, this::replace).audited("area.change"),
        Route.delete(PATH + "/{id}", Scope.AREAS_WRITE, this::delete).audited("area.delete"),
        Route.post(PATH + "/{id}/enable", Scope.AREAS_WRITE, call -> enable(call, true))
            .audited("area.enable"),
        Route.post(PATH + "/{id}/disable", Scope.AREAS_WRITE, call -> enable(call, false))
            .audited("area.disable"));
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
    return page.answer(found, area -> area.id().toString(), view::known);
  }

  private Route.Handler create(Call call) {
    Checked checked = checked(call);
    return later -> create(later, checked);
  }

  private Answer create(Call call, Checked checked) {
    Area area =
        database
            .jdbi()
            .inTransaction(
                handle ->
                    areas.create(handle, call.caller().userId(), checked, call.caller().actor()));
    return Answer.created(PATH + "/" + area.id(), view.made(area)).version(area.version());
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
        .map(area -> Answer.ok(view.known(area)).version(area.version()))
        .orElseThrow(Problem::notFound);
  }

  private Route.Handler replace(Call call) {
    UUID owner = call.caller().userId();
    UUID id = call.id("id");
    if (database.jdbi().withHandle(handle -> areas.find(handle, owner, id)).isEmpty()) {
      throw Problem.notFound();
    }
    long version = call.ifMatch();
    Checked checked = checked(call);
    return later ->
        view.changed(
            database
                .jdbi()
                .inTransaction(
                    handle ->
                        areas.replace(
                            handle, owner, id, version, checked, later.caller().actor())));
  }

  private Answer delete(Call call) {
    database
        .jdbi()
        .useTransaction(
            handle ->
                areas.delete(handle, call.caller().userId(), call.id("id"), call.caller().actor()));
    return Answer.noContent();
  }

  private Answer enable(Call call, boolean wanted) {
    Area area =
        database
            .jdbi()
            .inTransaction(
                handle ->
                    areas.enable(
                        handle,
                        call.caller().userId(),
                        call.id("id"),
                        wanted,
                        call.caller().actor()));
    return Answer.ok(view.known(area)).version(area.version());
  }
}
