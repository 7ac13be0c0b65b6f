package dev.areaflow.launcher;

import java.nio.file.Path;

/** What {@code ./area build} has put together. */
public final class Installation {
  private static final String HOME = "area.home";

  private Installation() {}

  /**
   * The folder of the programs and of the schema registry's distribution. The script {@code area}
   * says where; the default is for runs from the sources.
   */
  public static Path home() {
    return Path.of(System.getProperty(HOME, "launcher/target/area")).toAbsolutePath();
  }
}
