package dev.areaflow.launcher.cdc;

import dev.areaflow.schemas.config.Secret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * The database whose changes are captured, and the login that may.
 *
 * @param address where it is
 * @param user a login with the right to replicate, which owns the captured tables
 * @param password its password
 */
public record SourceDatabase(Address address, String user, Secret password) {
  private static final int LOGIN_SECONDS = 5;

  /**
   * Where a database is.
   *
   * @param jdbcUrl as given
   * @param host its host
   * @param port its port
   * @param name the database
   */
  public record Address(String jdbcUrl, String host, int port, String name) {

    /**
     * Reads a JDBC address.
     *
     * @throws IllegalArgumentException if it is none of PostgreSQL
     */
    public static Address parse(String jdbcUrl) {
      Properties parts = Driver.parseURL(jdbcUrl, null);
      if (parts == null) {
        throw new IllegalArgumentException("expected jdbc:postgresql://HOST:PORT/DATABASE");
      }
      return new Address(
          jdbcUrl,
          text(PGProperty.PG_HOST, parts),
          Integer.parseInt(text(PGProperty.PG_PORT, parts)),
          text(PGProperty.PG_DBNAME, parts));
    }

    private static String text(PGProperty part, Properties parts) {
      return Objects.requireNonNull(part.getOrDefault(parts), "the driver fills in every part");
    }
  }

  /** A new connection; whoever asked closes it. */
  Connection connect() throws SQLException {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, user);
    PGProperty.PASSWORD.set(properties, password.value());
    PGProperty.LOGIN_TIMEOUT.set(properties, LOGIN_SECONDS);
    PGProperty.SOCKET_TIMEOUT.set(properties, 2 * LOGIN_SECONDS);
    PGProperty.APPLICATION_NAME.set(properties, "areaflow-cdc");
    return DriverManager.getConnection(address.jdbcUrl(), properties);
  }
}
