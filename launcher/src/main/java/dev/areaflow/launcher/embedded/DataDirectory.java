package dev.areaflow.launcher.embedded;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
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

/**
 * The directory that holds all state of one instance. Holding an object of this class is holding
 * the directory's lock, which ends with {@link #close} or with the process, however it ends.
 */
public final class DataDirectory implements AutoCloseable {
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
    Path file = directory("secrets").resolve(name);
    try {
      restrict(file.getParent(), "rwx------");
      if (!Files.exists(file)) {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        Path fresh = file.resolveSibling(name + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh);
        restrict(fresh, "rw-------");
        Files.writeString(fresh, Base64.getEncoder().encodeToString(bytes) + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new EmbeddedStackException(file + " cannot be read or made: " + e, e);
    }
  }

  private static void restrict(@Nullable Path path, String permissions) throws IOException {
    if (path != null
        && path.getFileSystem().supportedFileAttributeViews().containsAll(Set.of("posix"))) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
  }

  /** The port that a part used last time, so that it can have it again. */
  Optional<Integer> rememberedPort(String part) {
    return Optional.ofNullable(ports().getProperty(part)).map(Integer::valueOf);
  }

  /** Keeps a part's port for the next start. */
  void rememberPort(String part, int port) {
    Properties ports = ports();
    ports.setProperty(part, Integer.toString(port));
    try (Writer writer = Files.newBufferedWriter(portsFile())) {
      ports.store(writer, "ports of the embedded parts, used again where they are free");
    } catch (IOException e) {
      throw new EmbeddedStackException(portsFile() + " cannot be written: " + e, e);
    }
  }

  private Properties ports() {
    Properties ports = new Properties();
    if (Files.exists(portsFile())) {
      try (Reader reader = Files.newBufferedReader(portsFile())) {
        ports.load(reader);
      } catch (IOException | IllegalArgumentException e) {
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
