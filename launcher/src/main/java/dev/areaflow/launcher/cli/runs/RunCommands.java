package dev.areaflow.launcher.cli.runs;

import dev.areaflow.launcher.cli.server.CommandGroup;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import picocli.CommandLine;

/** {@code area runs}. */
public final class RunCommands {
  private RunCommands() {}

  /** The group with its commands. */
  public static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "runs",
        "What happened, and what to do about it.",
        new RunList(surroundings),
        new RunShow(surroundings),
        new RunTail(surroundings),
        new RunExport(surroundings),
        new RunRequest.Retry(surroundings),
        new RunRequest.Rerun(surroundings),
        new RunRequest.Cancel(surroundings));
  }
}
