package dev.areaflow.benchmarks;

import dev.areaflow.launcher.Installation;
import dev.areaflow.launcher.embedded.DataDirectory;
import dev.areaflow.launcher.embedded.EmbeddedStack;
import dev.areaflow.launcher.embedded.StartProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The infrastructure's process: prints its addresses, and ends with its input. */
@Command(name = "stack", hidden = true, description = "Kafka, PostgreSQL and schema registry.")
final class StackCommand implements Callable<Integer> {
  @Parameters(description = "Directory of its data.")
  private Path data = Path.of("");

  /**
   * Where it is reached.
   *
   * @param kafka {@code host:port}
   * @param registry the registry's API
   */
  record Addresses(String kafka, String registry) {}

  @Override
  public Integer call() throws Exception {
    try (DataDirectory directory = DataDirectory.lock(data);
        EmbeddedStack stack =
            new EmbeddedStack(directory, Installation.home(), StackCommand::fault)) {
      stack.start(new Silent());
      stack.awaitRegistry();
      System.out.println(
          Wire.line(new Addresses(stack.kafka().bootstrapServers(), stack.registryUrl())));
      System.out.flush();
      while (System.in.read() >= 0) {
        // anything but the end is ignored
      }
    }
    return 0;
  }

  private static void fault(String what) {
    System.err.println(what);
  }

  private record Silent() implements StartProgress {
    @Override
    public void starting(String part) {}

    @Override
    public void started(String part, String detail, Duration took) {}
  }
}
