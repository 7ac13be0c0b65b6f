package dev.areaflow.launcher;

import dev.areaflow.api.login.LoginConfig;
import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.util.List;

/** Settings of all commands and roles: one file serves them all, each reads its own. */
final class KnownSettings {
  private KnownSettings() {}

  /**
   * Checks those that are read; a file may also give the ones of others.
   *
   * @throws dev.areaflow.schemas.config.InvalidSettingsException if one cannot be used, or the file
   *     has a key that nobody reads
   */
  static void check(Settings settings, List<Setting<?>> read) {
    know(settings, read);
    settings.check(read);
  }

  /**
   * As {@link #check}, where some are not given yet: what is missing is no problem.
   *
   * @throws dev.areaflow.schemas.config.InvalidSettingsException likewise
   */
  static void checkGiven(Settings settings, List<Setting<?>> read) {
    know(settings, read);
    settings.check(
        read.stream().filter(setting -> settings.text(setting.key()).isPresent()).toList());
  }

  /** Asking for a key makes it known. */
  private static void know(Settings settings, List<Setting<?>> read) {
    RoleType.allSettings().forEach(setting -> settings.text(setting.key()));
    Platform.settings().forEach(setting -> settings.text(setting.key()));
    settings.text(RunCommand.ADMIN_HOST.key());
    settings.text(RunCommand.ADMIN_PORT.key());
    LoginConfig.keys(settings).forEach(settings::text);
    var _ = CatalogConfig.from(settings); // notes what is wrong with addresses of services, too
    if (read.containsAll(LoginConfig.SETTINGS)) {
      var _ = LoginConfig.from(settings); // likewise, but other roles need not have its secrets
    }
  }
}
