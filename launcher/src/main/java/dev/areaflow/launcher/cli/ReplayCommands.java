package dev.areaflow.launcher.cli;

import picocli.CommandLine;

/** {@code area replay} and {@code area replays}. */
final class ReplayCommands {
  private ReplayCommands() {}

  /** What begins one. */
  static CommandLine replay(Surroundings surroundings) {
    return new CommandLine(new Replay(surroundings));
  }

  /** The group of what is about those that began. */
  static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "replays",
        "Past events that are decided on once more.",
        new ReplayList(surroundings),
        new ReplayRequest.Show(surroundings),
        new ReplayRequest.Cancel(surroundings),
        new ReplayRequest.Resume(surroundings));
  }
}
