package dev.areaflow.launcher.cli.events;

import dev.areaflow.launcher.cli.server.CommandGroup;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import picocli.CommandLine;

/** {@code area events}. */
public final class EventCommands {
  private EventCommands() {}

  /** The group with its commands. */
  public static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "events", "What came in.", new EventTail(surroundings), new EventExport(surroundings));
  }
}
