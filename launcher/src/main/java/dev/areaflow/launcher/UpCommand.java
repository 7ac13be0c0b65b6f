package dev.areaflow.launcher;

import dev.areaflow.launcher.embedded.EmbeddedStackException;
import dev.areaflow.schemas.config.InvalidSettingsException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code area up}: everything in this process, until it is told to stop. */
@Command(
    name = "up",
    description = "Run everything here: infrastructure and all roles, state in --data.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class UpCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final SettingFlags FLAGS = new SettingFlags(Platform.settings());

  @Spec private @Nullable CommandSpec spec;

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new UpCommand());
    FLAGS.addTo(commandLine.getCommandSpec());
    return commandLine;
  }

  @Override
  public Integer call() throws InterruptedException {
    CommandLine commandLine = java.util.Objects.requireNonNull(spec).commandLine();
    PrintWriter out = commandLine.getOut();
    PrintWriter err = commandLine.getErr();
    try {
      SettingSources sources = FLAGS.sources(commandLine.getParseResult(), System.getenv());
      Logging.toFile(sources.settings().get(Platform.DATA).toAbsolutePath().resolve("logs"));
      Platform platform = new Platform(sources, Installation.home());
      Thread stop = Thread.ofPlatform().name("stop").unstarted(() -> stop(platform, out));
      Runtime.getRuntime().addShutdownHook(stop);
      platform.start(new ProgressLines(out), PATIENCE);
      announce(platform, out);
      err.println("area up: " + platform.awaitFault());
      return 1;
    } catch (EmbeddedStackException | InvalidSettingsException e) {
      err.println("area up: " + e.getMessage());
      return 1;
    }
  }

  private static void stop(Platform platform, PrintWriter out) {
    if (!platform.hasStartedParts()) {
      platform.close();
      return;
    }
    out.println("stopping");
    out.flush();
    platform.close();
    out.println("stopped");
    out.flush();
  }

  private static void announce(Platform platform, PrintWriter out) {
    out.println();
    out.println("  API    " + platform.api() + "  (described at /docs)");
    out.println("  hooks  " + platform.hooks());
    platform
        .setUpToken()
        .ifPresent(token -> out.println("  set-up token for the first user: " + token));
    out.println();
    out.println("Next, in another terminal:");
    out.println(
        "  ./area demo                      one event's whole way, in a temporary instance");
    out.println(
        "  ./area sink --port 9999          prints what reactions send it; start this again with");
    out.println(
        "                                   --egress-allow 127.0.0.1:9999, else none may reach it");
    out.println("  curl -s " + platform.api() + "/about.json");
    out.println();
    long started = ManagementFactory.getRuntimeMXBean().getStartTime();
    out.printf(Locale.ROOT, "ready in %.1f s%n", (System.currentTimeMillis() - started) / 1000.0);
    out.flush();
  }
}
