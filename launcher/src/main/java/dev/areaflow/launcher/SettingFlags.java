package dev.areaflow.launcher;

import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Settings as flags of a command: each setting is one, and {@code --config} names a file. */
final class SettingFlags {
  private static final String CONFIG = "--config";

  private final List<Setting<?>> settings;

  SettingFlags(List<Setting<?>> settings) {
    this.settings = List.copyOf(settings);
  }

  void addTo(CommandSpec command) {
    command.addOption(
        OptionSpec.builder(CONFIG)
            .paramLabel("FILE")
            .type(Path.class)
            .description("YAML file with settings, by key.")
            .build());
    for (Setting<?> setting : settings) {
      command.addOption(
          OptionSpec.builder(setting.flag())
              .paramLabel(
                  setting
                      .key()
                      .substring(setting.key().lastIndexOf('.') + 1)
                      .toUpperCase(java.util.Locale.ROOT))
              .type(String.class)
              .description(description(setting).replace("%", "%%"))
              .build());
    }
  }

  private static String description(Setting<?> setting) {
    return setting.description()
        + " "
        + setting.environmentVariable()
        + setting
            .defaultText()
            .filter(text -> !text.isEmpty())
            .map(text -> ", default " + text)
            .orElse(setting.required() ? ", required" : "")
        + ".";
  }

  /**
   * What was given on the command line, in the environment and in the file.
   *
   * @throws InvalidSettingsException if the file cannot be read
   */
  SettingSources sources(ParseResult result, Map<String, String> environment) {
    Map<String, String> flags = new HashMap<>();
    for (Setting<?> setting : settings) {
      String value = result.matchedOptionValue(setting.flag(), "");
      if (!value.isEmpty()) {
        flags.put(setting.key(), value);
      }
    }
    Path config = result.matchedOptionValue(CONFIG, Path.of(""));
    return new SettingSources(flags, environment, file(config));
  }

  private static Map<String, String> file(Path config) {
    if (config.toString().isEmpty()) {
      return Map.of();
    }
    try {
      return Settings.readFile(config);
    } catch (IOException e) {
      throw new InvalidSettingsException(List.of(CONFIG + " cannot be read: " + e.getMessage()));
    }
  }
}
