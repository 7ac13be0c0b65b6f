package dev.areaflow.api.connections;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Access;
import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Caller;
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
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The way back from a provider's consent page: a browser comes with a code, which becomes the
 * connection's tokens. Where the browser has no session of whoever asked, that person finishes with
 * their token over the API.
 */
public final class ConsentRoutes implements Routes {
  private static final String PAGE_POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  /** What providers are known to send back besides. */
  private static final String[] PARAMETERS = {
    "code",
    "state",
    "error",
    "error_description",
    "error_uri",
    "scope",
    "iss",
    "session_state",
    "authuser",
    "hd",
    "prompt"
  };

  private final Database database;
  private final Connections connections;
  private final Consents consents;
  private final ServiceCatalog catalog;
  private final OAuthClients clients;
  private final TokenEndpoint tokens;
  private final Probe probe;
  private final Clock clock;

  public ConsentRoutes(
      Database database,
      Connections connections,
      Consents consents,
      ServiceCatalog catalog,
      OAuthClients clients,
      TokenEndpoint tokens,
      Probe probe,
      Clock clock) {
    this.database = database;
    this.connections = connections;
    this.consents = consents;
    this.catalog = catalog;
    this.clients = clients;
    this.tokens = tokens;
    this.probe = probe;
    this.clock = clock;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.get("/oauth2/callback", Access.Basic.MAYBE_LOGGED_IN, this::callback)
            .parameters(PARAMETERS),
        Route.post("/api/v1/connections/{id}/authorize", Scope.CONNECTIONS_WRITE, this::authorize),
        Route.post("/api/v1/connections/{id}/code", Scope.CONNECTIONS_WRITE, this::code));
  }

  /** Asks for a consent anew: the one before was not given, or does not do any more. */
  private Answer authorize(Call call) {
    UUID owner = call.caller().userId();
    return Answer.ok(
        database
            .jdbi()
            .inTransaction(
                handle -> {
                  Connection connection = connections.get(handle, owner, call.id("id"));
                  Consenting way = way(connection);
                  return connection.toJson(
                      consents.start(handle, owner, connection.id(), way.flow(), way.client()));
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
    Outcome outcome =
        finish(owner, String.valueOf(body.state()), Optional.ofNullable(body.code()), "");
    if (outcome.connection() == null) {
      throw Problem.conflict("", outcome.message());
    }
    return Answer.ok(outcome.connection().toJson(null));
  }

  /**
   * What came of coming back.
   *
   * @param connection as it stands now; null where there is none to speak of
   */
  private record Outcome(boolean good, @Nullable Connection connection, String message) {}

  private Answer callback(Call call) {
    String state = call.query("state").orElse("");
    Optional<UUID> asked = database.jdbi().withHandle(handle -> consents.owner(handle, state));
    if (asked.isEmpty()) {
      return page(
          400,
          "This link does not work any more",
          "It works once, for ten minutes. Start again from the connection.");
    }
    if (!call.maybeCaller().map(Caller::userId).equals(asked)) {
      return page(
          403,
          "Not logged in as who asked",
          "Log in to Areaflow in this browser as the user who asked, and start again; or finish"
              + " over the API: POST /api/v1/connections/ID/code with this state and code.",
          "{\"state\": \"" + state + "\", \"code\": \"" + call.query("code").orElse("") + "\"}");
    }
    String refusal =
        call.query("error").map(error -> call.query("error_description").orElse(error)).orElse("");
    Outcome outcome = finish(asked.get(), state, call.query("code"), refusal);
    return page(
        outcome.good() ? 200 : 400,
        outcome.good() ? "Connected" : "Not connected",
        outcome.message());
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
      return refused(owner, connection, way.service().name() + " says: " + refusal);
    }
    try {
      return switch (tokens.exchange(
          way.flow(), way.client(), consents.redirect(), code.get(), pending.get().verifier())) {
        case TokenEndpoint.Reply.Granted(var granted) -> granted(owner, connection, way, granted);
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
      UUID owner, Connection connection, Consenting way, TokenEndpoint.Tokens granted) {
    CredentialFields.Entered entered = CredentialFields.of(granted);
    Probe.Finding finding = probe.ask(way.service(), entered);
    @Nullable Duration lifetime = granted.lifetime().orElse(null);
    Connection after =
        database
            .jdbi()
            .inTransaction(
                handle ->
                    connections.replace(
                        handle,
                        owner,
                        connection.id(),
                        entered,
                        lifetime == null ? null : clock.instant().plus(lifetime),
                        finding));
    boolean good = after.status().equals("connected");
    return new Outcome(
        good,
        after,
        good
            ? way.service().name()
                + " is connected"
                + (after.account() == null ? "" : " as " + after.account())
                + ". You can close this page."
            : String.valueOf(after.problem()));
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

  private static Answer page(int status, String title, String text) {
    return page(status, title, text, "");
  }

  private static Answer page(int status, String title, String text, String code) {
    String html =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%1$s · Areaflow</title>
        <style>
        body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem;
          color: #1c2733; }
        h1 { font-size: 1.5rem; }
        pre { background: #f2f4f7; padding: 1rem; border-radius: .4rem; white-space: pre-wrap;
          overflow-wrap: anywhere; font-size: .85rem; }
        </style>
        </head>
        <body>
        <main>
        <h1>%1$s</h1>
        <p>%2$s</p>
        %3$s
        </main>
        </body>
        </html>
        """
            .formatted(
                escaped(title),
                escaped(text),
                code.isEmpty() ? "" : "<pre>" + escaped(code) + "</pre>");
    return new Answer(
        status,
        Map.of(
            "Content-Type",
            "text/html; charset=utf-8",
            "Content-Security-Policy",
            PAGE_POLICY,
            "Cache-Control",
            "no-store",
            "Referrer-Policy",
            "no-referrer"),
        html.getBytes(UTF_8));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
