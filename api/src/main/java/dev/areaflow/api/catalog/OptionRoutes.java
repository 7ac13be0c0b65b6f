package dev.areaflow.api.catalog;

import dev.areaflow.api.areas.ConnectionNames;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.catalog.OptionList;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;

/** What inputs may be, as an account has it. */
public final class OptionRoutes implements Routes {
  private static final String CONNECTION = "connection";
  private static final String SEARCH = "q";
  private static final int LONGEST = 1_000;

  private final Function<UUID, ConnectionNames> connections;
  private final ServiceCatalog catalog;
  private final AccountOptions options;

  /**
   * @param connections those of an owner
   */
  public OptionRoutes(
      Function<UUID, ConnectionNames> connections, ServiceCatalog catalog, AccountOptions options) {
    this.connections = connections;
    this.catalog = catalog;
    this.options = options;
  }

  @Override
  public List<Route> table() {
    Set<String> parameters = new TreeSet<>(Set.of(CONNECTION, SEARCH));
    catalog.services().forEach(s -> s.options().forEach(list -> parameters.addAll(list.inputs())));
    return List.of(
        Route.get(ServiceRoutes.PATH + "/{id}/options/{name}", Scope.CONNECTIONS_READ, this::list)
            .parameters(parameters.toArray(String[]::new)));
  }

  private Answer list(Call call) {
    Service service = catalog.service(call.path("id")).orElseThrow(Problem::notFound);
    OptionList list = service.options(call.path("name")).orElseThrow(Problem::notFound);
    Map<String, String> inputs = new TreeMap<>();
    for (String key : list.inputs()) {
      call.query(key, OptionRoutes::bounded).ifPresent(text -> inputs.put(key, text));
    }
    String search = call.query(SEARCH, OptionRoutes::bounded).orElse("");
    UUID owner = call.caller().userId();
    UUID connection = connection(owner, service, call.query(CONNECTION).orElse(""));
    return Answer.ok(options.of(owner, connection, service, list, inputs, search));
  }

  private static String bounded(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException("expected at most " + LONGEST + " characters");
    }
    return text.strip();
  }

  private UUID connection(UUID owner, Service service, String name) {
    ConnectionNames names = connections.apply(owner);
    return names
        .find(service.id(), name)
        .orElseThrow(() -> Problem.parameter(CONNECTION, expected(service, names)));
  }

  private static String expected(Service service, ConnectionNames names) {
    List<String> there = names.of(service.id());
    return there.isEmpty()
        ? "there is no connection with "
            + service.name()
            + " yet; make one with POST /api/v1/connections"
        : "expected the name of a connection with "
            + service.name()
            + ": "
            + String.join(", ", there);
  }
}
