package dev.areaflow.launcher.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The commands that speak with a server. */
public final class CliCommands {
  private final Surroundings surroundings;

  public CliCommands(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /**
   * All of them, by name; each is made when it is asked for.
   *
   * @param program with these and all other commands
   */
  public Map<String, Supplier<CommandLine>> all(Supplier<CommandLine> program) {
    Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
    commands.put("login", () -> new CommandLine(new Login(surroundings)));
    commands.put("logout", () -> new CommandLine(new Logout(surroundings)));
    commands.put("connections", this::connections);
    commands.put("areas", this::areas);
    commands.put("backtest", () -> new CommandLine(new Backtest(surroundings)));
    commands.put("runs", this::runs);
    commands.put("events", this::events);
    commands.put("dead-letters", this::deadLetters);
    commands.put("completion", () -> new CommandLine(new Completion(program)));
    return commands;
  }

  private CommandLine areas() {
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

  private CommandLine connections() {
    return group(
        "connections",
        "Your accounts at services.",
        new ConnectionList(surroundings),
        new ConnectionShow(surroundings),
        new ConnectionDelete(surroundings));
  }

  private CommandLine runs() {
    return group(
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

  private CommandLine events() {
    return group(
        "events", "What came in.", new EventTail(surroundings), new EventExport(surroundings));
  }

  private CommandLine deadLetters() {
    return group(
        "dead-letters",
        "What could not be processed at all; for admins.",
        new DeadLetterList(surroundings),
        new DeadLetterShow(surroundings),
        new DeadLetterRequest.Retry(surroundings),
        new DeadLetterRequest.Discard(surroundings));
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
