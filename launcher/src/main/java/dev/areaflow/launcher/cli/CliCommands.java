package dev.areaflow.launcher.cli;

import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The commands that speak with a server. */
public final class CliCommands {
  private final Surroundings surroundings;

  public CliCommands(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /** {@code area login}. */
  public CommandLine login() {
    return new CommandLine(new Login(surroundings));
  }

  /** {@code area logout}. */
  public CommandLine logout() {
    return new CommandLine(new Logout(surroundings));
  }

  /** {@code area areas}. */
  public CommandLine areas() {
    return group(
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
        new AreaSchema(surroundings));
  }

  /** {@code area connections}. */
  public CommandLine connections() {
    return group(
        "connections",
        "Your accounts at services.",
        new ConnectionList(surroundings),
        new ConnectionShow(surroundings),
        new ConnectionDelete(surroundings));
  }

  /** {@code area runs}. */
  public CommandLine runs() {
    return group(
        "runs",
        "What happened, and what to do about it.",
        new RunList(surroundings),
        new RunShow(surroundings),
        new RunTail(surroundings),
        new RunRequest.Retry(surroundings),
        new RunRequest.Rerun(surroundings),
        new RunRequest.Cancel(surroundings));
  }

  /** {@code area dead-letters}. */
  public CommandLine deadLetters() {
    return group(
        "dead-letters",
        "What could not be processed at all; for admins.",
        new DeadLetterList(surroundings),
        new DeadLetterShow(surroundings),
        new DeadLetterRequest.Retry(surroundings),
        new DeadLetterRequest.Discard(surroundings));
  }

  /** {@code area backtest}. */
  public CommandLine backtest() {
    return new CommandLine(new Backtest(surroundings));
  }

  /**
   * {@code area completion}.
   *
   * @param program with all its commands
   */
  public CommandLine completion(Supplier<CommandLine> program) {
    return new CommandLine(new Completion(program));
  }

  private static CommandLine group(String name, String description, Object... commands) {
    CommandSpec spec = CommandSpec.create().name(name).mixinStandardHelpOptions(true);
    spec.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
    CommandLine group = new CommandLine(spec);
    for (Object command : commands) {
      group.addSubcommand(command);
    }
    return group;
  }
}
