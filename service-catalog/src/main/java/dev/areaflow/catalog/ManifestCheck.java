package dev.areaflow.catalog;

import com.networknt.schema.Schema;
import dev.areaflow.expressions.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks a service's folder before a program uses it. Safe for several threads. */
public final class ManifestCheck {
  private final InputsValidator validator = new InputsValidator();
  private final ManifestLoader loader = new ManifestLoader();

  /**
   * Checks a manifest, the files that it names, and its samples against their schemas.
   *
   * @param folder the service's, with {@code manifest.yaml}; its name is the service's id
   * @return the problems, each with its file and, in the manifest, its line; empty if none
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  public List<String> check(Path folder) {
    String id = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    Service service;
    try {
      service = loader.load(id, name -> read(folder, name));
    } catch (InvalidManifestException e) {
      return String.valueOf(e.getMessage()).lines().toList();
    }
    List<String> problems = new ArrayList<>();
    for (Action action : service.actions()) {
      Schema schema = validator.compile(action.output());
      for (Problem problem : InputsValidator.problems(schema, action.sample(), false)) {
        problems.add(misfit(id, "action " + action.id(), problem));
      }
    }
    for (Reaction reaction : service.reactions()) {
      Schema schema = validator.compile(reaction.output());
      for (Problem problem : InputsValidator.problems(schema, reaction.sample(), false)) {
        problems.add(misfit(id, "reaction " + reaction.id(), problem));
      }
    }
    return problems;
  }

  private static String misfit(String id, String what, Problem problem) {
    return "%s/%s: the sample of %s does not fit its schema at \"%s\": %s"
        .formatted(id, ManifestLoader.MANIFEST, what, problem.pointer(), problem.detail());
  }

  private static byte @Nullable [] read(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
  }
}
