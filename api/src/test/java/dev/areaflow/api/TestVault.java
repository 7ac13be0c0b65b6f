package dev.areaflow.api;

import dev.areaflow.catalog.vault.KeysetFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A keyset for tests, made anew in each run. */
public final class TestVault {
  private TestVault() {}

  /** As the setting {@code vault.keyset} has it: the path of a file. */
  public static String keyset() {
    try {
      Path folder = Files.createTempDirectory("vault");
      Path file = folder.resolve("vault.json");
      new KeysetFile(file).readOrCreate();
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      folder.resolve("vault.json.lock").toFile().deleteOnExit();
      return file.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
