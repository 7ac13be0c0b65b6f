package dev.areaflow.api.database;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.util.List;

/**
 * How PostgreSQL is reached.
 *
 * @param url JDBC address, {@code jdbc:postgresql://host:port/database}
 * @param user role that owns the tables
 * @param password its password
 * @param connections most connections at a time
 */
public record DatabaseConfig(String url, String user, Secret password, int connections) {
  static final Setting<String> URL =
      Setting.required(
          "database.url",
          DatabaseConfig::jdbcUrl,
          "PostgreSQL as a JDBC address, e.g. jdbc:postgresql://127.0.0.1:5432/areaflow.");
  static final Setting<String> USER =
      Setting.of(
          "database.user", "areaflow", Parsers::text, "PostgreSQL role that owns the tables.");
  static final Setting<Secret> PASSWORD =
      Setting.of("database.password", "", Parsers::secret, "Password of that role.");
  static final Setting<Integer> CONNECTIONS =
      Setting.of(
          "database.connections",
          "10",
          Parsers.integer(2, 1_000),
          "Most connections to PostgreSQL at a time.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(URL, USER, PASSWORD, CONNECTIONS);

  /** Reads them; problems are noted in {@code settings}. */
  public static DatabaseConfig from(Settings settings) {
    return new DatabaseConfig(
        settings.get(URL), settings.get(USER), settings.get(PASSWORD), settings.get(CONNECTIONS));
  }

  private static String jdbcUrl(String text) {
    String url = text.strip();
    if (!url.startsWith("jdbc:postgresql://")) {
      throw new IllegalArgumentException(
          "expected a JDBC address such as jdbc:postgresql://127.0.0.1:5432/areaflow");
    }
    return url;
  }
}
