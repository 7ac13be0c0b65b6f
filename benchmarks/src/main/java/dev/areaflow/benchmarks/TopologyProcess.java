package dev.areaflow.benchmarks;

import dev.areaflow.launcher.Main;
import dev.areaflow.launcher.embedded.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The real role, {@code area run topology}, in a process that can be killed and started again. */
final class TopologyProcess implements AutoCloseable {
  private final Path state;
  private final Path errors;
  private final String heap;
  private final StackCommand.Addresses stack;
  private ChildProcess process;

  /** Starts it on an empty state directory. */
  TopologyProcess(Path state, Path errors, String heap, StackCommand.Addresses stack)
      throws IOException {
    this.state = state;
    this.errors = errors;
    this.heap = heap;
    this.stack = stack;
    this.process = start();
  }

  private ChildProcess start() throws IOException {
    return ChildProcess.start(
        "topology",
        heap,
        Main.class.getName(),
        errors,
        List.of(
            "run",
            "topology",
            "--admin-port",
            Integer.toString(Ports.free()),
            "--state-dir",
            state.toString(),
            "--kafka-bootstrap-servers",
            stack.kafka(),
            "--registry-url",
            stack.registry()));
  }

  /** Ends it as a power cut would, and starts it again. */
  void killAndStart() throws IOException {
    kill();
    process = start();
  }

  /** Ends it, takes its disk away, and starts it again: all state comes from the changelogs. */
  void killAndStartEmpty() throws IOException {
    kill();
    try (Stream<Path> paths = Files.walk(state)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
    process = start();
  }

  private void kill() {
    process.handle().destroyForcibly();
    process.handle().onExit().join();
  }

  /** Processor time since its last start. */
  Duration processorTime() {
    return new ProcessTree(process.handle()).processorTime();
  }

  /** Bytes that its stores take on disk. */
  long stateBytes() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(state)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.exists(file) ? Files.size(file) : 0; // a compaction may have removed it
      }
    }
    return bytes;
  }

  @Override
  public void close() {
    process.close();
  }
}
