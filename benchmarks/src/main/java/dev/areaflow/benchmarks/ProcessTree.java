package dev.areaflow.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** A process and all that it has started: what they use. Memory is known on Linux only. */
final class ProcessTree {
  private static final double MEBIBYTE_IN_KIBIBYTES = 1_024.0;

  private final ProcessHandle root;

  ProcessTree(ProcessHandle root) {
    this.root = root;
  }

  /**
   * Memory in MiB.
   *
   * @param root resident memory of the first process
   * @param all of all processes, pages that they share counted once
   */
  record Memory(double root, double all) {
    static final Memory NONE = new Memory(0, 0);

    Memory max(Memory other) {
      return new Memory(Math.max(root, other.root), Math.max(all, other.all));
    }
  }

  Memory memory() {
    return new Memory(
        kibibytes(root, "status", "VmRSS:") / MEBIBYTE_IN_KIBIBYTES,
        all().mapToLong(process -> kibibytes(process, "smaps_rollup", "Pss:")).sum()
            / MEBIBYTE_IN_KIBIBYTES);
  }

  /** Processor time of all of them since their start. */
  Duration processorTime() {
    return all()
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .reduce(Duration.ZERO, Duration::plus);
  }

  private Stream<ProcessHandle> all() {
    return Stream.concat(Stream.of(root), root.descendants());
  }

  private static long kibibytes(ProcessHandle process, String file, String field) {
    Path path = Path.of("/proc", Long.toString(process.pid()), file);
    if (!Files.isReadable(path)) {
      return 0;
    }
    try {
      List<String> lines = Files.readAllLines(path);
      return lines.stream()
          .filter(line -> line.startsWith(field))
          .findFirst()
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .orElse(0L);
    } catch (IOException e) {
      return 0; // it has just ended
    }
  }
}
