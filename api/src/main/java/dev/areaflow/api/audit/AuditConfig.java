package dev.areaflow.api.audit;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.time.Duration;
import java.util.List;

/**
 * How long the audit log is kept.
 *
 * @param retention of each entry
 */
public record AuditConfig(Duration retention) {
  static final Setting<Duration> RETENTION =
      Setting.of(
          "audit.retention",
          "P365D",
          Parsers::duration,
          "How long the audit log keeps who did what, ISO-8601.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(RETENTION);

  /** Reads them; problems are noted in {@code settings}. */
  public static AuditConfig from(Settings settings) {
    return new AuditConfig(settings.get(RETENTION));
  }
}
