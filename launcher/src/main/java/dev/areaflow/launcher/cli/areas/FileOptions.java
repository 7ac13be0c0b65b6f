package dev.areaflow.launcher.cli.areas;

import dev.areaflow.launcher.cli.server.RefusedException;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import dev.areaflow.launcher.cli.terminal.Surroundings;
import dev.areaflow.launcher.definitions.DefinitionFiles;
import dev.areaflow.launcher.definitions.InvalidDefinitionsException;
import dev.areaflow.launcher.definitions.WrittenArea;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The files that a command reads AREAs from. */
final class FileOptions {
  private final Surroundings surroundings;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE|DIR",
      description = "YAML with one AREA a document, or a folder of such; - is standard input.")
  private List<Path> paths = List.of();

  FileOptions(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  boolean areGiven() {
    return !paths.isEmpty();
  }

  /** The AREAs of the files; at least one. */
  List<WrittenArea> read() throws IOException {
    if (paths.isEmpty()) {
      throw CommandFailure.usage("expected -f with a file or a folder");
    }
    List<WrittenArea> areas = new DefinitionFiles(surroundings.in()).read(paths);
    if (areas.isEmpty()) {
      throw CommandFailure.of("no AREA is in " + paths);
    }
    return areas;
  }

  /** A refusal as people are told it: by the lines of the file, where it is about what is there. */
  static RuntimeException told(RefusedException refused, WrittenArea area) {
    List<String> problems = refused.problemsOf(area);
    return problems.isEmpty() ? refused : new InvalidDefinitionsException(problems);
  }
}
