package dev.areaflow.launcher.cli.deadletters;

import dev.areaflow.launcher.cli.server.CommandGroup;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import picocli.CommandLine;

/** {@code area dead-letters}. */
public final class DeadLetterCommands {
  private DeadLetterCommands() {}

  /** The group with its commands. */
  public static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "dead-letters",
        "What could not be processed at all; for admins.",
        new DeadLetterList(surroundings),
        new DeadLetterShow(surroundings),
        new DeadLetterRequest.Retry(surroundings),
        new DeadLetterRequest.Discard(surroundings));
  }
}
