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
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The versions of AREAs over HTTP, those of deleted AREAs too until they are purged. */
public final class VersionRoutes implements Routes {
  private static final String PATH = "/api/v1/areas/{id}/versions";
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

  private final Database database;
  private final Areas areas;
  private final DefinitionCheck check;
  private final OwnedConnections connections;
  private final AreaView view;

  public VersionRoutes(
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
        Route.get(PATH, Scope.AREAS_READ, this::list).paged(),
        Route.get(PATH + "/{version}", Scope.AREAS_READ, this::show),
        Route.preparedPost(PATH + "/{version}/restore", Scope.AREAS_WRITE, this::restore)
            .audited("area.restore"));
  }

  private Answer list(Call call) {
    Page page = call.page();
    UUID owner = call.caller().userId();
    List<AreaVersion> found =
        database
            .jdbi()
            .withHandle(
                handle ->
                    AreaVersions.list(
                        handle, owner, call.id("id"), page.after(Long::parseLong), page.fetch()));
    if (found.isEmpty() && page.after().isEmpty()) {
      throw Problem.notFound();
    }
    return page.answer(found, version -> Long.toString(version.version()), AreaVersion::toJson);
  }

  private Answer show(Call call) {
    List<AreaVersion> found = find(call);
    AreaVersion version = found.getFirst();
    Map<String, @Nullable Object> body = version.toJson();
    body.put("definition", version.document());
    body.put(
        "changes",
        found.size() == 1
            ? null
            : FieldChanges.between(found.getLast().document(), version.document()));
    return Answer.ok(body);
  }

  /** The version that is asked for, and the one before where it is kept. */
  private List<AreaVersion> find(Call call) {
    UUID owner = call.caller().userId();
    UUID area = call.id("id");
    String version = call.path("version");
    if (!VERSION.matcher(version).matches()) {
      throw Problem.notFound();
    }
    List<AreaVersion> found =
        database
            .jdbi()
            .withHandle(
                handle ->
                    AreaVersions.findWithBefore(handle, owner, area, Long.parseLong(version)));
    if (found.isEmpty()) {
      throw Problem.notFound(
          "There is no such version of an AREA of yours, or not any more: the newest "
              + AreaVersions.MOST
              + " are kept.");
    }
    return found;
  }

  /** The services and connections may be others by now: it is checked like any other definition. */
  private Route.Handler restore(Call call) {
    AreaVersion version = find(call).getFirst();
    UUID owner = call.caller().userId();
    Checked checked =
        check.check(
            version.definition(),
            () -> database.jdbi().withHandle(handle -> connections.names(handle, owner)));
    call.act().detail("version " + version.version());
    return later ->
        view.changed(
            database
                .jdbi()
                .inTransaction(
                    handle ->
                        areas.restore(
                            handle,
                            owner,
                            version.areaId(),
                            version.version(),
                            checked,
                            later.caller().actor())));
  }
}
