package dev.areaflow.api.connections;

import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import dev.areaflow.api.database.Hashes;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.vault.SecretPlace;
import dev.areaflow.catalog.vault.VaultKeys;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * Consents under way (RFC 6749, section 4.1, with PKCE, RFC 7636). What a provider brings back is
 * taken once, within ten minutes, and only from the user who asked for it: a consent that somebody
 * else was led to never ends up in that user's account.
 */
public final class Consents {
  private static final Duration LIFETIME = Duration.ofMinutes(10);
  private static final String VERIFIER = "verifier";

  private final VaultKeys vault;
  private final URI redirect;
  private final Clock clock;

  /**
   * @param redirect where providers send people back to, exactly as registered there
   */
  public Consents(VaultKeys vault, URI redirect, Clock clock) {
    this.vault = vault;
    this.redirect = redirect;
    this.clock = clock;
  }

  /** A consent that was asked for. */
  record Pending(UUID owner, UUID connection, String verifier, List<String> scopes) {
    Pending {
      scopes = List.copyOf(scopes);
    }

    @Override
    public String toString() {
      return "Pending[" + connection + "]";
    }
  }

  /** Where providers send people back to. */
  URI redirect() {
    return redirect;
  }

  /**
   * The address of the provider's page where the owner consents to what was granted before, what
   * the connection's AREAs need, and what is wished for besides.
   */
  URI start(
      Handle handle,
      UUID owner,
      Connection connection,
      Auth.OAuth2 flow,
      OAuthClients.Client client,
      List<String> wished) {
    List<String> granted = connection.scopes() == null ? List.of() : connection.scopes();
    List<String> needed =
        Stream.concat(connection.neededScopes().stream(), wished.stream()).toList();
    return start(
        handle, owner, connection.id(), flow, client, flow.scopes().toAsk(granted, needed));
  }

  private URI start(
      Handle handle,
      UUID owner,
      UUID connection,
      Auth.OAuth2 flow,
      OAuthClients.Client client,
      List<String> scopes) {
    State state = new State();
    CodeVerifier verifier = new CodeVerifier();
    handle
        .createUpdate(
            "INSERT INTO oauth_states (state_hash, connection_id, owner_id, verifier, scopes,"
                + " expires_at) VALUES (:hash, :connection, :owner, :verifier, :scopes, :expiresAt)")
        .bind("hash", Hashes.of(state.getValue()))
        .bind("connection", connection)
        .bind("owner", owner)
        .bind("verifier", vault.seal(place(owner, connection), verifier.getValue()))
        .bindArray("scopes", String.class, scopes)
        .bind("expiresAt", clock.instant().plus(LIFETIME))
        .execute();
    AuthorizationRequest.Builder request =
        new AuthorizationRequest.Builder(ResponseType.CODE, new ClientID(client.id()))
            .endpointURI(flow.authorizeUrl())
            .redirectionURI(redirect)
            .state(state)
            .codeChallenge(verifier, CodeChallengeMethod.S256);
    if (!scopes.isEmpty()) {
      request.scope(Scope.parse(scopes));
    }
    flow.parameters().forEach(request::customParameter);
    return request.build().toURI();
  }

  /** Who asked for a consent, and for which connection. */
  record Asked(UUID owner, UUID connection) {}

  /** Who asked for a consent, by its state; empty where nobody did, or it was taken already. */
  Optional<Asked> asked(Handle handle, String state) {
    return handle
        .createQuery(
            "SELECT owner_id, connection_id FROM oauth_states"
                + " WHERE state_hash = :hash AND expires_at > :now")
        .bind("hash", Hashes.of(state))
        .bind("now", clock.instant())
        .map(
            (row, context) ->
                new Asked(
                    row.getObject("owner_id", UUID.class),
                    row.getObject("connection_id", UUID.class)))
        .findOne();
  }

  /** Takes a consent of this owner; it is never given again. */
  Optional<Pending> take(Handle handle, UUID owner, String state) {
    return handle
        .createQuery(
            "DELETE FROM oauth_states WHERE state_hash = :hash AND owner_id = :owner"
                + " AND expires_at > :now RETURNING connection_id, verifier, scopes")
        .bind("hash", Hashes.of(state))
        .bind("owner", owner)
        .bind("now", clock.instant())
        .map(
            (row, context) -> {
              UUID connection = row.getObject("connection_id", UUID.class);
              return new Pending(
                  owner,
                  connection,
                  vault.open(place(owner, connection), row.getBytes("verifier")),
                  List.of((String[]) row.getArray("scopes").getArray()));
            })
        .findOne();
  }

  /** Forgets consents that nobody came back with. */
  public void forgetExpired(Handle handle) {
    handle
        .createUpdate("DELETE FROM oauth_states WHERE expires_at <= :now")
        .bind("now", clock.instant())
        .execute();
  }

  private static SecretPlace place(UUID owner, UUID connection) {
    return new SecretPlace(owner.toString(), connection.toString(), VERIFIER);
  }
}
