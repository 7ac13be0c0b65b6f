package dev.areaflow.launcher.cdc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The connector's replication slot, as the database sees it.
 *
 * @param active whether the connector reads it now
 * @param walStatus PostgreSQL's word for whether the log it needs is still there
 * @param lagBytes how much of the log the connector has not confirmed
 */
record ReplicationSlot(boolean active, String walStatus, long lagBytes) {
  private static final String QUERY =
      """
      SELECT active, coalesce(wal_status, 'unknown'),
             coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint
      FROM pg_replication_slots WHERE slot_name = ?
      """;

  /** The slot now, empty where there is none. */
  static Optional<ReplicationSlot> read(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setString(1, ConnectorConfiguration.NAME);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next()
            ? Optional.of(
                new ReplicationSlot(rows.getBoolean(1), rows.getString(2), rows.getLong(3)))
            : Optional.empty();
      }
    }
  }

  /** Whether PostgreSQL has thrown away log that the connector still needed. */
  boolean isLost() {
    return walStatus.equals("lost");
  }
}
