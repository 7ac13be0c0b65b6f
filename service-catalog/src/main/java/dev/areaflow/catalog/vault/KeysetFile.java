package dev.areaflow.catalog.vault;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file with the vault's keyset. It is replaced as a whole, and only its owner may read what is
 * written here.
 */
public final class KeysetFile {

  private final Path path;

  public KeysetFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  /**
   * Returns the vault of the file.
   *
   * @throws IOException if the file is missing or cannot be read
   * @throws IllegalArgumentException if its content is no keyset
   */
  public Vault read() throws IOException {
    try {
      return Vault.parse(Files.readString(path));
    } catch (NoSuchFileException e) {
      throw new IOException(
          "vault keyset file " + path + " does not exist; restore it or name another one", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("vault keyset file " + path + ": " + e.getMessage(), e);
    }
  }

  /** Returns the vault of the file, which is made with a new key if there is none. */
  public Vault readOrCreate() throws IOException {
    try (FileChannel channel = lockChannel();
        FileLock _ = channel.lock()) {
      if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
        write(Vault.create());
      }
      return read();
    }
  }

  /**
   * Adds a new primary key to the file, and returns the vault with it. Rotations of other processes
   * wait.
   */
  public Vault rotate() throws IOException {
    try (FileChannel channel = lockChannel();
        FileLock _ = channel.lock()) {
      Vault rotated = read().rotated();
      write(rotated);
      return rotated;
    }
  }

  private FileChannel lockChannel() throws IOException {
    return FileChannel.open(
        path.resolveSibling(path.getFileName() + ".lock"),
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE);
  }

  private void write(Vault vault) throws IOException {
    // A temporary file is its owner's alone from the start.
    Path temporary = Files.createTempFile(path.getParent(), ".keyset", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(vault.keysetJson().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
