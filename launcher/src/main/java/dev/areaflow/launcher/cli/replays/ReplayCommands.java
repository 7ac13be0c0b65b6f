package dev.areaflow.launcher.cli.replays;

import dev.areaflow.launcher.cli.server.CommandGroup;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import picocli.CommandLine;

/** {@code area replay} and {@code area replays}. */
public final class ReplayCommands {
  private ReplayCommands() {}

  /** What begins one. */
  public static CommandLine replay(Surroundings surroundings) {
    return new CommandLine(new Replay(surroundings));
  }

  /** The group of what is about those that began. */
  public static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "replays",
        "Past events that are decided on once more.",
        new ReplayList(surroundings),
        new ReplayRequest.Show(surroundings),
        new ReplayRequest.Cancel(surroundings),
        new ReplayRequest.Resume(surroundings));
  }
}
