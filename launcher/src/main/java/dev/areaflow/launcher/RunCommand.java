package dev.areaflow.launcher;

import dev.areaflow.launcher.embedded.EmbeddedStackException;
import dev.areaflow.launcher.embedded.KafkaExits;
import dev.areaflow.launcher.embedded.Running;
import dev.areaflow.launcher.operations.AdminServer;
import dev.areaflow.launcher.operations.Meters;
import dev.areaflow.launcher.operations.OperationsService;
import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import dev.areaflow.schemas.role.Role;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code area run ROLE}: one role against Kafka, PostgreSQL and registry given by address. */
@Command(
    name = "run",
    description = "Run one role against given Kafka, PostgreSQL and registry.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "ROLE")
final class RunCommand {
  static final Setting<String> ADMIN_HOST =
      Setting.of(
          "admin.host", "127.0.0.1", Parsers::text, "Address of the role's health and metrics.");
  static final Setting<Integer> ADMIN_PORT =
      Setting.of("admin.port", "8070", Parsers::port, "Port of the role's health and metrics.");

  private RunCommand() {}

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new RunCommand());
    RoleType.all()
        .forEach(type -> commandLine.addSubcommand(type.name(), OneRole.commandLine(type)));
    return commandLine;
  }

  private static List<Setting<?>> settings(RoleType type) {
    List<Setting<?>> settings = new ArrayList<>(List.of(ADMIN_HOST, ADMIN_PORT));
    settings.addAll(type.settings());
    return List.copyOf(settings);
  }

  /** One of its subcommands. */
  @Command(mixinStandardHelpOptions = true, sortOptions = false)
  private static final class OneRole implements Callable<Integer> {
    private final RoleType type;
    private final SettingFlags flags;
    @Spec private @Nullable CommandSpec spec;

    private OneRole(RoleType type) {
      this.type = type;
      this.flags = new SettingFlags(settings(type));
    }

    static CommandLine commandLine(RoleType type) {
      OneRole command = new OneRole(type);
      CommandLine commandLine = new CommandLine(command);
      commandLine.getCommandSpec().usageMessage().description("Run the role " + type.name() + ".");
      command.flags.addTo(commandLine.getCommandSpec());
      return commandLine;
    }

    @Override
    public Integer call() {
      Logging.toConsole();
      CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
      PrintWriter err = commandLine.getErr();
      CompletableFuture<String> fault = new CompletableFuture<>();
      KafkaExits.reportTo(fault::complete);
      Running running = new Running();
      Runtime.getRuntime()
          .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(running::close));
      try {
        Settings settings = flags.sources(commandLine.getParseResult(), System.getenv()).settings();
        KnownSettings.check(settings, settings(type));
        List<Role> roles = new CopyOnWriteArrayList<>();
        var meters = Meters.registry();
        var operations = new OperationsService(() -> roles, meters);
        running.add(
            new AdminServer(settings.get(ADMIN_HOST), settings.get(ADMIN_PORT), operations));
        Role role = running.add(type.maker().make(settings, meters, operations));
        roles.add(role);
        role.start();
        err.println("area run " + type.name() + ": " + fault.join());
      } catch (EmbeddedStackException | InvalidSettingsException | UncheckedIOException e) {
        err.println("area run " + type.name() + ": " + e.getMessage());
      }
      return 1;
    }
  }
}
