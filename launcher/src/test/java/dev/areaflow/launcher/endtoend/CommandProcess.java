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
    List<String> options = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    return java(folder, environment, input, options, "dev.areaflow.launcher.Main", arguments);
  }

  /**
   * Compiles and runs a program that is one file, with the libraries of the real program.
   *
   * @param folder for what it prints
   */
  static CommandProcess source(Path folder, Path file, String... arguments)
      throws IOException, InterruptedException {
    return java(folder, Map.of(), "", List.of("-Xmx256m"), file.toString(), arguments);
  }

  private static CommandProcess java(
      Path folder,
      Map<String, String> environment,
      String input,
      List<String> options,
      String program,
      String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", Path.of(System.getProperty("area.home"), "lib") + "/*", program));
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
