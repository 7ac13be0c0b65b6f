package dev.areaflow.launcher;

import dev.areaflow.launcher.cli.CliCommands;
import dev.areaflow.launcher.cli.server.Failures;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
    if (arguments.length > 0 && ofServers().containsKey(arguments[0])) {
      Logging.toStandardError();
    }
    System.exit(commandLine(arguments).execute(arguments));
  }

  /** The program with all its commands. */
  static CommandLine commandLine() {
    return with(commands().entrySet());
  }

  /**
   * The program with the command that is asked for alone, where one is: the roles' take longer to
   * make than most others take to run.
   */
  static CommandLine commandLine(String... arguments) {
    Set<Map.Entry<String, Supplier<?>>> all = commands().entrySet();
    Set<Map.Entry<String, Supplier<?>>> asked =
        all.stream()
            .filter(command -> arguments.length > 0 && command.getKey().equals(arguments[0]))
            .collect(Collectors.toSet());
    return with(asked.isEmpty() ? all : asked);
  }

  private static CommandLine with(Set<Map.Entry<String, Supplier<?>>> commands) {
    CommandLine program = new CommandLine(new Main());
    commands.forEach(command -> program.addSubcommand(command.getKey(), command.getValue().get()));
    return program.setExecutionExceptionHandler(Main::failed);
  }

  private static Map<String, Supplier<?>> commands() {
    Map<String, Supplier<?>> commands = new LinkedHashMap<>();
    commands.put("up", UpCommand::commandLine);
    commands.put("run", RunCommand::commandLine);
    commands.put("demo", DemoCommand::commandLine);
    commands.put("sink", SinkCommand::new);
    commands.put("vault", VaultCommand::new);
    commands.put("services", ServicesCommand::new);
    commands.putAll(ofServers());
    return commands;
  }

  /** Those that use a server, which is mostly another process. */
  private static Map<String, Supplier<CommandLine>> ofServers() {
    return new CliCommands(Surroundings.ofProcess()).all(Main::commandLine);
  }

  /** A fault of ours is one line for the operator, the rest for the log. */
  private static int failed(Exception e, CommandLine command, ParseResult result) {
    OptionalInt told = Failures.tell(e, command);
    if (told.isPresent()) {
      return told.getAsInt();
    }
    LoggerFactory.getLogger(Main.class).error("{} failed", command.getCommandName(), e);
    command.getErr().println("area " + command.getCommandName() + ": " + e);
    return 1;
  }
}
