package dev.areaflow.launcher.cli;

import dev.areaflow.launcher.cli.account.AccountCommands;
import dev.areaflow.launcher.cli.areas.AreaCommands;
import dev.areaflow.launcher.cli.backtests.Backtest;
import dev.areaflow.launcher.cli.connections.ConnectionCommands;
import dev.areaflow.launcher.cli.deadletters.DeadLetterCommands;
import dev.areaflow.launcher.cli.events.EventCommands;
import dev.areaflow.launcher.cli.replays.ReplayCommands;
import dev.areaflow.launcher.cli.runs.RunCommands;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;

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
    commands.put("login", () -> AccountCommands.login(surroundings));
    commands.put("logout", () -> AccountCommands.logout(surroundings));
    commands.put("connections", () -> ConnectionCommands.group(surroundings));
    commands.put("areas", () -> AreaCommands.group(surroundings));
    commands.put("backtest", () -> new CommandLine(new Backtest(surroundings)));
    commands.put("replay", () -> ReplayCommands.replay(surroundings));
    commands.put("replays", () -> ReplayCommands.group(surroundings));
    commands.put("runs", () -> RunCommands.group(surroundings));
    commands.put("events", () -> EventCommands.group(surroundings));
    commands.put("dead-letters", () -> DeadLetterCommands.group(surroundings));
    commands.put("completion", () -> new CommandLine(new Completion(program)));
    return commands;
  }
}
