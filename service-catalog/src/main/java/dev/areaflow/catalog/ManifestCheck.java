package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks a service's folder before a program uses it. Safe for several threads. */
public final class ManifestCheck {
  private final InputsValidator validator = new InputsValidator();
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
   * tests say of reactions and answers.
   *
   * @param folder the service's, with {@code manifest.yaml}; its name is the service's id
   * @return the problems, each with its file and, in the manifest, its line; empty if none
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

  /** The service of a folder that {@link #check} finds no problem in. */
  Service load(Path folder) {
    String id = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    Service service = loader.load(id, name -> read(folder, name));
    List<String> problems =
        Stream.concat(
                service.actions().stream()
                    .flatMap(a -> problems("action " + a.id(), a.inputs(), a.output(), a.sample())),
                service.reactions().stream()
                    .flatMap(
                        r -> problems("reaction " + r.id(), r.inputs(), r.output(), r.sample())))
            .map(problem -> id + "/" + ManifestLoader.MANIFEST + ": " + problem)
            .toList();
    YamlDocument document = document(id, folder);
    List<String> all =
        Stream.concat(
                problems.stream(),
                new ReactionTests(document, service, loader.manifest(document).tests(), validator)
                    .problems().stream())
            .toList();
    if (!all.isEmpty()) {
      throw new InvalidManifestException(all);
    }
    return service;
  }

  private static YamlDocument document(String id, Path folder) {
    try {
      return YamlDocument.parse(
          id + "/" + ManifestLoader.MANIFEST,
          Files.readString(folder.resolve(ManifestLoader.MANIFEST)));
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
  }

  private Stream<String> problems(String what, JsonNode inputs, JsonNode output, JsonNode sample) {
    try {
      validator.compile(inputs).initializeValidators();
    } catch (SchemaException e) {
      return Stream.of("the inputs of %s make no JSON Schema: %s".formatted(what, firstLine(e)));
    }
    try {
      Schema schema = validator.compile(output);
      schema.initializeValidators();
      return InputsValidator.problems(schema, sample, false).stream()
          .map(
              problem ->
                  "the sample of %s does not fit its schema at \"%s\": %s"
                      .formatted(what, problem.pointer(), problem.detail()));
    } catch (SchemaException e) {
      return Stream.of("the output schema of %s is none: %s".formatted(what, firstLine(e)));
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
