package dev.areaflow.launcher.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that the tests run in. */
final class Repository {
  private Repository() {}

  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("ARCHITECTURE.md"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("ARCHITECTURE.md is in no folder above the tests");
      }
    }
    return folder;
  }

  static String read(String path) throws IOException {
    return Files.readString(root().resolve(path));
  }

  /** Files below a folder whose names end so, built and hidden folders left out. */
  static List<Path> files(String folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(root().resolve(folder))) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().endsWith(ending))
          .filter(
              file ->
                  Stream.of(root().relativize(file).toString().split("/"))
                      .noneMatch(part -> part.equals("target") || part.startsWith(".")))
          .sorted()
          .toList();
    }
  }
}
