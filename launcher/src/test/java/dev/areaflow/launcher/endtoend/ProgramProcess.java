package dev.areaflow.launcher.endtoend;

import dev.areaflow.launcher.client.AreaClient;
import dev.areaflow.launcher.embedded.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The real program, {@code area up}, as its own process on its own data and ports; started, killed
 * and started again by tests.
 */
final class ProgramProcess implements AutoCloseable {
  private static final Duration STOP_PATIENCE = Duration.ofMinutes(1);

  private final Path folder;
  private final int apiPort = Ports.free();
  private final int hooksPort = Ports.free();
  private final List<String> flags;
  private Process process;

  /**
   * Starts it and returns when all of it is ready.
   *
   * @param folder for the data and the output
   * @param flags further flags of {@code area up}
   */
  static ProgramProcess start(Path folder, String... flags) {
    ProgramProcess program = new ProgramProcess(folder, List.of(flags));
    program.awaitReady();
    return program;
  }

  private ProgramProcess(Path folder, List<String> flags) {
    this.folder = folder;
    this.flags = flags;
    this.process = launch();
  }

  private Process launch() {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "up",
            "--data",
            folder.resolve("data").toString(),
            "--api-port",
            Integer.toString(apiPort),
            "--hooks-port",
            Integer.toString(hooksPort)));
    arguments.addAll(flags);
    return launch(output(), Map.of(), arguments);
  }

  /**
   * Starts the program.
   *
   * @param output what it prints is appended to this file
   * @param environment variables more
   */
  static Process launch(Path output, Map<String, String> environment, List<String> arguments) {
    String home = System.getProperty("area.home");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx640m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Darea.home=" + home,
            "-cp",
            Path.of(home, "lib") + "/*",
            "dev.areaflow.launcher.Main"));
    command.addAll(arguments);
    ProcessBuilder program =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    program.environment().putAll(environment);
    try {
      return program.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it after {@link #kill}; {@link #awaitReady} says when it serves. */
  void startAgain() {
    if (!process.isAlive()) {
      process = launch();
    }
  }

  void awaitReady() {
    AreaClient client = client();
    Await.until(
        "area up to be ready; its output is " + output(),
        Platforms.START_PATIENCE,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(
                "area up ended with " + process.exitValue() + ": " + Files.readString(output()));
          }
          try {
            return client.get("/health/ready").status();
          } catch (IOException e) {
            return 0;
          }
        },
        status -> status == 200);
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  AreaClient client() {
    return new AreaClient(api());
  }

  URI api() {
    return URI.create("http://127.0.0.1:" + apiPort);
  }

  /** Where a part of the infrastructure is, as the program printed it. */
  String addressOf(String part) throws IOException {
    return Pattern.compile("(?m)^ *" + part + " +[\\d.]+ s +(\\S+)$")
        .matcher(Files.readString(output()))
        .results()
        .reduce((_, newest) -> newest)
        .orElseThrow(() -> new IllegalStateException(part + " is not in " + output()))
        .group(1);
  }

  Path output() {
    return folder.resolve("up.log");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("area up did not stop within " + STOP_PATIENCE);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
