package dev.areaflow.schemas.config;

import java.util.List;

/**
 * Where PostgreSQL is, and who may use it; the same for every role that reads the tables.
 *
 * @param url JDBC address, {@code jdbc:postgresql://host:port/database}
 * @param user role that owns the tables
 * @param password its password
 */
public record DatabaseLogin(String url, String user, Secret password) {
  private static final Setting<String> URL =
      Setting.required(
          "database.url",
          DatabaseLogin::jdbcUrl,
          "PostgreSQL as a JDBC address, e.g. jdbc:postgresql://127.0.0.1:5432/areaflow.");
  private static final Setting<String> USER =
      Setting.of(
          "database.user", "areaflow", Parsers::text, "PostgreSQL role that owns the tables.");
  private static final Setting<Secret> PASSWORD =
      Setting.of("database.password", "", Parsers::secret, "Password of that role.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(URL, USER, PASSWORD);

  /** Reads them; problems are noted in {@code settings}. */
  public static DatabaseLogin from(Settings settings) {
    return new DatabaseLogin(settings.get(URL), settings.get(USER), settings.get(PASSWORD));
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
