package dev.areaflow.api.catalog;

import static dev.areaflow.api.http.Access.Basic.ANYONE;
import static dev.areaflow.api.http.Access.Basic.LOGGED_IN;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.connections.CredentialFields;
import java.time.Clock;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The services with their actions and reactions, as their manifests declare them. */
public final class ServiceRoutes implements Routes {
  static final String PATH = "/api/v1/services";

  private final List<Service> services;
  private final OAuthClients clients;
  private final Clock clock;

  public ServiceRoutes(List<Service> services, OAuthClients clients, Clock clock) {
    this.services = services.stream().sorted(Comparator.comparing(Service::id)).toList();
    this.clients = clients;
    this.clock = clock;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/about.json", ANYONE, this::about),
        Route.get(PATH, LOGGED_IN, this::list).paged(),
        Route.get(PATH + "/{id}", LOGGED_IN, this::get),
        Route.get(PATH + "/{id}/actions/{action}", LOGGED_IN, this::action),
        Route.get(PATH + "/{id}/reactions/{reaction}", LOGGED_IN, this::reaction));
  }

  /** Exactly these fields, in this order: others' programs read it. */
  private Answer about(Call call) {
    Map<String, Object> server = new LinkedHashMap<>();
    server.put("current_time", clock.instant().getEpochSecond());
    server.put("services", services.stream().map(AboutService::of).toList());
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("client", Map.of("host", call.clientAddress()));
    about.put("server", server);
    return Answer.ok(about);
  }

  private record AboutService(String name, List<AboutEntry> actions, List<AboutEntry> reactions) {
    static AboutService of(Service service) {
      return new AboutService(
          service.id(),
          service.actions().stream().map(a -> new AboutEntry(a.id(), a.description())).toList(),
          service.reactions().stream().map(r -> new AboutEntry(r.id(), r.description())).toList());
    }
  }

  private record AboutEntry(String name, String description) {}

  private Answer list(Call call) {
    Page page = call.page();
    List<ServiceView> rows =
        services.stream()
            .filter(service -> page.after().map(id -> service.id().compareTo(id) > 0).orElse(true))
            .limit(page.fetch())
            .map(service -> ServiceView.of(service, clients))
            .toList();
    return page.answer(rows, ServiceView::id);
  }

  private Answer get(Call call) {
    return Answer.ok(ServiceView.of(service(call), clients));
  }

  private Service service(Call call) {
    String id = call.path("id");
    return services.stream()
        .filter(service -> service.id().equals(id))
        .findFirst()
        .orElseThrow(Problem::notFound);
  }

  private Answer action(Call call) {
    return Answer.ok(
        service(call)
            .action(call.path("action"))
            .map(
                a ->
                    new WholeView(
                        a.id(), a.description(), a.scopes(), a.inputs(), a.output(), a.sample()))
            .orElseThrow(Problem::notFound));
  }

  private Answer reaction(Call call) {
    return Answer.ok(
        service(call)
            .reaction(call.path("reaction"))
            .map(
                r ->
                    new WholeView(
                        r.id(), r.description(), r.scopes(), r.inputs(), r.output(), r.sample()))
            .orElseThrow(Problem::notFound));
  }

  private record ServiceView(
      String id,
      String name,
      String version,
      String description,
      String connection,
      List<List<String>> credentials,
      List<String> missing,
      List<EntryView> actions,
      List<EntryView> reactions) {
    static ServiceView of(Service service, OAuthClients clients) {
      return new ServiceView(
          service.id(),
          service.name(),
          service.version(),
          service.description(),
          need(service.auth()),
          CredentialFields.of(service.auth()),
          unset(service, clients),
          service.actions().stream()
              .map(a -> entry(service, "actions", a.id(), a.description(), a.scopes(), a.inputs()))
              .toList(),
          service.reactions().stream()
              .map(
                  r -> entry(service, "reactions", r.id(), r.description(), r.scopes(), r.inputs()))
              .toList());
    }

    private static EntryView entry(
        Service service,
        String list,
        String id,
        String description,
        List<String> scopes,
        JsonNode inputs) {
      return new EntryView(
          id, description, scopes, inputs, String.join("/", PATH, service.id(), list, id));
    }
  }

  private static String need(Auth auth) {
    return switch (auth) {
      case Auth.None none -> "none";
      case Auth.AsGiven given -> "optional";
      case Auth.ApiKey _, Auth.Basic _, Auth.Bearer _, Auth.OAuth2 _, Auth.ClientCredentials _ ->
          "required";
    };
  }

  /** What the operator has to set before people can consent. */
  private static List<String> unset(Service service, OAuthClients clients) {
    return service.auth() instanceof Auth.OAuth2 && clients.of(service.id()).isEmpty()
        ? OAuthClients.variables(service.id())
        : List.of();
  }

  /**
   * @param whole where it is shown with its schema and its sample, which may be long
   */
  private record EntryView(
      String id, String description, List<String> scopes, JsonNode inputs, String whole) {}

  private record WholeView(
      String id,
      String description,
      List<String> scopes,
      JsonNode inputs,
      JsonNode output,
      JsonNode sample) {}
}
