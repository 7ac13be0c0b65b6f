package dev.areaflow.launcher;

import java.nio.file.Path;

/** Where {@code ./area build} has put what is no class: the schema registry's distribution. */
public final class Installation {
  private static final String HOME = "area.home";

  private Installation() {}

  /**
   * The schema registry's distribution. The script {@code area} says where; the default is for runs
   * from the sources.
   */
  public static Path registry() {
    return Path.of(System.getProperty(HOME, "launcher/target/area"))
        .resolve("registry")
        .toAbsolutePath();
  }
}
