package dev.areaflow.api.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.areaflow.schemas.config.DatabaseLogin;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.postgres.PostgresPlugin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL: a pool, and the tables as the migrations make them. {@link #start} returns at once;
 * the migrations run on their own thread and are retried until they succeed, and until then {@link
 * #jdbi} throws.
 *
 * <p>Work on one thread joins: within {@code jdbi().inTransaction(…)} any further use of {@code
 * jdbi()} on that thread happens in the same transaction.
 */
public final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration LONGEST_STATEMENT = Duration.ofSeconds(15);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(30);

  /** Rows that one statement deletes, so that none takes long. */
  private static final int MOST_DELETED = 10_000;

  private static final String STATEMENT_TIMEOUT = "57014";
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String UNIQUE_VIOLATION = "23505";
  private static final String MIGRATIONS = "classpath:dev/areaflow/api/database/migrations";

  private final DatabaseConfig config;
  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable String missing = "the database's tables are being made";

  public Database(DatabaseConfig config) {
    this.config = config;
    HikariConfig hikari = new HikariConfig();
    hikari.setPoolName("api");
    hikari.setJdbcUrl(config.login().url());
    hikari.setUsername(config.login().user());
    hikari.setPassword(config.login().password().value());
    hikari.setMaximumPoolSize(config.connections());
    hikari.setMinimumIdle(Math.min(2, config.connections()));
    hikari.setConnectionTimeout(PATIENCE.toMillis());
    hikari.setInitializationFailTimeout(-1);
    hikari.addDataSourceProperty("ApplicationName", "areaflow-api");
    hikari.addDataSourceProperty("tcpKeepAlive", "true");
    hikari.addDataSourceProperty("connectTimeout", Long.toString(PATIENCE.toSeconds()));
    hikari.addDataSourceProperty("socketTimeout", Long.toString(LONGEST_SILENCE.toSeconds()));
    hikari.addDataSourceProperty(
        "options", "-c statement_timeout=" + LONGEST_STATEMENT.toMillis() + " -c TimeZone=UTC");
    this.pool = new HikariDataSource(hikari);
    this.jdbi = Jdbi.create(pool).installPlugin(new PostgresPlugin());
  }

  /** Makes or brings up to date the tables, on a thread of its own. */
  public void start() {
    Thread.ofVirtual().name("api-migrations").start(this::migrate);
  }

  private void migrate() {
    while (true) {
      try {
        Flyway.configure()
            .dataSource(
                config.login().url(), config.login().user(), config.login().password().value())
            .locations(MIGRATIONS)
            .load()
            .migrate();
        missing = null;
        return;
      } catch (FlywayException e) {
        missing = "the database's tables cannot be made: " + firstLine(e);
        LOG.warn("{}; trying again", missing);
      }
      try {
        if (closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Where it is, and who uses it. */
  public DatabaseLogin login() {
    return config.login();
  }

  /** What is still missing; empty when the tables are there. */
  public List<String> notReady() {
    String reason = missing;
    return reason == null ? List.of() : List.of(reason);
  }

  /**
   * Access to the tables.
   *
   * @throws DatabaseUnavailableException until the tables are made
   */
  public Jdbi jdbi() {
    String reason = missing;
    if (reason != null) {
      throw new DatabaseUnavailableException(reason);
    }
    return jdbi;
  }

  /**
   * Deletes what is not kept any more, in statements of bounded length.
   *
   * @param table a plain one, without partitions
   * @param time its column with the time of a row
   * @param before rows from before it are deleted
   * @throws DatabaseUnavailableException until the tables are made
   */
  public void forget(String table, String time, Instant before) {
    String delete =
        "DELETE FROM %1$s WHERE ctid = ANY(ARRAY(SELECT ctid FROM %1$s WHERE %2$s < :before LIMIT %3$d))"
            .formatted(table, time, MOST_DELETED);
    OffsetDateTime bound = before.atOffset(ZoneOffset.UTC);
    int deleted;
    do {
      deleted =
          jdbi().withHandle(handle -> handle.createUpdate(delete).bind("before", bound).execute());
    } while (deleted == MOST_DELETED);
  }

  /**
   * Whether this says that PostgreSQL is away or gave up for now, so that trying again may help.
   */
  public static boolean isUnavailable(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof DatabaseUnavailableException
          || cause instanceof ConnectionException
          || cause instanceof SQLTransientConnectionException) {
        return true;
      }
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        return state.startsWith("08") // connection
            || state.startsWith("57P") // shutdown, start
            || state.equals(STATEMENT_TIMEOUT)
            || state.equals(LOCK_NOT_AVAILABLE)
            || state.startsWith("53") // out of resources
            || state.startsWith("40"); // deadlock, serialization
      }
    }
    return false;
  }

  /**
   * What a statement gives, or a problem of the caller's where a row with the same unique value is
   * there already.
   */
  public static <T> T unlessTaken(
      Supplier<T> statement, Supplier<? extends RuntimeException> taken) {
    try {
      return statement.get();
    } catch (JdbiException e) {
      if (e.getCause() instanceof SQLException sql && UNIQUE_VIOLATION.equals(sql.getSQLState())) {
        throw taken.get();
      }
      throw e;
    }
  }

  /** Closes the pool; a migration in hand is not repeated. */
  @Override
  public void close() {
    closed.countDown();
    pool.close();
  }
}
