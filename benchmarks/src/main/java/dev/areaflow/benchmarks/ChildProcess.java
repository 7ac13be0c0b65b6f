package dev.areaflow.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A Java process of this program, spoken to over its standard streams; its errors go into a file.
 * Closing it ends it and whatever it has started, by their process ids.
 */
final class ChildProcess implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final Duration KILL = Duration.ofSeconds(10);
  private static final int LINES = 10_000;

  private final String name;
  private final Process process;
  private final BufferedWriter input;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(LINES);

  /**
   * Starts a main class with this program's class path and options.
   *
   * @param heap as for {@code -Xmx}
   */
  static ChildProcess start(
      String name, String heap, String mainClass, Path errors, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> !option.startsWith("-Xmx") && !option.startsWith("-agentlib"))
        .forEach(command::add);
    command.add("-Xmx" + heap);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    command.addAll(arguments);
    return new ChildProcess(name, command, errors.toFile());
  }

  private ChildProcess(String name, List<String> command, File errors) throws IOException {
    this.name = name;
    this.process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors)).start();
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().start(this::readLines);
  }

  private void readLines() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.put(line);
      }
    } catch (IOException e) {
      // the process has ended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Writes a line and returns the line that is answered. */
  String ask(String line, Duration patience) throws IOException, InterruptedException {
    input.write(line);
    input.newLine();
    input.flush();
    return awaitLine(any -> true, patience);
  }

  /**
   * The next line that is wanted; others before it are dropped.
   *
   * @throws IOException if the process ends before, or the line does not come in time
   */
  String awaitLine(Predicate<String> wanted, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      boolean ended = !process.isAlive();
      String line = lines.poll(100, TimeUnit.MILLISECONDS);
      if (line != null && wanted.test(line)) {
        return line;
      }
      if (line == null && ended) {
        throw new IOException(name + " ended with exit code " + process.exitValue());
      }
    }
    throw new IOException(name + " did not answer within " + patience.toSeconds() + " s");
  }

  /** Asks it to end, waits, and kills what is left. */
  @Override
  public void close() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    boolean interrupted = false;
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        process.waitFor(KILL.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      interrupted = true;
      process.destroyForcibly();
    }
    descendants.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
