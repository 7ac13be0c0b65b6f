package dev.areaflow.api;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.database.DatabaseConfig;
import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A real PostgreSQL for one JVM of tests; it ends with the JVM. Each caller gets a fresh database.
 */
public final class TestDatabase {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private TestDatabase() {}

  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder().setServerConfig("wal_level", "logical").start();
      } catch (IOException e) {
        throw new UncheckedIOException("PostgreSQL did not start", e);
      }
    }
  }

  /** How a fresh, empty database is reached. */
  public static DatabaseConfig config() {
    String name = "test" + NUMBER.incrementAndGet();
    try (var connection = Server.POSTGRES.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("the database " + name + " could not be made", e);
    }
    return new DatabaseConfig(
        new DatabaseLogin(
            Server.POSTGRES.getJdbcUrl("postgres", name), "postgres", new Secret("postgres")),
        10);
  }

  /** A fresh database with its tables made. To be closed. */
  public static Database migrated() {
    Database database = new Database(config());
    database.start();
    Awaitility.await().until(() -> database.notReady().isEmpty());
    return database;
  }
}
