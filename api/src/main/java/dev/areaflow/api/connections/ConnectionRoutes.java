package dev.areaflow.api.connections;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.areas.ConnectedAreas;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.Endpoint;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.CredentialFields;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.OutboundRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Connections over HTTP. What a person enters is never shown again. */
public final class ConnectionRoutes implements Routes {
  private static final String PATH = "/api/v1/connections";
  private static final int MOST_NAME_CHARACTERS = 100;

  private final Database database;
  private final Connections connections;
  private final ConnectedAreas areas;
  private final ServiceCatalog catalog;
  private final OAuthClients clients;
  private final Consents consents;
  private final Probe probe;
  private final Credentials credentials;

  /**
   * @param credentials renews a token that ended, before it is tested
   */
  public ConnectionRoutes(
      Database database,
      Connections connections,
      ConnectedAreas areas,
      ServiceCatalog catalog,
      OAuthClients clients,
      Consents consents,
      Probe probe,
      Credentials credentials) {
    this.database = database;
    this.connections = connections;
    this.areas = areas;
    this.catalog = catalog;
    this.clients = clients;
    this.consents = consents;
    this.probe = probe;
    this.credentials = credentials;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get(PATH, Scope.CONNECTIONS_READ, this::list).paged().parameters("service"),
        Route.preparedPost(PATH, Scope.CONNECTIONS_WRITE, this::create)
            .creates()
            .audited("connection.create"),
        Route.get(PATH + "/{id}", Scope.CONNECTIONS_READ, this::show),
        Route.preparedPatch(PATH + "/{id}", Scope.CONNECTIONS_WRITE, this::rename)
            .audited("connection.rename"),
        Route.preparedPut(PATH + "/{id}/credentials", Scope.CONNECTIONS_WRITE, this::replace)
            .audited("connection.credentials"),
        Route.preparedPost(PATH + "/{id}/test", Scope.CONNECTIONS_WRITE, this::test)
            .audited("connection.test"),
        Route.delete(PATH + "/{id}", Scope.CONNECTIONS_WRITE, this::delete)
            .audited("connection.delete"));
  }

  private record NewConnection(
      @Nullable String service,
      @Nullable String name,
      @Nullable JsonNode credentials,
      @JsonProperty("for") @Nullable List<@Nullable String> uses,
      @Nullable List<@Nullable String> scopes) {
    Wishes wishes() {
      return new Wishes(uses, scopes);
    }
  }

  /** The service is asked first, since that takes long; what is made comes after. */
  private Route.Handler create(Call call) {
    NewConnection body = call.body(NewConnection.class);
    Violations violations = new Violations();
    String name = name(body.name(), violations);
    Optional<Service> service = service(body.service(), violations);
    if (service.isPresent()
        && body.credentials() == null
        && service.get().auth() instanceof Auth.OAuth2 flow) {
      Optional<OAuthClients.Client> client = clients.of(service.get().id());
      violations.check(client.isPresent(), "/service", ConsentRoutes.notConfigured(service.get()));
      List<String> wished = body.wishes().scopes(service.get(), violations);
      violations.raise();
      return later -> consenting(later, service.get(), name, flow, client.orElseThrow(), wished);
    }
    violations.check(
        body.wishes().isEmpty(),
        body.uses() == null ? "/scopes" : "/for",
        "Only a consent is asked for something; leave it out.");
    Optional<CredentialFields.Entered> entered =
        service.flatMap(found -> entered(found, body.credentials(), violations));
    violations.raise();
    Proof proof = accepted(service.orElseThrow(), entered.orElseThrow());
    return later -> proven(later, service.get(), name, proof);
  }

  private Answer consenting(
      Call call,
      Service service,
      String name,
      Auth.OAuth2 flow,
      OAuthClients.Client client,
      List<String> wished) {
    UUID owner = call.caller().userId();
    return database
        .jdbi()
        .inTransaction(
            handle -> {
              Connection made = connections.prepare(handle, owner, service.id(), name);
              return Answer.created(
                  PATH + "/" + made.id(),
                  made.toJson(consents.start(handle, owner, made, flow, client, wished)));
            });
  }

  private Answer proven(Call call, Service service, String name, Proof proof) {
    Connection made =
        database
            .jdbi()
            .inTransaction(
                handle ->
                    connections.create(handle, call.caller().userId(), service.id(), name, proof));
    return Answer.created(PATH + "/" + made.id(), made.toJson(null));
  }

  private static String name(@Nullable String given, Violations violations) {
    String name = given == null ? "" : given.strip();
    violations.check(
        !name.isEmpty() && name.codePointCount(0, name.length()) <= MOST_NAME_CHARACTERS,
        "/name",
        "Expected a name of 1 to " + MOST_NAME_CHARACTERS + " characters.");
    return name;
  }

  private Optional<Service> service(@Nullable String id, Violations violations) {
    Optional<Service> service = Optional.ofNullable(id).flatMap(catalog::service);
    if (service.isEmpty()) {
      violations.add(
          "/service",
          "Expected one of "
              + String.join(
                  ", ",
                  catalog.services().stream()
                      .filter(known -> !(known.auth() instanceof Auth.None))
                      .map(Service::id)
                      .toList())
              + ".");
    } else if (service.get().auth() instanceof Auth.None) {
      violations.add("/service", service.get().name() + " needs no connection.");
    }
    return service.filter(found -> !(found.auth() instanceof Auth.None));
  }

  private Optional<CredentialFields.Entered> entered(
      Service service, @Nullable JsonNode credentials, Violations violations) {
    if (credentials == null
        && service.auth() instanceof Auth.ClientCredentials
        && clients.of(service.id()).isPresent()) {
      return Optional.of(CredentialFields.ofOperator());
    }
    if (CredentialFields.of(service.auth()).isEmpty()) {
      violations.add(
          "/credentials", service.name() + " takes no credentials that a person can enter.");
      return Optional.empty();
    }
    if (credentials == null || !credentials.isObject()) {
      violations.add(
          "/credentials",
          "Expected an object with "
              + String.join(
                  ", or ",
                  CredentialFields.of(service.auth()).stream()
                      .map(set -> String.join(" and ", set))
                      .toList())
              + ".");
      return Optional.empty();
    }
    List<dev.areaflow.expressions.Problem> problems = new ArrayList<>();
    Optional<CredentialFields.Entered> entered =
        CredentialFields.read(service.auth(), credentials, problems);
    problems.forEach(
        problem -> violations.add("/credentials" + problem.pointer(), sentence(problem.detail())));
    return entered;
  }

  private static String sentence(String detail) {
    return Character.toUpperCase(detail.charAt(0)) + detail.substring(1) + ".";
  }

  /** What the service says of new credentials; those that it refuses are not kept. */
  private Proof accepted(Service service, CredentialFields.Entered entered) {
    Proof proof = probe.prove(service, entered);
    if (proof.finding() instanceof Probe.Finding.Bad(var message)) {
      throw Problem.invalid("/credentials", message);
    }
    return proof;
  }

  private Answer list(Call call) {
    List<Connection> found =
        database
            .jdbi()
            .withHandle(
                handle ->
                    connections.list(
                        handle, call.caller().userId(), call.page(), call.query("service")));
    return call.page()
        .answer(
            found, connection -> connection.id().toString(), connection -> connection.toJson(null));
  }

  private Answer show(Call call) {
    return Answer.ok(find(call).toJson(null));
  }

  private Connection find(Call call) {
    return database
        .jdbi()
        .withHandle(handle -> connections.get(handle, call.caller().userId(), call.id("id")));
  }

  private record NewName(@Nullable String name) {}

  private Route.Handler rename(Call call) {
    Violations violations = new Violations();
    String name = name(call.body(NewName.class).name(), violations);
    violations.raise();
    UUID owner = call.caller().userId();
    return _ ->
        Answer.ok(
            database
                .jdbi()
                .inTransaction(
                    handle -> {
                      Connection before = connections.get(handle, owner, call.id("id"));
                      Connection after = connections.rename(handle, owner, before.id(), name);
                      areas.renameConnection(handle, owner, before.id(), name);
                      return after.toJson(null);
                    }));
  }

  private record NewCredentials(@Nullable JsonNode credentials) {}

  private Route.Handler replace(Call call) {
    NewCredentials body = call.body(NewCredentials.class);
    Connection before = find(call);
    Service service = known(before);
    Violations violations = new Violations();
    Optional<CredentialFields.Entered> entered = entered(service, body.credentials(), violations);
    violations.raise();
    Proof proof = accepted(service, entered.orElseThrow());
    return _ ->
        Answer.ok(
            database
                .jdbi()
                .inTransaction(
                    handle -> {
                      UUID owner = call.caller().userId();
                      connections.get(handle, owner, before.id());
                      return connections.replace(handle, owner, before.id(), proof).toJson(null);
                    }));
  }

  private Service known(Connection connection) {
    return catalog
        .service(connection.service())
        .orElseThrow(
            () ->
                Problem.conflict(
                    "", "The service " + connection.service() + " is not there any more."));
  }

  private Route.Handler test(Call call) {
    UUID owner = call.caller().userId();
    Connection connection = find(call);
    Probe.Finding finding = tested(owner, connection, known(connection));
    return _ ->
        Answer.ok(
            database
                .jdbi()
                .inTransaction(
                    handle ->
                        connections.judge(handle, owner, connection.id(), finding).toJson(null)));
  }

  /** A token that ended by itself says nothing of the account: it is renewed first. */
  private Probe.Finding tested(UUID owner, Connection connection, Service service) {
    Optional<OutboundRequest> call = service.endpoint().flatMap(Endpoint::probeRequest);
    if (call.isPresent()
        && credentials.authorize(
                owner.toString(), connection.id().toString(), service.id(), call.get())
            instanceof Authorized.Away(var message)) {
      return new Probe.Finding.Unknown(service.name() + " cannot be asked now: " + message + ".");
    }
    return probe.ask(
        service,
        database
            .jdbi()
            .withHandle(handle -> connections.credentials(handle, owner, connection.id()))
            .orElseThrow(() -> Problem.conflict("", "It has no credentials yet.")));
  }

  private Answer delete(Call call) {
    UUID owner = call.caller().userId();
    return Answer.ok(
        database
            .jdbi()
            .inTransaction(
                handle -> {
                  Connection connection = connections.get(handle, owner, call.id("id"));
                  List<ConnectedAreas.Stopped> stopped =
                      areas.block(
                          handle,
                          owner,
                          connection.id(),
                          "Its connection \""
                              + connection.name()
                              + "\" was deleted; name another one in the definition.",
                          call.caller().actor());
                  connections.delete(handle, owner, connection.id());
                  return Map.of("stopped", stopped);
                }));
  }
}
