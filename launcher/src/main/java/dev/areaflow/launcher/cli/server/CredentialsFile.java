package dev.areaflow.launcher.cli.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.launcher.cli.terminal.CommandFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * The tokens of {@code area login}, one a server, in a file that only its owner may read. One that
 * others may read is not used.
 */
public final class CredentialsFile {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");

  private final Path file;

  /**
   * @param folder in which it is, or will be made
   */
  CredentialsFile(Path folder) {
    this.file = folder.resolve("credentials.json");
  }

  /**
   * A login.
   *
   * @param expiresAt when the token ends, for people
   */
  public record Login(String token, String user, String expiresAt) {}

  /** The login at a server. */
  Optional<Login> at(URI server) throws IOException {
    JsonNode login = read().path("servers").path(server.toString());
    return login.isObject()
        ? Optional.of(
            new Login(
                login.path("token").asText(),
                login.path("user").asText(),
                login.path("expiresAt").asText()))
        : Optional.empty();
  }

  /** The server of the last login. */
  Optional<URI> lastServer() throws IOException {
    return Optional.ofNullable(read().path("last").textValue()).map(URI::create);
  }

  /** Keeps a login; the server is the last one from now on. */
  public void put(URI server, Login login) throws IOException {
    ObjectNode all = read();
    all.put("last", server.toString());
    all.withObjectProperty("servers")
        .putObject(server.toString())
        .put("token", login.token())
        .put("user", login.user())
        .put("expiresAt", login.expiresAt());
    write(all);
  }

  /** Forgets a login; whether there was one. */
  public boolean remove(URI server) throws IOException {
    ObjectNode all = read();
    boolean wasThere = all.withObjectProperty("servers").remove(server.toString()) != null;
    if (wasThere) {
      write(all);
    }
    return wasThere;
  }

  private ObjectNode read() throws IOException {
    if (!Files.exists(file)) {
      return JsonNodeFactory.instance.objectNode();
    }
    refuseWhereOthersMayRead();
    try {
      if (JSON.readTree(file.toFile()) instanceof ObjectNode all) {
        return all;
      }
    } catch (JsonProcessingException e) {
      // told below, as any other file that is not ours is
    }
    throw CommandFailure.of(file + " is damaged; remove it and log in again");
  }

  private void refuseWhereOthersMayRead() throws IOException {
    if (!isPosix()) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (!OWNER.containsAll(permissions)) {
      throw CommandFailure.notLoggedIn(
          file
              + " may be used by others ("
              + PosixFilePermissions.toString(permissions)
              + "), so its tokens may be known; log in again after: rm "
              + file
              + ", or where nobody else could read it: chmod 600 "
              + file);
    }
  }

  private void write(ObjectNode all) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder, attributes("rwx------"));
    Path whole = Files.createTempFile(folder, "credentials", ".new", attributes("rw-------"));
    try {
      Files.write(whole, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(all));
      Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(whole);
    }
  }

  private static FileAttribute<?>[] attributes(String permissions) {
    return isPosix()
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
