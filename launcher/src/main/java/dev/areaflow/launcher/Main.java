package dev.areaflow.launcher;

import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** The program {@code area}. */
@Command(
    name = "area",
    description = "Areaflow: when this happens there, do that here.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class Main {
  private Main() {}

  /** Runs a command; the exit code is 0 where it did what it should. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .addSubcommand(UpCommand.commandLine())
        .addSubcommand(RunCommand.commandLine())
        .addSubcommand(DemoCommand.commandLine())
        .addSubcommand(new SinkCommand())
        .addSubcommand(new ServicesCommand())
        .addSubcommand(new VaultCommand())
        .setExecutionExceptionHandler(Main::unexpected);
  }

  /** A fault of ours: one line for the operator, the rest for the log. */
  private static int unexpected(Exception e, CommandLine command, ParseResult result) {
    LoggerFactory.getLogger(Main.class).error("{} failed", command.getCommandName(), e);
    command.getErr().println("area " + command.getCommandName() + ": " + e);
    return 1;
  }
}
