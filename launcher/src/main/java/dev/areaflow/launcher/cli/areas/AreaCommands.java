package dev.areaflow.launcher.cli.areas;

import dev.areaflow.launcher.cli.server.CommandGroup;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import picocli.CommandLine;

/** {@code area areas}: AREAs, also as files. */
public final class AreaCommands {
  private AreaCommands() {}

  /** The group with its commands. */
  public static CommandLine group(Surroundings surroundings) {
    return CommandGroup.of(
        "areas",
        "Your AREAs, and AREAs as files.",
        new AreaList(surroundings),
        new AreaShow(surroundings),
        new AreaApply.Apply(surroundings),
        new AreaApply.Diff(surroundings),
        new AreaExport(surroundings),
        new AreaTry(surroundings),
        new AreaSwitch.Enable(surroundings),
        new AreaSwitch.Disable(surroundings),
        new AreaDelete(surroundings),
        new AreaHistory(surroundings),
        new AreaRestore(surroundings),
        new AreaSchema(surroundings));
  }
}
