package dev.areaflow.launcher;

import dev.areaflow.launcher.embedded.DatabaseAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The captured tables in their smallest form, and rows in them. */
final class CapturedTables {
  private static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS hooks (
        id uuid PRIMARY KEY, owner_id uuid NOT NULL, service text NOT NULL, action text NOT NULL,
        inputs jsonb NOT NULL, secret_generation int NOT NULL DEFAULT 1,
        previous_secret_until timestamptz, version bigint NOT NULL DEFAULT 1,
        enabled boolean NOT NULL DEFAULT true, created_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz);
      CREATE TABLE IF NOT EXISTS areas (
        id uuid PRIMARY KEY, owner_id uuid NOT NULL, hook_id uuid NOT NULL, name text NOT NULL,
        plan jsonb NOT NULL, version bigint NOT NULL, enabled boolean NOT NULL DEFAULT true,
        deleted_at timestamptz);
      CREATE TABLE IF NOT EXISTS requests (
        id uuid PRIMARY KEY, owner_id uuid NOT NULL, home text NOT NULL, kind text NOT NULL,
        body jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
      CREATE TABLE IF NOT EXISTS cdc_heartbeat (id int PRIMARY KEY, beat_at timestamptz NOT NULL);
      CREATE TABLE IF NOT EXISTS credentials (id int PRIMARY KEY, secret text NOT NULL);
      ALTER TABLE hooks REPLICA IDENTITY FULL;
      ALTER TABLE areas REPLICA IDENTITY FULL;
      ALTER TABLE requests REPLICA IDENTITY FULL;
      """;

  private final DatabaseAddress database;

  CapturedTables(DatabaseAddress database) {
    this.database = database;
  }

  void create() throws SQLException {
    execute(SCHEMA);
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  String ask(String query) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(database.url(), database.user(), database.password());
  }

  void insertHook(String id) throws SQLException {
    execute(
        """
        INSERT INTO hooks (id, owner_id, service, action, inputs)
        VALUES ('%s', gen_random_uuid(), 'webhook', 'received', '{"verification":"none"}')
        """
            .formatted(id));
  }
}
