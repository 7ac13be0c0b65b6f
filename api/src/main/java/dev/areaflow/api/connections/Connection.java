package dev.areaflow.api.connections;

import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
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
    Instant createdAt,
    Instant updatedAt) {

  static Connection of(ResultSet row) throws SQLException {
    return new Connection(
        row.getObject("id", UUID.class),
        row.getString("service"),
        row.getString("name"),
        row.getString("account"),
        row.getString("status"),
        row.getString("problem"),
        row.getString("address"),
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
    json.put("authorizeUrl", authorizeUrl);
    json.put("createdAt", createdAt);
    json.put("updatedAt", updatedAt);
    return json;
  }
}
