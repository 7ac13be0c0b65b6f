package dev.areaflow.schemas.config;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The settings of one start, read from flags, then the environment ({@code AREA_…}), then a YAML
 * file, then defaults. Problems are collected while the configuration records read their settings,
 * and {@link #check} reports them all together.
 *
 * <p>Not safe for several threads: it is used once, at start.
 */
public final class Settings {
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).build();

  private final Map<String, String> flags;
  private final Map<String, String> environment;
  private final Map<String, String> file;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> known = new HashSet<>();

  /**
   * @param flags by key, for example {@code hooks.port}
   * @param environment as {@link System#getenv()} gives it
   * @param file by key, as {@link #readFile} gives it
   */
  public Settings(
      Map<String, String> flags, Map<String, String> environment, Map<String, String> file) {
    this.flags = Map.copyOf(flags);
    this.environment = Map.copyOf(environment);
    this.file = Map.copyOf(file);
  }

  /** Settings from a map alone, for tests and for parts that the launcher configures itself. */
  public static Settings of(Map<String, String> values) {
    return new Settings(values, Map.of(), Map.of());
  }

  /**
   * Reads a YAML file; nested keys are joined by dots, lists of plain values by commas. A key
   * without a value is as good as not given.
   *
   * @throws IOException when it cannot be read, is not a YAML mapping, has a key twice, or a list
   *     of anything but plain values
   */
  public static Map<String, String> readFile(Path path) throws IOException {
    Map<String, String> values = new TreeMap<>();
    JsonNode root = YAML.readTree(path.toFile());
    if (root != null && !root.isObject() && !root.isMissingNode() && !root.isNull()) {
      throw new IOException(path + ": expected a mapping of settings, e.g. hooks.port: 8090");
    }
    if (root != null) {
      flatten(path, "", root, values);
    }
    return values;
  }

  private static void flatten(Path path, String prefix, JsonNode node, Map<String, String> values)
      throws IOException {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String key = prefix + field.getKey();
      JsonNode value = field.getValue();
      if (value.isObject()) {
        flatten(path, key + ".", value, values);
      } else if (values.putIfAbsent(key, text(path, key, value)) != null) {
        throw new IOException(path + ": " + key + " is given twice");
      }
    }
  }

  private static String text(Path path, String key, JsonNode value) throws IOException {
    if (!value.isArray()) {
      return value.isNull() ? "" : value.asText();
    }
    List<String> parts = new ArrayList<>();
    for (JsonNode part : value) {
      if (!part.isValueNode() || part.isNull()) {
        throw new IOException(path + ": " + key + ": expected a list of plain values");
      }
      parts.add(part.asText());
    }
    return String.join(",", parts);
  }

  /**
   * The value of a setting that has a default or is required. Where it is missing or unreadable the
   * problem is noted and the default stands in, or, where there is none, an {@link
   * InvalidSettingsException} with all problems so far is thrown.
   */
  public <T> T get(Setting<T> setting) {
    return find(setting)
        .or(() -> setting.defaultText().map(setting.parser()))
        .orElseThrow(() -> new InvalidSettingsException(problems));
  }

  /** The value of a setting, empty where nothing readable is given and it has no default. */
  public <T> Optional<T> find(Setting<T> setting) {
    known.add(setting.key());
    Optional<String> text = text(setting.key()).or(setting::defaultText);
    if (text.isEmpty()) {
      if (setting.required()) {
        problem(setting.key(), "is required; " + howToSet(setting));
      }
      return Optional.empty();
    }
    try {
      return Optional.of(setting.parser().apply(text.get()));
    } catch (IllegalArgumentException e) {
      String shown = setting.confidential() ? "is not usable" : "is \"" + text.get() + "\"";
      problem(setting.key(), shown + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** The text given for a key, from the strongest source that has one. */
  public Optional<String> text(String key) {
    known.add(key);
    return Optional.ofNullable(flags.get(key))
        .or(() -> Optional.ofNullable(environment.get(Setting.environmentVariable(key))))
        .or(() -> Optional.ofNullable(file.get(key)))
        .filter(value -> !value.isBlank());
  }

  /** Notes a problem of a key, for relations between settings that one parser cannot see. */
  public void problem(String key, String detail) {
    String problem = key + " " + detail;
    if (!problems.contains(problem)) {
      problems.add(problem); // a setting may be read more than once
    }
  }

  /**
   * Reads every one of these settings and reports all problems together, so that the configuration
   * records can be built one after the other without the first problem hiding the next.
   *
   * @throws InvalidSettingsException if there are any
   */
  public void check(List<Setting<?>> settings) {
    settings.forEach(this::find);
    check();
  }

  /**
   * Reports all problems together, keys of the file that nobody asked for included.
   *
   * @throws InvalidSettingsException if there are any
   */
  public void check() {
    file.keySet().stream()
        .filter(key -> !known.contains(key))
        .forEach(key -> problem(key, "is not a setting; see --help for those there are"));
    if (!problems.isEmpty()) {
      throw new InvalidSettingsException(problems);
    }
  }

  private static String howToSet(Setting<?> setting) {
    return "set "
        + setting.environmentVariable()
        + ", "
        + setting.flag()
        + " or the key in the configuration file: "
        + setting.description();
  }
}
