package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
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
  private final ManifestLoader loader = new ManifestLoader(ServiceAddresses.asDeclared());

  /**
   * Checks a manifest, the files that it names, its samples against their schemas, and what its
   * tests say of reactions and answers.
   *
   * @param folder the service's, with {@code manifest.yaml}; its name is the service's id
   * @return the problems, each with its file and, in the manifest, its line; empty if none
   * @throws UncheckedIOException if a file cannot be read
   */
  public List<String> check(Path folder) {
    String id = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    Service service;
    try {
      service = loader.load(id, name -> read(folder, name));
    } catch (InvalidManifestException e) {
      return String.valueOf(e.getMessage()).lines().toList();
    }
    YamlDocument document = document(id, folder);
    Stream<String> tests =
        new ReactionTests(document, service, loader.manifest(document).tests(), validator)
            .problems().stream();
    return Stream.of(
            service.actions().stream()
                .flatMap(a -> misfits(id, "action " + a.id(), a.output(), a.sample())),
            service.reactions().stream()
                .flatMap(r -> misfits(id, "reaction " + r.id(), r.output(), r.sample())),
            tests)
        .flatMap(found -> found)
        .toList();
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

  private Stream<String> misfits(String id, String what, JsonNode schema, JsonNode sample) {
    return InputsValidator.problems(validator.compile(schema), sample, false).stream()
        .map(
            problem ->
                "%s/%s: the sample of %s does not fit its schema at \"%s\": %s"
                    .formatted(
                        id, ManifestLoader.MANIFEST, what, problem.pointer(), problem.detail()));
  }

  private static byte @Nullable [] read(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
  }
}
