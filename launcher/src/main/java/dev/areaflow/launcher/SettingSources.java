package dev.areaflow.launcher;

import dev.areaflow.schemas.config.Settings;
import java.util.HashMap;
import java.util.Map;

/**
 * Where settings come from, strongest first.
 *
 * @param flags by key
 * @param environment by variable
 * @param file by key
 */
public record SettingSources(
    Map<String, String> flags, Map<String, String> environment, Map<String, String> file) {

  public SettingSources {
    flags = Map.copyOf(flags);
    environment = Map.copyOf(environment);
    file = Map.copyOf(file);
  }

  /** Flags alone. */
  public static SettingSources of(Map<String, String> flags) {
    return new SettingSources(flags, Map.of(), Map.of());
  }

  /** Settings in which these values are stronger than anything given. */
  Settings with(Map<String, String> values) {
    Map<String, String> strongest = new HashMap<>(flags);
    strongest.putAll(values);
    return new Settings(strongest, environment, file);
  }

  Settings settings() {
    return with(Map.of());
  }
}
