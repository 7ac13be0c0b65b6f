package dev.areaflow.api.connections;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Access;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Caller;
import dev.areaflow.api.http.Notice;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.connections.CredentialFields;
import dev.areaflow.catalog.connections.TokenEndpoint;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The way back from a provider's consent page: a browser comes with a code, which becomes the
 * connection's tokens. Where the browser has no session of whoever asked, that person finishes with
 * their token over the API.
 */
public final class ConsentRoutes implements Routes {
  private final Database database;
  private final Connections connections;
  private final Consents consents;
  private final ServiceCatalog catalog;
  private final OAuthClients clients;
  private final TokenEndpoint tokens;
  private final Probe probe;

  public ConsentRoutes(
      Database database,
      Connections connections,
      Consents consents,
      ServiceCatalog catalog,
      OAuthClients clients,
      TokenEndpoint tokens,
      Probe probe) {
    this.database = database;
    this.connections = connections;
    this.consents = consents;
    this.catalog = catalog;
    this.clients = clients;
    this.tokens = tokens;
    this.probe = probe;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/oauth2/callback", Access.Basic.MAYBE_LOGGED_IN, this::callback)
            .fromProvider()
            .auditedAfterwards("connection.consent"),
        Route.preparedPost(
                "/api/v1/connections/{id}/authorize", Scope.CONNECTIONS_WRITE, this::authorize)
            .audited("connection.authorize"),
        Route.post("/api/v1/connections/{id}/code", Scope.CONNECTIONS_WRITE, this::code)
            .auditedAfterwards("connection.consent"));
  }

  /** Asks for a consent anew: the one before was not given, or does not do any more. */
  private Route.Handler authorize(Call call) {
    UUID owner = call.caller().userId();
    Wishes wishes = call.maybeBody(Wishes.class).orElse(Wishes.NONE);
    return _ ->
        Answer.ok(
            database
                .jdbi()
                .inTransaction(
                    handle -> {
                      Connection connection = connections.get(handle, owner, call.id("id"));
                      Consenting way = way(connection);
                      Violations violations = new Violations();
                      List<String> wished = wishes.scopes(way.service(), violations);
                      violations.raise();
                      return connection.toJson(
                          consents.start(
                              handle, owner, connection, way.flow(), way.client(), wished));
                    }));
  }

  private record Consenting(Service service, Auth.OAuth2 flow, OAuthClients.Client client) {}

  private Consenting way(Connection connection) {
    Optional<Service> service = catalog.service(connection.service());
    if (service.isEmpty() || !(service.get().auth() instanceof Auth.OAuth2 flow)) {
      throw Problem.conflict("", "The service " + connection.service() + " has no consent page.");
    }
    OAuthClients.Client client =
        clients
            .of(connection.service())
            .orElseThrow(() -> Problem.conflict("", notConfigured(service.get())));
    return new Consenting(service.get(), flow, client);
  }

  /** What the operator has to do before people can consent. */
  static String notConfigured(Service service) {
    return service.name()
        + " is not configured by the operator: set "
        + String.join(" and ", OAuthClients.variables(service.id()))
        + (CredentialFields.of(service.auth()).isEmpty()
            ? "."
            : "; or give a token of your own as credentials.");
  }

  private record Code(@Nullable String state, @Nullable String code) {}

  /** The same as the callback, by whoever asked, with a token. */
  private Answer code(Call call) {
    Code body = call.body(Code.class);
    Violations violations = new Violations();
    violations.check(body.state() != null, "/state", "Expected the state of the page.");
    violations.check(body.code() != null, "/code", "Expected the code of the page.");
    violations.raise();
    UUID owner = call.caller().userId();
    String state = String.valueOf(body.state());
    refuseOther(owner, call.id("id"), state);
    Outcome outcome = finish(owner, state, Optional.ofNullable(body.code()), "");
    if (outcome.connection() == null) {
      throw Problem.conflict("", outcome.message());
    }
    return Answer.ok(outcome.connection().toJson(null));
  }

  /** The state of one connection's consent finishes no other connection, and stays good. */
  private void refuseOther(UUID owner, UUID id, String state) {
    database
        .jdbi()
        .useHandle(
            handle -> {
              Connection meant = connections.get(handle, owner, id);
              Optional<Consents.Asked> asked =
                  consents.asked(handle, state).filter(other -> other.owner().equals(owner));
              if (asked.isPresent() && !asked.get().connection().equals(meant.id())) {
                throw Problem.conflict(
                    "/state",
                    "This state is of the consent to another connection: POST "
                        + "/api/v1/connections/"
                        + asked.get().connection()
                        + "/code.");
              }
            });
  }

  /**
   * What came of coming back.
   *
   * @param connection as it stands now; null where there is none to speak of
   */
  private record Outcome(boolean good, @Nullable Connection connection, String message) {}

  private Answer callback(Call call) {
    String state = call.query("state").orElse("");
    Optional<Consents.Asked> asked =
        database.jdbi().withHandle(handle -> consents.asked(handle, state));
    if (asked.isEmpty()) {
      return new Notice(
              400,
              "This link does not work any more",
              "It works once, for ten minutes. Start again from the connection.")
          .answer();
    }
    if (!call.maybeCaller().map(Caller::userId).equals(asked.map(Consents.Asked::owner))) {
      return new Notice(
              403,
              "Not logged in as who asked",
              "Log in to Areaflow in this browser as the user who asked, and start again; or finish"
                  + " over the API: POST /api/v1/connections/"
                  + asked.get().connection()
                  + "/code with this state and code.",
              JsonNodeFactory.instance
                  .objectNode()
                  .put("state", state)
                  .put("code", call.query("code").orElse(""))
                  .toPrettyString())
          .answer();
    }
    call.act().about(asked.get().connection());
    String refusal =
        call.query("error").map(error -> call.query("error_description").orElse(error)).orElse("");
    Outcome outcome = finish(asked.get().owner(), state, call.query("code"), refusal);
    return new Notice(
            outcome.good() ? 200 : 400,
            outcome.good() ? "Connected" : "Not connected",
            outcome.message())
        .answer();
  }

  private Outcome finish(UUID owner, String state, Optional<String> code, String refusal) {
    Optional<Consents.Pending> pending =
        database.jdbi().inTransaction(handle -> consents.take(handle, owner, state));
    if (pending.isEmpty()) {
      return new Outcome(false, null, "This state was used already, or is older than ten minutes.");
    }
    UUID id = pending.get().connection();
    Connection connection =
        database.jdbi().withHandle(handle -> connections.get(handle, owner, id));
    Consenting way = way(connection);
    if (code.isEmpty() || !refusal.isEmpty()) {
      return refused(
          owner,
          connection,
          way.service().name() + " says: " + (refusal.isEmpty() ? "nothing" : refusal));
    }
    try {
      return switch (tokens.exchange(
          new TokenEndpoint.Asking(way.flow().tokenUrl(), way.client(), way.flow().secretIn()),
          consents.redirect(),
          code.get(),
          pending.get().verifier())) {
        case TokenEndpoint.Reply.Granted(var granted) ->
            granted(owner, connection, way, granted, pending.get().scopes());
        case TokenEndpoint.Reply.Denied(var error, var message) ->
            refused(owner, connection, way.service().name() + " gave no token: " + message);
        case TokenEndpoint.Reply.Unusable(var message) ->
            refused(owner, connection, way.service().name() + " gave no token: it " + message);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome(false, connection, "The server is stopping; start again.");
    }
  }

  private Outcome granted(
      UUID owner,
      Connection connection,
      Consenting way,
      TokenEndpoint.Tokens granted,
      List<String> asked) {
    Proof proof = probe.prove(way.service(), CredentialFields.of(granted), granted, asked);
    Connection after =
        database
            .jdbi()
            .inTransaction(handle -> connections.replace(handle, owner, connection.id(), proof));
    boolean good = after.status().equals("connected");
    return new Outcome(good, after, good ? connected(way, after) : String.valueOf(after.problem()));
  }

  private static String connected(Consenting way, Connection after) {
    String account = after.account() == null ? "" : " as " + after.account();
    return way.service().name()
        + " is connected"
        + account
        + (after.missingScopes().isEmpty()
            ? ". You can close this page."
            : ", but some of your AREAs need consent to more: "
                + String.join(", ", after.missingScopes())
                + ".");
  }

  /** A consent that was not given leaves a connection that worked as it is. */
  private Outcome refused(UUID owner, Connection connection, String message) {
    Connection after =
        database
            .jdbi()
            .inTransaction(
                handle ->
                    connections.judge(
                        handle, owner, connection.id(), new Probe.Finding.Unknown(message)));
    return new Outcome(false, after, message);
  }
}
