package dev.areaflow.api.projections;

import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.time.Duration;
import java.util.List;

/**
 * How long what is projected is kept.
 *
 * @param runRetention how long the run log keeps runs
 */
public record ProjectionConfig(Duration runRetention) {
  static final Setting<Duration> RUN_RETENTION =
      Setting.of(
          "runs.retention",
          "P90D",
          Parsers::duration,
          "How long the run log keeps runs; older days are dropped whole.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(RUN_RETENTION);

  /** Reads them; problems are noted in {@code settings}. */
  public static ProjectionConfig from(Settings settings) {
    return new ProjectionConfig(settings.get(RUN_RETENTION));
  }
}
