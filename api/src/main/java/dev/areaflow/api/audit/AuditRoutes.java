package dev.areaflow.api.audit;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The audit log over HTTP: one's own acts, and everybody's for admins. */
public final class AuditRoutes implements Routes {
  private final Audit audit;

  public AuditRoutes(Audit audit) {
    this.audit = audit;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/api/v1/audit", Scope.ACCOUNT, this::list)
            .paged()
            .parameters("actor", "subject", "kind", "from", "to"));
  }

  private Answer list(Call call) {
    Page page = call.page();
    Audit.Filter filter =
        new Audit.Filter(
            actor(call),
            call.query("subject"),
            call.query("kind"),
            call.queryTime("from"),
            call.queryTime("to"));
    List<AuditEntry> found = audit.list(filter, page.afterId(), page.fetch());
    return page.answer(found, entry -> entry.id().toString(), AuditEntry::toJson);
  }

  private static Optional<UUID> actor(Call call) {
    Optional<UUID> asked = call.queryId("actor");
    if (call.caller().scopes().contains(Scope.ADMIN)) {
      return asked;
    }
    UUID self = call.caller().userId();
    if (asked.isPresent() && !asked.get().equals(self)) {
      throw Problem.forbidden("Only admins, with the scope admin, see what others did.");
    }
    return Optional.of(self);
  }
}
