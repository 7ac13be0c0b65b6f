package dev.areaflow.api.database;

import dev.areaflow.schemas.config.DatabaseLogin;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.util.List;
import java.util.stream.Stream;

/**
 * How the api role uses PostgreSQL.
 *
 * @param login where it is
 * @param connections most connections at a time
 */
public record DatabaseConfig(DatabaseLogin login, int connections) {
  static final Setting<Integer> CONNECTIONS =
      Setting.of(
          "database.connections",
          "10",
          Parsers.integer(2, 1_000),
          "Most connections of the api role to PostgreSQL at a time.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS =
      Stream.concat(DatabaseLogin.SETTINGS.stream(), Stream.of(CONNECTIONS)).toList();

  /** Reads them; problems are noted in {@code settings}. */
  public static DatabaseConfig from(Settings settings) {
    return new DatabaseConfig(DatabaseLogin.from(settings), settings.get(CONNECTIONS));
  }
}
