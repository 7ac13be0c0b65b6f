package dev.areaflow.api.login;

import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.Nonce;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.database.Hashes;
import dev.areaflow.catalog.vault.SecretPlace;
import dev.areaflow.catalog.vault.VaultKeys;
import java.net.URI;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Ways to identity providers and back. What comes back is taken once, within ten minutes, and only
 * from whoever went: from the same browser, or, where a user links an identity, from that user.
 */
public final class Logins {
  private static final Duration LIFETIME = Duration.ofMinutes(10);
  private static final String OWNER = "login";
  private static final String VERIFIER = "verifier";

  private final Database database;
  private final List<IdentityProvider> providers;
  private final VaultKeys vault;
  private final Function<String, URI> addresses;
  private final Clock clock;

  /**
   * @param addresses the address of a path of the API, as people reach it
   */
  public Logins(
      Database database,
      List<IdentityProvider> providers,
      VaultKeys vault,
      Function<String, URI> addresses,
      Clock clock) {
    this.database = database;
    this.providers = List.copyOf(providers);
    this.vault = vault;
    this.addresses = addresses;
    this.clock = clock;
  }

  /** Who goes. */
  public sealed interface Goer {
    /**
     * Somebody who wants to log in.
     *
     * @param secret what this browser alone knows
     */
    record Browser(String secret) implements Goer {
      @Override
      public String toString() {
        return "Browser";
      }
    }

    /** A user who links an identity. */
    record User(UUID id) implements Goer {}
  }

  /** Somebody who is on the way. */
  @SuppressWarnings("ArrayRecordComponent") // a hash, compared in constant time
  public record Pending(
      IdentityProvider.Attempt attempt, @Nullable UUID userId, byte @Nullable [] browserHash) {

    /** Whether that was who comes back. */
    public boolean isOf(Goer goer) {
      return switch (goer) {
        case Goer.Browser(var secret) ->
            browserHash != null && MessageDigest.isEqual(browserHash, Hashes.of(secret));
        case Goer.User(var id) -> id.equals(userId);
      };
    }

    @Override
    public String toString() {
      return "Pending[" + attempt + ", " + userId + "]";
    }
  }

  /** All that people can log in with. */
  public List<IdentityProvider> providers() {
    return providers;
  }

  /** One of them; empty where there is none of this id. */
  public Optional<IdentityProvider> provider(String id) {
    return providers.stream().filter(each -> each.id().equals(id)).findFirst();
  }

  /**
   * The address of the provider's page.
   *
   * @throws LoginException if the provider does not say where that is
   */
  public URI begin(IdentityProvider provider, Goer goer)
      throws LoginException, InterruptedException {
    IdentityProvider.Attempt attempt =
        new IdentityProvider.Attempt(
            redirect(provider.id()), new State(), new Nonce(), new CodeVerifier());
    URI address = provider.authorizeUrl(attempt);
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("hash", Hashes.of(attempt.state().getValue()));
    values.put("provider", provider.id());
    values.put("user", goer instanceof Goer.User(var id) ? id : null);
    values.put("browser", goer instanceof Goer.Browser(var secret) ? Hashes.of(secret) : null);
    values.put("nonce", attempt.nonce().getValue());
    values.put("verifier", vault.seal(place(provider.id()), attempt.verifier().getValue()));
    values.put("expiresAt", clock.instant().plus(LIFETIME));
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "INSERT INTO login_states (state_hash, provider, user_id, browser_hash,"
                            + " nonce, verifier, expires_at) VALUES (:hash, :provider, :user,"
                            + " :browser, :nonce, :verifier, :expiresAt)")
                    .bindMap(values)
                    .execute());
    return address;
  }

  /** Who went to a provider with a state; empty where nobody did, or came back already. */
  public Optional<Pending> find(IdentityProvider provider, String state) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT * FROM login_states WHERE state_hash = :hash"
                            + " AND provider = :provider AND expires_at > :now")
                    .bind("hash", Hashes.of(state))
                    .bind("provider", provider.id())
                    .bind("now", clock.instant())
                    .map((row, context) -> pending(row, state))
                    .findOne());
  }

  private Pending pending(ResultSet row, String state) throws SQLException {
    String provider = row.getString("provider");
    return new Pending(
        new IdentityProvider.Attempt(
            redirect(provider),
            new State(state),
            new Nonce(row.getString("nonce")),
            new CodeVerifier(vault.open(place(provider), row.getBytes("verifier")))),
        row.getObject("user_id", UUID.class),
        row.getBytes("browser_hash"));
  }

  /** Ends a way, so that it is never gone again; false where that was done already. */
  public boolean end(Pending pending) {
    return database
            .jdbi()
            .withHandle(
                handle ->
                    handle.execute(
                        "DELETE FROM login_states WHERE state_hash = ?",
                        (Object) Hashes.of(pending.attempt().state().getValue())))
        > 0;
  }

  /** Forgets those who never came back. */
  public void forgetExpired() {
    database
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate("DELETE FROM login_states WHERE expires_at <= :now")
                    .bind("now", clock.instant())
                    .execute());
  }

  /** An address for each provider, so that none can answer in the place of another. */
  private URI redirect(String provider) {
    return addresses.apply("/login/" + provider + "/callback");
  }

  private static SecretPlace place(String provider) {
    return new SecretPlace(OWNER, provider, VERIFIER);
  }
}
