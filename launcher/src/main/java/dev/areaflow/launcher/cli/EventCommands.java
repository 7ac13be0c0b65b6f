package dev.areaflow.launcher.cli;

import picocli.CommandLine;

/** {@code area events}. */
final class EventCommands {
  private EventCommands() {}

  /** The group with its commands. */
  static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "events", "What came in.", new EventTail(surroundings), new EventExport(surroundings));
  }
}
