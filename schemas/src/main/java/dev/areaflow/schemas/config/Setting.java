package dev.areaflow.schemas.config;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * One setting: its key, what it means, and how its text is read.
 *
 * @param key dotted kebab-case, for example {@code hooks.port}; public and versioned
 * @param description one sentence for {@code --help} and the documents, with the unit
 * @param defaultText the text used where nothing is given; empty where the setting is optional or
 *     required
 * @param required whether a start without it is a problem
 * @param parser reads the text; throws {@link IllegalArgumentException} with what was expected
 * @param confidential whether its text must not be shown, not even where it cannot be read
 */
public record Setting<T>(
    String key,
    String description,
    Optional<String> defaultText,
    boolean required,
    Function<String, T> parser,
    boolean confidential) {

  /** A setting that has a default. */
  public static <T> Setting<T> of(
      String key, String defaultText, Function<String, T> parser, String description) {
    return new Setting<>(key, description, Optional.of(defaultText), false, parser, false);
  }

  /** A setting without which the start fails. */
  public static <T> Setting<T> required(
      String key, Function<String, T> parser, String description) {
    return new Setting<>(key, description, Optional.empty(), true, parser, false);
  }

  /** A setting that may be absent; read it with {@link Settings#find}. */
  public static <T> Setting<T> optional(
      String key, Function<String, T> parser, String description) {
    return new Setting<>(key, description, Optional.empty(), false, parser, false);
  }

  /** The same setting, whose text is shown nowhere. */
  public Setting<T> asConfidential() {
    return new Setting<>(key, description, defaultText, required, parser, true);
  }

  /** Its environment variable: {@code hooks.port} is {@code AREA_HOOKS_PORT}. */
  public String environmentVariable() {
    return environmentVariable(key);
  }

  /** Its flag: {@code hooks.port} is {@code --hooks-port}. */
  public String flag() {
    return "--" + key.replace('.', '-');
  }

  static String environmentVariable(String key) {
    return "AREA_" + key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
