package dev.areaflow.launcher.cli;

import picocli.CommandLine;

/** {@code area dead-letters}. */
final class DeadLetterCommands {
  private DeadLetterCommands() {}

  /** The group with its commands. */
  static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "dead-letters",
        "What could not be processed at all; for admins.",
        new DeadLetterList(surroundings),
        new DeadLetterShow(surroundings),
        new DeadLetterRequest.Retry(surroundings),
        new DeadLetterRequest.Discard(surroundings));
  }
}
