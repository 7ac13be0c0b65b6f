package dev.areaflow.launcher.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A short command of the real program, as a process of its own that has ended. */
record CommandProcess(int exitCode, String out, String err) {
  private static final long PATIENCE_SECONDS = 60;

  /**
   * Runs a command.
   *
   * @param folder for what it prints
   * @param environment variables more
   * @param input its standard input
   */
  static CommandProcess run(
      Path folder, Map<String, String> environment, String input, String... arguments)
      throws IOException, InterruptedException {
    String home = System.getProperty("area.home");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.addAll(List.of(Path.of(home, "lib") + "/*", "dev.areaflow.launcher.Main"));
    command.addAll(List.of(arguments));
    Path in = Files.writeString(Files.createTempFile(folder, "command", ".in"), input);
    Path out = Files.createTempFile(folder, "command", ".out");
    Path err = Files.createTempFile(folder, "command", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(
          String.join(" ", arguments) + " did not end: " + Files.readString(err));
    }
    return new CommandProcess(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
