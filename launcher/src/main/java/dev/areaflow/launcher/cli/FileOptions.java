package dev.areaflow.launcher.cli;

import dev.areaflow.launcher.definitions.DefinitionFiles;
import dev.areaflow.launcher.definitions.InvalidDefinitionsException;
import dev.areaflow.launcher.definitions.WrittenArea;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /** What the server says against a definition, as problems of the file that it is in. */
  static InvalidDefinitionsException refused(WrittenArea area, RefusedException refused) {
    return new InvalidDefinitionsException(problems(area, refused));
  }

  /** As {@link #refused}; empty where the definition is not what it says something against. */
  static List<String> problems(WrittenArea area, RefusedException refused) {
    List<String> problems = new ArrayList<>();
    for (RefusedException.FieldError error : refused.errors()) {
      problems.add(
          area.problem(error.pointer().replaceFirst("^/definition(?=/|$)", ""), error.detail()));
    }
    return problems;
  }
}
