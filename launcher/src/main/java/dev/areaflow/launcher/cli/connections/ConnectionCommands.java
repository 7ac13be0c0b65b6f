package dev.areaflow.launcher.cli.connections;

import dev.areaflow.launcher.cli.server.CommandGroup;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import picocli.CommandLine;

/** {@code area connections}. */
public final class ConnectionCommands {
  private ConnectionCommands() {}

  /** The group with its commands. */
  public static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "connections",
        "Your accounts at services.",
        new ConnectionList(surroundings),
        new ConnectionShow(surroundings),
        new ConnectionDelete(surroundings));
  }
}
