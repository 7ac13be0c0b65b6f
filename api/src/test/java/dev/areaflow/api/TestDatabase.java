package dev.areaflow.api;

import dev.areaflow.api.database.Database;
import dev.areaflow.api.database.DatabaseConfig;
import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A real PostgreSQL for one JVM of tests; it ends with the JVM. Each caller gets a fresh database:
 * the migrations run once, and what they made is copied.
 */
public final class TestDatabase {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final String EMPTY = "template1";
  private static final Duration PAUSE = Duration.ofMillis(5);

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

  private static final class Migrated {
    static final String TEMPLATE = make();

    private static String make() {
      String name = create(EMPTY);
      start(name).close();
      return name;
    }
  }

  /** How a fresh, empty database is reached. */
  public static DatabaseConfig config() {
    return config(create(EMPTY));
  }

  /** A fresh database with its tables made. To be closed. */
  public static Database migrated() {
    return start(create(Migrated.TEMPLATE));
  }

  private static String create(String template) {
    String name = "test" + NUMBER.incrementAndGet();
    try (var connection = Server.POSTGRES.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name + " TEMPLATE " + template);
    } catch (SQLException e) {
      throw new IllegalStateException("the database " + name + " could not be made", e);
    }
    return name;
  }

  private static DatabaseConfig config(String name) {
    return new DatabaseConfig(
        new DatabaseLogin(
            Server.POSTGRES.getJdbcUrl("postgres", name), "postgres", new Secret("postgres")),
        10);
  }

  private static Database start(String name) {
    Database database = new Database(config(name));
    database.start();
    Awaitility.await().pollInterval(PAUSE).until(() -> database.notReady().isEmpty());
    return database;
  }
}
