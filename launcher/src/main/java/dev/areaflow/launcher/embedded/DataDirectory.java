package dev.areaflow.launcher.embedded;

import dev.areaflow.catalog.vault.KeysetFile;
import dev.areaflow.schemas.config.Parsers;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory that holds all state of one instance. Holding an object of this class is holding
 * the directory's lock, which ends with {@link #close} or with the process, however it ends.
 */
public final class DataDirectory implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);
  private static final int SECRET_BYTES = 32;

  private final Path root;
  private final FileChannel channel;
  private final FileLock lock;

  private DataDirectory(Path root, FileChannel channel, FileLock lock) {
    this.root = root;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Makes the directory where it is missing and locks it.
   *
   * @throws EmbeddedStackException if another instance holds it, or it cannot be written
   */
  public static DataDirectory lock(Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    FileChannel channel = null;
    try {
      Files.createDirectories(root);
      restrictOwn(root);
      channel =
          FileChannel.open(
              root.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String holder = read(channel);
        channel.close();
        throw new EmbeddedStackException(
            "another instance runs on "
                + root
                + (holder.isEmpty() ? "" : " (process " + holder + ")")
                + "; stop it, or give this one its own --data DIR");
      }
      write(channel, Long.toString(ProcessHandle.current().pid()));
      return new DataDirectory(root, channel, lock);
    } catch (IOException e) {
      throw new EmbeddedStackException("data directory " + root + " cannot be used: " + e, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
  }

  private static void write(FileChannel channel, String text) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
  }

  /** The directory itself, absolute. */
  public Path root() {
    return root;
  }

  /** A directory below it, made where it is missing. */
  public Path directory(String name) {
    try {
      return Files.createDirectories(root.resolve(name));
    } catch (IOException e) {
      throw new EmbeddedStackException(root.resolve(name) + " cannot be made: " + e, e);
    }
  }

  /**
   * A secret of 256 random bits in Base64, made at the first call for its name and kept in a file
   * that only its owner may read.
   */
  public String secret(String name) {
    Path secrets = directory("secrets");
    Path file = secrets.resolve(name);
    try {
      restrict(secrets);
      if (!Files.exists(file)) {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        replace(file, Base64.getEncoder().encodeToString(bytes) + "\n", "rw-------");
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new EmbeddedStackException(file + " cannot be read or made: " + e, e);
    }
  }

  /**
   * The file with the keyset that users' credentials are encrypted with, made at the first call.
   * Without it they are lost: it belongs into the backup, apart from the database's.
   */
  public Path vaultKeyset() {
    Path secrets = directory("secrets");
    Path file = secrets.resolve("vault.json");
    try {
      restrict(secrets);
      new KeysetFile(file).readOrCreate();
      return file;
    } catch (IOException e) {
      throw new EmbeddedStackException(file + " cannot be read or made: " + e, e);
    }
  }

  /** Payloads and secrets are in it. A mounted directory may be somebody else's, and stays so. */
  private static void restrictOwn(Path root) throws IOException {
    try {
      restrict(root);
    } catch (FileSystemException e) {
      log.warn("{} may be readable for others: {}", root, e.toString());
    }
  }

  /** Leaves a directory to its owner alone. */
  static void restrict(Path directory) throws IOException {
    restrict(directory, "rwx------");
  }

  /** Replaces a file at once, so that a crash leaves the old or the new one. */
  private static void replace(Path file, String text, String permissions) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(fresh);
    restrict(fresh, permissions);
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void restrict(Path path, String permissions) throws IOException {
    if (path.getFileSystem().supportedFileAttributeViews().containsAll(Set.of("posix"))) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
  }

  /** The port that a part used last time, so that it can have it again; empty if unreadable. */
  Optional<Integer> rememberedPort(String part) {
    try {
      return Optional.ofNullable(ports().getProperty(part))
          .map(Parsers::port)
          .filter(port -> port > 0);
    } catch (IllegalArgumentException e) {
      log.warn("{}: {} is not a port: {}", portsFile(), part, e.getMessage());
      return Optional.empty();
    }
  }

  /** Keeps a part's port for the next start. */
  void rememberPort(String part, int port) {
    Properties ports = ports();
    ports.setProperty(part, Integer.toString(port));
    try {
      StringWriter text = new StringWriter();
      ports.store(text, "ports of the embedded parts, used again where they are free");
      replace(portsFile(), text.toString(), "rw-------");
    } catch (IOException e) {
      throw new EmbeddedStackException(portsFile() + " cannot be written: " + e, e);
    }
  }

  private Properties ports() {
    Properties ports = new Properties();
    if (Files.exists(portsFile())) {
      try (Reader reader = Files.newBufferedReader(portsFile())) {
        ports.load(reader);
      } catch (IllegalArgumentException e) {
        log.warn("{} is not readable, other ports are chosen: {}", portsFile(), e.getMessage());
        return new Properties();
      } catch (IOException e) {
        throw new EmbeddedStackException(portsFile() + " cannot be read: " + e, e);
      }
    }
    return ports;
  }

  private Path portsFile() {
    return root.resolve("ports.properties");
  }

  @Override
  public void close() {
    try (channel) {
      lock.release();
    } catch (IOException e) {
      throw new EmbeddedStackException("lock of " + root + " could not be released: " + e, e);
    }
  }
}
