package dev.areaflow.launcher.cli.terminal;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * What commands find around them.
 *
 * @param environment variables
 * @param home the person's folder
 * @param in standard input
 * @param prompt asks the person
 * @param clock what {@code -7d} is counted from
 */
public record Surroundings(
    Map<String, String> environment, Path home, InputStream in, Prompt prompt, Clock clock) {
  public Surroundings {
    environment = Map.copyOf(environment);
  }

  /** Those of this process. */
  public static Surroundings ofProcess() {
    return new Surroundings(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        System.in,
        Prompt.ofProcess(),
        Clock.systemUTC());
  }

  /** A variable that has a value. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** The folder of what is kept for this person. */
  public Path configuration() {
    return variable("XDG_CONFIG_HOME")
        .map(Path::of)
        .orElseGet(() -> home.resolve(".config"))
        .resolve("areaflow");
  }
}
