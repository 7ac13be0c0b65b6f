package dev.areaflow.catalog.connections;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.areaflow.catalog.Endpoint;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
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
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials as PostgreSQL and the vault have them. What was read is used for some seconds, so
 * that a busy connection costs no query a call; what its owner changes counts everywhere after
 * that.
 */
public final class StoredCredentials implements Credentials, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoredCredentials.class);
  private static final Duration USED_FOR = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int LONGEST_SILENCE_SECONDS = 5;
  private static final int MOST_KEPT = 10_000;
  private static final int MOST_CONNECTIONS = 4;
  private static final String FIND =
      "SELECT c.service, c.name, c.status, c.kind, c.address, c.version, s.field, s.sealed"
          + " FROM connections c LEFT JOIN connection_secrets s ON s.connection_id = c.id"
          + " WHERE c.id = ? AND c.owner_id = ?";
  private static final String REFUSE =
      "UPDATE connections SET status = 'reconnect', problem = ?, updated_at = now()"
          + " WHERE id = ? AND owner_id = ? AND version = ?";
  private static final String IS_THERE =
      "SELECT 1 FROM connections WHERE id = ? AND owner_id = ? AND status <> 'reconnect'";

  private final ServiceCatalog catalog;
  private final VaultKeys vault;
  private final HikariDataSource database;
  private final Cache<Key, Optional<Found>> found =
      Caffeine.newBuilder().expireAfterWrite(USED_FOR).maximumSize(MOST_KEPT).build();

  private record Key(String ownerId, String connectionId) {}

  /** A connection as its row has it, with its secrets opened. */
  private record Found(
      String service,
      String name,
      boolean reconnect,
      @Nullable String kind,
      Optional<URI> address,
      long version,
      Map<String, String> secrets) {
    @Override
    public String toString() {
      return "Found[" + service + ", " + name + "]";
    }
  }

  /** Connects at the first call, not yet. */
  public StoredCredentials(DatabaseLogin login, ServiceCatalog catalog, VaultKeys vault) {
    this.catalog = catalog;
    this.vault = vault;
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
      Optional<Found> connection =
          found.get(new Key(ownerId, connectionId), StoredCredentials.this::read);
      if (connection.isEmpty() || !connection.get().service().equals(service)) {
        return new Authorized.Reconnect("its connection is gone; choose another one");
      }
      return authorize(ownerId, connectionId, connection.get(), request);
    } catch (AwayException e) {
      return new Authorized.Away("connections cannot be read: " + e.getMessage());
    } catch (UnreadableSecretException e) {
      LOG.error("connection {}: {}", connectionId, e.getMessage());
      return new Authorized.Reconnect(String.valueOf(e.getMessage()));
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
    found.invalidate(new Key(lease.ownerId(), lease.connectionId()));
    try (Connection connection = database.getConnection()) {
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

  private Optional<Found> read(Key key) {
    UUID owner;
    UUID id;
    try {
      owner = UUID.fromString(key.ownerId());
      id = UUID.fromString(key.connectionId());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    try (Connection connection = database.getConnection();
        PreparedStatement query = connection.prepareStatement(FIND)) {
      query.setObject(1, id);
      query.setObject(2, owner);
      try (ResultSet rows = query.executeQuery()) {
        return read(key, rows);
      }
    } catch (SQLException e) {
      throw new AwayException(e);
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
              secrets);
    }
    return Optional.ofNullable(last);
  }

  /** PostgreSQL does not answer. */
  private static final class AwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AwayException(SQLException cause) {
      super(cause.getMessage(), cause);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
