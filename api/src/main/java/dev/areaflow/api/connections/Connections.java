package dev.areaflow.api.connections;

import dev.areaflow.api.areas.ConnectedAreas;
import dev.areaflow.api.areas.ConnectionNames;
import dev.areaflow.api.areas.OwnedConnections;
import dev.areaflow.api.areas.ScopeNeeds;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.http.Page;
import dev.areaflow.api.http.Problem;
import dev.areaflow.catalog.connections.CredentialFields;
import dev.areaflow.catalog.vault.SecretPlace;
import dev.areaflow.catalog.vault.VaultKeys;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.generic.GenericType;
import org.jspecify.annotations.Nullable;

/** The table of connections and their sealed credentials. The caller brings the transaction. */
public final class Connections implements OwnedConnections {
  private static final int MOST_PER_USER = 500;
  private static final GenericType<List<String>> SCOPES = new GenericType<>() {};

  private final VaultKeys vault;
  private final ConnectedAreas areas;
  private final ScopeNeeds needs;
  private final Clock clock;

  /**
   * @param areas what uses them
   */
  public Connections(VaultKeys vault, ConnectedAreas areas, ScopeNeeds needs, Clock clock) {
    this.vault = vault;
    this.areas = areas;
    this.needs = needs;
    this.clock = clock;
  }

  /**
   * Makes a connection.
   *
   * @throws Problem 409 where the name is taken, or the owner has too many
   */
  Connection create(Handle handle, UUID owner, String service, String name, Proof proof) {
    UUID id = insert(handle, owner, service, name);
    keep(handle, owner, id, proof);
    return judge(handle, owner, id, proof.finding());
  }

  /**
   * Makes a connection whose owner has still to consent.
   *
   * @throws Problem 409 where the name is taken, or the owner has too many
   */
  Connection prepare(Handle handle, UUID owner, String service, String name) {
    UUID id = insert(handle, owner, service, name);
    handle.execute("UPDATE connections SET scopes = '{}' WHERE id = ?", id);
    return get(handle, owner, id);
  }

  private UUID insert(Handle handle, UUID owner, String service, String name) {
    int count =
        handle
            .createQuery("SELECT count(*) FROM connections WHERE owner_id = :owner")
            .bind("owner", owner)
            .mapTo(Integer.class)
            .one();
    if (count >= MOST_PER_USER) {
      throw Problem.conflict(
          "", "You have " + count + " connections, which is the most; delete some.");
    }
    return named(
        () ->
            handle
                .createQuery(
                    "INSERT INTO connections (owner_id, service, name, created_at)"
                        + " VALUES (:owner, :service, :name, :now) RETURNING id")
                .bind("owner", owner)
                .bind("service", service)
                .bind("name", name)
                .bind("now", now())
                .mapTo(UUID.class)
                .one());
  }

  /**
   * Puts other credentials in the place of those that are there. Hooks that listen with it hear of
   * that.
   */
  Connection replace(Handle handle, UUID owner, UUID id, Proof proof) {
    handle.execute("DELETE FROM connection_secrets WHERE connection_id = ?", id);
    keep(handle, owner, id, proof);
    areas.mended(handle, owner, id);
    return judge(handle, owner, id, proof.finding());
  }

  private void keep(Handle handle, UUID owner, UUID id, Proof proof) {
    CredentialFields.Entered entered = proof.entered();
    @Nullable Duration lifetime = proof.lifetime().orElse(null);
    handle
        .createUpdate(
            "UPDATE connections SET kind = :kind, address = :address, expires_at = :expiresAt,"
                + " lifetime_seconds = :lifetime, scopes = :scopes,"
                + " version = version + 1, status = 'pending'"
                + " WHERE id = :id AND owner_id = :owner")
        .bind("kind", entered.kind())
        .bind("address", entered.address().map(URI::toString).orElse(null))
        .bind("expiresAt", lifetime == null ? null : clock.instant().plus(lifetime))
        .bind("lifetime", lifetime == null ? null : lifetime.toSeconds())
        .bindByType("scopes", proof.scopes().orElse(null), SCOPES)
        .bind("id", id)
        .bind("owner", owner)
        .execute();
    entered
        .secrets()
        .forEach(
            (field, secret) ->
                handle
                    .createUpdate(
                        "INSERT INTO connection_secrets (connection_id, field, sealed)"
                            + " VALUES (:id, :field, :sealed)")
                    .bind("id", id)
                    .bind("field", field)
                    .bind("sealed", vault.seal(place(owner, id, field), secret))
                    .execute());
  }

  /** Writes down what the service said of the credentials. */
  Connection judge(Handle handle, UUID owner, UUID id, Probe.Finding finding) {
    switch (finding) {
      case Probe.Finding.Good(var account) -> {
        if (get(handle, owner, id).status().equals("reconnect")) {
          areas.mended(handle, owner, id);
        }
        state(handle, owner, id, "connected", null, account.orElse(null));
      }
      case Probe.Finding.Bad(var message) -> state(handle, owner, id, "reconnect", message, null);
      case Probe.Finding.Unknown(var message) -> state(handle, owner, id, null, message, null);
    }
    return get(handle, owner, id);
  }

  private void state(
      Handle handle,
      UUID owner,
      UUID id,
      @Nullable String status,
      @Nullable String problem,
      @Nullable String account) {
    handle
        .createUpdate(
            "UPDATE connections SET status = coalesce(:status, status), problem = :problem,"
                + " account = coalesce(:account, account), updated_at = :now"
                + " WHERE id = :id AND owner_id = :owner")
        .bind("status", status)
        .bind("problem", problem)
        .bind("account", account)
        .bind("now", now())
        .bind("id", id)
        .bind("owner", owner)
        .execute();
  }

  /** The owner's connections, newest first. */
  List<Connection> list(Handle handle, UUID owner, Page page, Optional<String> service) {
    Map<UUID, Set<String>> needed = areas.scopesNeeded(handle, owner);
    return handle
        .createQuery(
            "SELECT * FROM connections WHERE owner_id = :owner"
                + " AND (CAST(:service AS text) IS NULL OR service = :service)"
                + " AND (CAST(:after AS uuid) IS NULL OR id < :after)"
                + " ORDER BY id DESC LIMIT :limit")
        .bind("owner", owner)
        .bind("service", service.orElse(null))
        .bind("after", page.afterId().orElse(null))
        .bind("limit", page.fetch())
        .map((row, context) -> Connection.of(row, needed, needs))
        .list();
  }

  /**
   * One connection.
   *
   * @throws Problem 404
   */
  Connection get(Handle handle, UUID owner, UUID id) {
    Map<UUID, Set<String>> needed = areas.scopesNeeded(handle, owner);
    return handle
        .createQuery("SELECT * FROM connections WHERE id = :id AND owner_id = :owner")
        .bind("id", id)
        .bind("owner", owner)
        .map((row, context) -> Connection.of(row, needed, needs))
        .findOne()
        .orElseThrow(Problem::notFound);
  }

  /**
   * Gives it another name.
   *
   * @throws Problem 404, 409 where the name is taken
   */
  Connection rename(Handle handle, UUID owner, UUID id, String name) {
    int changed =
        named(
            () ->
                handle
                    .createUpdate(
                        "UPDATE connections SET name = :name, updated_at = :now"
                            + " WHERE id = :id AND owner_id = :owner")
                    .bind("name", name)
                    .bind("now", now())
                    .bind("id", id)
                    .bind("owner", owner)
                    .execute());
    if (changed == 0) {
      throw Problem.notFound();
    }
    return get(handle, owner, id);
  }

  void delete(Handle handle, UUID owner, UUID id) {
    handle.execute("DELETE FROM connections WHERE id = ? AND owner_id = ?", id, owner);
  }

  /** The credentials of a connection; empty where there are none yet. */
  Optional<CredentialFields.Entered> credentials(Handle handle, UUID owner, UUID id) {
    Map<String, String> secrets = new HashMap<>();
    handle
        .createQuery("SELECT field, sealed FROM connection_secrets WHERE connection_id = :id")
        .bind("id", id)
        .map(
            (row, context) ->
                Map.entry(
                    row.getString("field"),
                    vault.open(place(owner, id, row.getString("field")), row.getBytes("sealed"))))
        .forEach(secret -> secrets.put(secret.getKey(), secret.getValue()));
    return handle
        .createQuery(
            "SELECT kind, address FROM connections"
                + " WHERE id = :id AND owner_id = :owner AND kind IS NOT NULL")
        .bind("id", id)
        .bind("owner", owner)
        .map(
            (row, context) ->
                new CredentialFields.Entered(
                    row.getString("kind"),
                    Optional.ofNullable(row.getString("address")).map(URI::create),
                    secrets))
        .findOne();
  }

  @Override
  public ConnectionNames names(Handle handle, UUID owner) {
    Map<ConnectionNames.Named, UUID> ids = new HashMap<>();
    handle
        .createQuery("SELECT id, service, name FROM connections WHERE owner_id = :owner")
        .bind("owner", owner)
        .map(
            (row, context) ->
                Map.entry(
                    new ConnectionNames.Named(row.getString("service"), row.getString("name")),
                    row.getObject("id", UUID.class)))
        .forEach(each -> ids.put(each.getKey(), each.getValue()));
    return new ConnectionNames(ids);
  }

  private static SecretPlace place(UUID owner, UUID id, String field) {
    return new SecretPlace(owner.toString(), id.toString(), field);
  }

  private static <T> T named(Supplier<T> statement) {
    return Database.unlessTaken(
        statement,
        () ->
            Problem.conflict(
                "/name", "Another of your connections to this service has this name already."));
  }

  private OffsetDateTime now() {
    return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
