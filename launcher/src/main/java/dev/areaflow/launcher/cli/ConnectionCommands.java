package dev.areaflow.launcher.cli;

import picocli.CommandLine;

/** {@code area connections}. */
final class ConnectionCommands {
  private ConnectionCommands() {}

  /** The group with its commands. */
  static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "connections",
        "Your accounts at services.",
        new ConnectionList(surroundings),
        new ConnectionShow(surroundings),
        new ConnectionDelete(surroundings));
  }
}
