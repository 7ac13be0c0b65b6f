package dev.areaflow.api.hooks;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What people see of hooks, and how they renew secrets. */
public final class HookRoutes implements Routes {
  private final Database database;
  private final Hooks hooks;
  private final HookAddresses addresses;

  public HookRoutes(Database database, Hooks hooks, HookAddresses addresses) {
    this.database = database;
    this.hooks = hooks;
    this.addresses = addresses;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/api/v1/hooks", Scope.AREAS_READ, this::list).paged(),
        Route.get("/api/v1/hooks/{id}", Scope.AREAS_READ, this::show),
        Route.post("/api/v1/hooks/{id}/secret", Scope.AREAS_WRITE, this::renewSecret)
            .creates()
            .audited("hook.secret"));
  }

  private Answer list(Call call) {
    Page page = call.page();
    UUID owner = call.caller().userId();
    List<Delivered> found =
        database
            .jdbi()
            .withHandle(handle -> hooks.list(handle, owner, page.afterId(), page.fetch()));
    return page.answer(found, row -> row.hook().id().toString(), this::json);
  }

  private Answer show(Call call) {
    return database
        .jdbi()
        .withHandle(handle -> hooks.findDelivered(handle, call.caller().userId(), call.id("id")))
        .map(found -> Answer.ok(json(found)))
        .orElseThrow(Problem::notFound);
  }

  private Answer renewSecret(Call call) {
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              Hook hook =
                  hooks
                      .find(handle, call.caller().userId(), call.id("id"))
                      .orElseThrow(Problem::notFound);
              if (addresses.secret(hook).isEmpty()) {
                throw Problem.conflict("", "Deliveries to this hook are not signed.");
              }
              Hooks.Renewed renewed =
                  hooks.renewSecret(handle, hook).orElseThrow(Problem::notFound);
              Map<String, @Nullable Object> body = address(renewed.hook());
              body.put("secret", addresses.secret(renewed.hook()).orElseThrow());
              body.put("previousValidUntil", renewed.previousValidUntil());
              return Answer.ok(body);
            });
  }

  private Map<String, @Nullable Object> address(Hook hook) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("id", hook.id());
    addresses.url(hook).ifPresent(url -> body.put("url", url));
    return body;
  }

  private Map<String, @Nullable Object> json(Delivered delivered) {
    Hook hook = delivered.hook();
    Map<String, @Nullable Object> body = address(hook);
    body.put("service", hook.service());
    body.put("action", hook.action());
    body.put("inputs", hook.inputs());
    body.put("createdAt", hook.createdAt());
    body.put("lastDeliveryAt", delivered.lastDeliveryAt());
    body.put("accepted", delivered.accepted());
    body.put("ignored", delivered.ignored());
    body.put("refused", delivered.refused());
    body.put("polling", delivered.polling());
    body.put("subscription", delivered.subscription());
    return body;
  }
}
