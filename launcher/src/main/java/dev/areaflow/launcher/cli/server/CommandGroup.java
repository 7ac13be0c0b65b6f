package dev.areaflow.launcher.cli.server;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Commands under one name, as {@code area runs} has them. */
public final class CommandGroup {
  private CommandGroup() {}

  /**
   * A group.
   *
   * @param description for its help
   * @param commands in the order of its help
   */
  public static CommandLine of(String name, String description, ServerCommand... commands) {
    CommandSpec spec = CommandSpec.create().name(name).mixinStandardHelpOptions(true);
    spec.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
    CommandLine group = new CommandLine(spec);
    for (ServerCommand command : commands) {
      group.addSubcommand(command);
    }
    return group;
  }
}
