package dev.areaflow.catalog.connections;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.Endpoint;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.HttpClientConfig;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.vault.SecretPlace;
import dev.areaflow.catalog.vault.UnreadableSecretException;
import dev.areaflow.catalog.vault.VaultKeys;
import dev.areaflow.schemas.config.DatabaseLogin;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials as PostgreSQL and the vault have them. What was read is used for some seconds, so
 * that a busy connection costs no query a call; what its owner changes counts everywhere after
 * that.
 *
 * <p>Tokens that end are renewed some minutes before. However many threads and processes want one,
 * one alone asks the provider, with the connection's row locked: a refresh token may be good for
 * once only, and using it twice can cost the whole account (RFC 9700, section 4.14).
 */
public final class StoredCredentials implements Credentials, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoredCredentials.class);
  private static final Duration USED_FOR = Duration.ofSeconds(10);
  private static final Duration EARLY = Duration.ofMinutes(5);
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(4);
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String INVALID_GRANT = "invalid_grant";
  private static final Set<String> CLIENT_REFUSED = Set.of("invalid_client", "unauthorized_client");
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int LONGEST_SILENCE_SECONDS = 5;
  private static final int MOST_KEPT = 10_000;
  private static final int MOST_CONNECTIONS = 4;
  private static final String FIND =
      "SELECT c.service, c.name, c.status, c.kind, c.address, c.version, c.expires_at,"
          + " c.lifetime_seconds, s.field, s.sealed FROM connections c"
          + " LEFT JOIN connection_secrets s ON s.connection_id = c.id"
          + " WHERE c.id = ? AND c.owner_id = ?";
  private static final String LOCK =
      "SELECT 1 FROM connections WHERE id = ? AND owner_id = ? FOR NO KEY UPDATE";
  private static final String RENEW =
      "UPDATE connections SET version = version + 1, expires_at = ?, lifetime_seconds = ?,"
          + " scopes = coalesce(?, scopes), status = 'connected', problem = NULL, updated_at = now() WHERE id = ? AND owner_id = ?";
  private static final String KEEP =
      "INSERT INTO connection_secrets (connection_id, field, sealed) VALUES (?, ?, ?)"
          + " ON CONFLICT (connection_id, field) DO UPDATE SET sealed = excluded.sealed";
  private static final String END =
      "UPDATE connections SET status = 'reconnect', problem = ?, updated_at = now()"
          + " WHERE id = ? AND owner_id = ?";
  private static final String RENEW_NEXT =
      "UPDATE connections SET expires_at = now() WHERE id = ? AND owner_id = ? AND version = ?"
          + " AND (kind = 'client' OR EXISTS (SELECT 1 FROM connection_secrets s"
          + " WHERE s.connection_id = connections.id AND s.field = 'refreshToken'))";
  private static final String REFUSE =
      "UPDATE connections SET status = 'reconnect', problem = ?, updated_at = now()"
          + " WHERE id = ? AND owner_id = ? AND version = ?";
  private static final String IS_THERE =
      "SELECT 1 FROM connections WHERE id = ? AND owner_id = ? AND status <> 'reconnect'";

  private final ServiceCatalog catalog;
  private final OAuthClients clients;
  private final VaultKeys vault;
  private final GuardedHttpClient http;
  private final TokenEndpoint tokens;
  private final Clock clock;
  private final HikariDataSource database;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AsyncCache<Key, Optional<Found>> found =
      Caffeine.newBuilder()
          .expireAfter(Expiry.creating(StoredCredentials::usedFor))
          .maximumSize(MOST_KEPT)
          .executor(threads)
          .buildAsync();

  private record Key(String ownerId, String connectionId) {}

  /** A connection as its row has it, with its secrets opened. */
  private record Found(
      String service,
      String name,
      boolean reconnect,
      @Nullable String kind,
      Optional<URI> address,
      long version,
      Optional<Instant> expiresAt,
      Optional<Duration> lifetime,
      Map<String, String> secrets) {

    boolean isDue(Instant now) {
      return !reconnect && isRenewable() && !isGood(now.plus(early()));
    }

    private boolean isRenewable() {
      return CredentialFields.CLIENT.equals(kind)
          || secrets.containsKey(CredentialFields.REFRESH_TOKEN);
    }

    boolean isGood(Instant now) {
      return secrets.containsKey(CredentialFields.ACCESS_TOKEN)
          && (expiresAt.isEmpty() || now.isBefore(expiresAt.get()));
    }

    /** A token that lives for minutes only is not renewed all the time. */
    private Duration early() {
      return lifetime
          .map(whole -> whole.dividedBy(4))
          .filter(part -> part.compareTo(EARLY) < 0)
          .orElse(EARLY);
    }

    /** Whether an error of the token endpoint is one that only the owner can mend. */
    boolean isLost(String error) {
      return CredentialFields.CLIENT.equals(kind)
          ? CLIENT_REFUSED.contains(error) && CredentialFields.client(secrets).isPresent()
          : INVALID_GRANT.equals(error);
    }

    @Override
    public String toString() {
      return "Found[" + service + ", " + name + "]";
    }
  }

  /**
   * Connects at the first call, not yet.
   *
   * @param clients what the platform is registered as, to renew tokens
   * @param http limits of calls to providers of tokens
   */
  public StoredCredentials(
      DatabaseLogin login,
      ServiceCatalog catalog,
      OAuthClients clients,
      VaultKeys vault,
      HttpClientConfig http,
      Clock clock) {
    this.catalog = catalog;
    this.clients = clients;
    this.vault = vault;
    this.http = new GuardedHttpClient(http);
    this.tokens = new TokenEndpoint(this.http);
    this.clock = clock;
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setURL(login.url());
    source.setUser(login.user());
    source.setPassword(login.password().value());
    source.setApplicationName("areaflow-credentials");
    source.setConnectTimeout((int) PATIENCE.toSeconds());
    source.setSocketTimeout(LONGEST_SILENCE_SECONDS);
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("credentials");
    pool.setDataSource(source);
    pool.setMaximumPoolSize(MOST_CONNECTIONS);
    pool.setMinimumIdle(0);
    pool.setConnectionTimeout(PATIENCE.toMillis());
    pool.setInitializationFailTimeout(-1);
    this.database = new HikariDataSource(pool);
  }

  @Override
  public Authorized authorize(
      String ownerId, String connectionId, String service, OutboundRequest request) {
    try {
      Optional<Found> connection = found(new Key(ownerId, connectionId));
      if (connection.isEmpty() || !connection.get().service().equals(service)) {
        return new Authorized.Gone("its connection is gone; choose another one");
      }
      return authorize(ownerId, connectionId, connection.get(), request);
    } catch (AwayException e) {
      return new Authorized.Away(String.valueOf(e.getMessage()));
    } catch (UnreadableSecretException e) {
      LOG.error("connection {}: {}", connectionId, e.getMessage());
      return new Authorized.Reconnect(String.valueOf(e.getMessage()));
    }
  }

  private Optional<Found> found(Key key) {
    try {
      return found.get(key, this::current).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private Authorized authorize(
      String ownerId, String connectionId, Found connection, OutboundRequest request) {
    String name = connection.name();
    Optional<Service> service = catalog.service(connection.service());
    if (connection.reconnect() || connection.kind() == null || service.isEmpty()) {
      return new Authorized.Reconnect("its connection \"" + name + "\" has to be connected again");
    }
    Optional<Endpoint> endpoint =
        connection.address().map(Endpoint::at).or(() -> service.get().endpoint());
    if (endpoint.isEmpty() || !endpoint.get().covers(request.uri())) {
      return new Authorized.Foreign(
          "the connection \""
              + name
              + "\" is for "
              + endpoint.map(there -> there.baseUrl().toString()).orElse("no address")
              + " only; use a connection for this address, or none");
    }
    Credential credential =
        CredentialFields.credential(service.get().auth(), connection.kind(), connection.secrets());
    return new Authorized.Ready(
        credential.on(request), new Authorized.Lease(ownerId, connectionId, connection.version()));
  }

  @Override
  public boolean refused(Authorized.Lease lease, String message) {
    found.synchronous().invalidate(new Key(lease.ownerId(), lease.connectionId()));
    try (Connection connection = database.getConnection()) {
      try (PreparedStatement update = connection.prepareStatement(RENEW_NEXT)) {
        update.setObject(1, UUID.fromString(lease.connectionId()));
        update.setObject(2, UUID.fromString(lease.ownerId()));
        update.setLong(3, lease.version());
        if (update.executeUpdate() > 0) {
          return true;
        }
      }
      try (PreparedStatement update = connection.prepareStatement(REFUSE)) {
        update.setString(1, message);
        update.setObject(2, UUID.fromString(lease.connectionId()));
        update.setObject(3, UUID.fromString(lease.ownerId()));
        update.setLong(4, lease.version());
        if (update.executeUpdate() > 0) {
          return false;
        }
      }
      try (PreparedStatement query = connection.prepareStatement(IS_THERE)) {
        query.setObject(1, UUID.fromString(lease.connectionId()));
        query.setObject(2, UUID.fromString(lease.ownerId()));
        try (ResultSet row = query.executeQuery()) {
          return row.next();
        }
      }
    } catch (SQLException e) {
      LOG.warn("connection {} cannot be marked: {}", lease.connectionId(), e.toString());
      return true; // the next attempt marks it
    }
  }

  /**
   * What keeps a call from being made is asked for each time: its owner may just have mended it.
   */
  private static Duration usedFor(Key key, Optional<Found> found) {
    return found.isEmpty() || found.get().reconnect() ? Duration.ZERO : USED_FOR;
  }

  /** The connection as it stands, its token renewed where that is due. */
  private Optional<Found> current(Key key) {
    try (Connection connection = database.getConnection()) {
      Optional<Found> stored = read(connection, key);
      if (stored.isEmpty() || !stored.get().isDue(clock.instant())) {
        return stored;
      }
      connection.setAutoCommit(false);
      try {
        Optional<Found> renewed = renewed(connection, key);
        connection.commit();
        return renewed;
      } catch (SQLException e) {
        connection.rollback();
        if (LOCK_NOT_AVAILABLE.equals(e.getSQLState()) && stored.get().isGood(clock.instant())) {
          return stored; // another process is at it, and this token does until then
        }
        throw e;
      }
    } catch (SQLException e) {
      throw new AwayException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AwayException("interrupted");
    }
  }

  private Optional<Found> renewed(Connection connection, Key key)
      throws SQLException, InterruptedException {
    try (Statement patience = connection.createStatement()) {
      patience.execute("SET LOCAL lock_timeout = '" + LOCK_PATIENCE.toMillis() + "ms'");
    }
    try (PreparedStatement lock = connection.prepareStatement(LOCK)) {
      identify(lock, 1, key);
      lock.executeQuery().close();
    }
    Optional<Found> stored = read(connection, key);
    if (stored.isEmpty() || !stored.get().isDue(clock.instant())) {
      return stored; // another one renewed it while this one waited
    }
    Found due = stored.get();
    return switch (ask(due)) {
      case TokenEndpoint.Reply.Granted(var granted) -> {
        keep(connection, key, granted);
        yield read(connection, key);
      }
      case TokenEndpoint.Reply.Denied(var error, var message) when due.isLost(error) -> {
        try (PreparedStatement end = connection.prepareStatement(END)) {
          end.setString(1, due.service() + " does not renew its token: " + message);
          identify(end, 2, key);
          end.executeUpdate();
        }
        yield read(connection, key);
      }
      case TokenEndpoint.Reply.Denied(var error, var message) -> unrenewed(key, due, message);
      case TokenEndpoint.Reply.Unusable(var message) -> unrenewed(key, due, message);
    };
  }

  private TokenEndpoint.Reply ask(Found due) throws InterruptedException {
    Optional<OAuthClients.Client> client =
        CredentialFields.client(due.secrets()).or(() -> clients.of(due.service()));
    if (client.isEmpty()) {
      return new TokenEndpoint.Reply.Unusable(
          "the service is not configured by the operator: set "
              + String.join(" and ", OAuthClients.variables(due.service())));
    }
    return switch (catalog.service(due.service()).map(Service::auth).orElseGet(Auth.None::new)) {
      case Auth.OAuth2 flow ->
          tokens.refresh(
              new TokenEndpoint.Asking(flow.tokenUrl(), client.get(), flow.secretIn()),
              due.secrets().getOrDefault(CredentialFields.REFRESH_TOKEN, ""));
      case Auth.ClientCredentials way ->
          tokens.grant(
              new TokenEndpoint.Asking(way.tokenUrl(), client.get(), way.secretIn()), way.scopes());
      case Auth.None _, Auth.ApiKey _, Auth.Basic _, Auth.Bearer _, Auth.AsGiven _ ->
          new TokenEndpoint.Reply.Unusable("the service has no tokens that end any more");
    };
  }

  private void keep(Connection connection, Key key, TokenEndpoint.Tokens granted)
      throws SQLException {
    try (PreparedStatement renew = connection.prepareStatement(RENEW)) {
      renew.setObject(
          1,
          granted
              .lifetime()
              .map(lifetime -> clock.instant().plus(lifetime).atOffset(ZoneOffset.UTC))
              .orElse(null));
      renew.setObject(2, granted.lifetime().map(Duration::toSeconds).orElse(null), Types.BIGINT);
      renew.setArray(
          3,
          granted.scopes().isEmpty()
              ? null
              : connection.createArrayOf("text", granted.scopes().get().toArray()));
      identify(renew, 4, key);
      renew.executeUpdate();
    }
    for (Map.Entry<String, String> secret : CredentialFields.tokens(granted).entrySet()) {
      SecretPlace place = new SecretPlace(key.ownerId(), key.connectionId(), secret.getKey());
      try (PreparedStatement write = connection.prepareStatement(KEEP)) {
        write.setObject(1, UUID.fromString(key.connectionId()));
        write.setString(2, secret.getKey());
        write.setBytes(3, vault.seal(place, secret.getValue()));
        write.executeUpdate();
      }
    }
  }

  /** A provider that does not answer revokes nothing: the token does as long as it is good. */
  private Optional<Found> unrenewed(Key key, Found due, String message) {
    LOG.warn("the token of connection {} is not renewed: {}", key.connectionId(), message);
    if (!due.isGood(clock.instant())) {
      throw new AwayException("its token has ended and is not renewed: " + message);
    }
    return Optional.of(due);
  }

  private static void identify(PreparedStatement statement, int from, Key key) throws SQLException {
    statement.setObject(from, UUID.fromString(key.connectionId()));
    statement.setObject(from + 1, UUID.fromString(key.ownerId()));
  }

  private Optional<Found> read(Connection connection, Key key) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(FIND)) {
      identify(query, 1, key);
      try (ResultSet rows = query.executeQuery()) {
        return read(key, rows);
      }
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // an id that is none
    }
  }

  private Optional<Found> read(Key key, ResultSet rows) throws SQLException {
    Map<String, String> secrets = new HashMap<>();
    @Nullable Found last = null;
    while (rows.next()) {
      String field = rows.getString("field");
      if (field != null) {
        SecretPlace place = new SecretPlace(key.ownerId(), key.connectionId(), field);
        secrets.put(field, vault.open(place, rows.getBytes("sealed")));
      }
      last =
          new Found(
              rows.getString("service"),
              rows.getString("name"),
              rows.getString("status").equals("reconnect"),
              rows.getString("kind"),
              Optional.ofNullable(rows.getString("address")).map(URI::create),
              rows.getLong("version"),
              Optional.ofNullable(rows.getObject("expires_at", OffsetDateTime.class))
                  .map(OffsetDateTime::toInstant),
              Optional.ofNullable(rows.getObject("lifetime_seconds", Long.class))
                  .map(Duration::ofSeconds),
              secrets);
    }
    return Optional.ofNullable(last);
  }

  /** It cannot be had at present. */
  private static final class AwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AwayException(SQLException cause) {
      super("connections cannot be read: " + cause.getMessage(), cause);
    }

    AwayException(String message) {
      super(message);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    database.close();
    http.close();
  }
}
