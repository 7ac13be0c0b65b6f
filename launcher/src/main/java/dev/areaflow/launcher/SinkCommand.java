package dev.areaflow.launcher;

import dev.areaflow.launcher.sink.Sink;
import dev.areaflow.launcher.sink.SinkOptions;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code area sink}: a server that prints what it receives, to try reactions on. */
@Command(
    name = "sink",
    description = "Print every request that arrives, to try reactions on.",
    mixinStandardHelpOptions = true)
final class SinkCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "Where it listens, default ${DEFAULT-VALUE}.")
  private String host = "";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "9999",
      description = "Its port, 0 for any free one, default ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      defaultValue = "200",
      description = "Status of every answer, default ${DEFAULT-VALUE}.")
  private int status;

  @Option(
      names = "--delay",
      paramLabel = "MILLISECONDS",
      defaultValue = "0",
      description = "How long every answer waits, default ${DEFAULT-VALUE}.")
  private int delayMillis;

  @Option(names = "--json", description = "One line of JSON for each request, and nothing else.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    Logging.toStandardError();
    var commandLine = Objects.requireNonNull(spec).commandLine();
    SinkOptions options = options(commandLine);
    PrintWriter out = commandLine.getOut();
    try (Sink sink = Sink.start(options, text -> print(out, text))) {
      commandLine.getErr().println("sink listens on " + sink.address());
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(sink::close));
      new CountDownLatch(1).await();
    } catch (UncheckedIOException e) {
      commandLine.getErr().println("area sink: " + e.getMessage());
      return 1;
    }
    return 0;
  }

  private SinkOptions options(CommandLine commandLine) {
    try {
      return new SinkOptions(host, port, status, delayMillis, json);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(commandLine, "--" + e.getMessage(), e);
    }
  }

  private static synchronized void print(PrintWriter out, String text) {
    out.println(text);
    out.flush();
  }
}
