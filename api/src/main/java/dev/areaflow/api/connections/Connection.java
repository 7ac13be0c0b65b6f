package dev.areaflow.api.connections;

import dev.areaflow.api.areas.ScopeNeeds;
import java.net.URI;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An account of a user at a service, as its owner sees it: without its credentials.
 *
 * @param name unique per owner and service
 * @param account what the service calls the account; null where it does not say
 * @param status {@code pending} until the credentials were proven, {@code connected}, or {@code
 *     reconnect} where the service refuses them
 * @param problem why it is not connected; null where it is
 * @param scopes what its consent is about, as the service granted it; null where nobody knows
 * @param neededScopes what AREAs need of it
 * @param missingScopes those of them that the consent is not about
 * @param url the only place where its credentials go; null where that is the service's own
 */
record Connection(
    UUID id,
    String service,
    String name,
    @Nullable String account,
    String status,
    @Nullable String problem,
    @Nullable String url,
    @Nullable List<String> scopes,
    List<String> neededScopes,
    List<String> missingScopes,
    Instant createdAt,
    Instant updatedAt) {
  Connection {
    scopes = scopes == null ? null : List.copyOf(scopes);
    neededScopes = List.copyOf(neededScopes);
    missingScopes = List.copyOf(missingScopes);
  }

  /**
   * Reads a row.
   *
   * @param neededOfAll the scopes that AREAs need, by connection
   */
  static Connection of(ResultSet row, Map<UUID, Set<String>> neededOfAll, ScopeNeeds needs)
      throws SQLException {
    UUID id = row.getObject("id", UUID.class);
    String service = row.getString("service");
    Array array = row.getArray("scopes");
    @Nullable List<String> scopes = array == null ? null : List.of((String[]) array.getArray());
    List<String> needed = List.copyOf(neededOfAll.getOrDefault(id, Set.of()));
    return new Connection(
        id,
        service,
        row.getString("name"),
        row.getString("account"),
        row.getString("status"),
        row.getString("problem"),
        row.getString("address"),
        scopes,
        needed,
        needs.lacking(service, scopes, needed),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  /**
   * As its owner sees it.
   *
   * @param authorizeUrl where the owner consents; null where that is not asked for now
   */
  Map<String, @Nullable Object> toJson(@Nullable URI authorizeUrl) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("service", service);
    json.put("name", name);
    json.put("account", account);
    json.put("status", status);
    json.put("problem", problem);
    json.put("url", url);
    json.put("scopes", scopes);
    json.put("missingScopes", missingScopes);
    json.put("authorizeUrl", authorizeUrl);
    json.put("createdAt", createdAt);
    json.put("updatedAt", updatedAt);
    return json;
  }
}
