package dev.areaflow.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where it was measured.
 *
 * @param processors that this program may use
 * @param processor its model
 * @param memory in GiB
 * @param system its name and version
 * @param java version of the JVM
 */
record Machine(int processors, String processor, long memory, String system, String java) {

  static Machine here() {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        field("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")),
        field("/proc/meminfo", "MemTotal")
            .map(text -> Math.round(Long.parseLong(text.replaceAll("\\D", "")) / 1024.0 / 1024.0))
            .orElse(0L),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Runtime.version().toString());
  }

  private static Optional<String> field(String file, String name) {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      return Optional.empty();
    }
    try (var lines = Files.lines(path)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // a machine without these files is described by less
    }
  }

  @Override
  public String toString() {
    return processors
        + " processors ("
        + processor
        + "), "
        + memory
        + " GiB, "
        + system
        + ", Java "
        + java;
  }
}
