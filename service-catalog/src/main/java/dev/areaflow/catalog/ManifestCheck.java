package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import dev.areaflow.catalog.yaml.YamlDocument;
import dev.areaflow.expressions.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks a service's folder before a program uses it. Safe for several threads. */
public final class ManifestCheck {
  private final InputsValidator validator = new InputsValidator();

  /** A manifest's tests are of the addresses that it declares. */
  private final ManifestLoader asDeclared = new ManifestLoader(ServiceAddresses.asDeclared());

  private final ManifestLoader loader;

  /** Services are where their manifests say. */
  public ManifestCheck() {
    this(ServiceAddresses.asDeclared());
  }

  ManifestCheck(ServiceAddresses addresses) {
    this.loader = new ManifestLoader(addresses);
  }

  /**
   * Checks a manifest, the files that it names, its samples against their schemas, and what its
   * tests say of reactions, answers, and what is both delivered and polled.
   *
   * @param folder the service's, with {@code manifest.yaml}; its name is the service's id
   * @return the problems, each with its file and line; empty if none
   * @throws UncheckedIOException if a file cannot be read
   */
  public List<String> check(Path folder) {
    try {
      load(folder);
      return List.of();
    } catch (InvalidManifestException e) {
      return String.valueOf(e.getMessage()).lines().toList();
    }
  }

  /**
   * The service of a folder that {@link #check} finds no problem in.
   *
   * @throws InvalidManifestException with the problems that it finds
   */
  Service load(Path folder) {
    String id = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    Service service = asDeclared.load(id, name -> read(folder, name));
    YamlDocument document = loader.document(id, name -> read(folder, name));
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < service.actions().size(); i++) {
      Action action = service.actions().get(i);
      check("/actions/" + i, action.inputs(), action.output(), action.sample(), document, problems);
    }
    for (int i = 0; i < service.reactions().size(); i++) {
      Reaction reaction = service.reactions().get(i);
      check(
          "/reactions/" + i,
          reaction.inputs(),
          reaction.output(),
          reaction.sample(),
          document,
          problems);
    }
    problems.addAll(
        new ReactionTests(document, service, loader.manifest(document).tests(), validator)
            .problems());
    problems.addAll(
        new BothTests(
                document,
                service,
                loader.manifest(document).tests(),
                name -> read(folder, name),
                validator)
            .problems());
    if (!problems.isEmpty()) {
      throw new InvalidManifestException(problems);
    }
    return loader.load(id, name -> read(folder, name));
  }

  private void check(
      String at,
      JsonNode inputs,
      JsonNode output,
      JsonNode sample,
      YamlDocument document,
      List<String> problems) {
    try {
      validator.compile(inputs).initializeValidators();
    } catch (SchemaException e) {
      problems.add(document.problem(at + "/inputs", "make no JSON Schema: " + firstLine(e)));
    }
    try {
      Schema schema = validator.compile(output);
      schema.initializeValidators();
      for (Problem problem : InputsValidator.problems(schema, sample, false)) {
        problems.add(
            document.problem(
                at + "/output/sample",
                "does not fit its schema at \"%s\": %s"
                    .formatted(problem.pointer(), problem.detail())));
      }
    } catch (SchemaException e) {
      problems.add(document.problem(at + "/output/schema", "is no JSON Schema: " + firstLine(e)));
    }
  }

  /** Of a bad pattern the message has more, which shows where it is. */
  private static String firstLine(SchemaException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static byte @Nullable [] read(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
  }
}
