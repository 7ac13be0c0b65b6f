package dev.areaflow.api.hooks;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * How far a hook's webhook is set up at its service.
 *
 * @param status {@code pending}, {@code active}, {@code polled} where the hook is polled instead,
 *     or {@code failed}
 * @param problem why it is not active; null where it is
 */
public record Subscribed(String status, @Nullable String problem) {
  /** The columns that {@link #of} reads, of the table {@code subscriptions} under the name b. */
  public static final String COLUMNS =
      "b.status AS subscription_status, b.problem AS subscription_problem";

  /** Reads {@link #COLUMNS}; null where the platform does not set it up. */
  public static @Nullable Subscribed of(ResultSet row) throws SQLException {
    String status = row.getString("subscription_status");
    return status == null ? null : new Subscribed(status, row.getString("subscription_problem"));
  }

  /** Whether it stands so. */
  public boolean is(String other) {
    return status.equals(other);
  }
}
