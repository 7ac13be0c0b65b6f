package dev.areaflow.launcher.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL 18 as a child process, durable ({@code fsync} and {@code synchronous_commit} on), with
 * logical decoding, reachable on the loopback address by password only. It has a role and a
 * database of the same name for the platform and for the registry.
 */
final class PostgresServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);
  private static final String PLATFORM = "areaflow";
  private static final String REGISTRY = "registry";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String ACCESS_RULES =
      """
      # written by Areaflow at every start
      host all         all 127.0.0.1/32 scram-sha-256
      host replication all 127.0.0.1/32 scram-sha-256
      """;

  private final DataDirectory data;
  private final String password;
  private final int port;
  private @Nullable EmbeddedPostgres server;

  PostgresServer(DataDirectory data, int port) {
    this.data = data;
    this.password = data.secret("database.password");
    this.port = port;
  }

  /**
   * Starts it on its data and returns when it serves.
   *
   * @throws EmbeddedStackException if it does not
   */
  void start() {
    Path cluster = cluster(data);
    try {
      server =
          EmbeddedPostgres.builder()
              .setDataDirectory(cluster)
              .setOverrideWorkingDirectory(data.directory("postgres/programs").toFile())
              .setCleanDataDirectory(false)
              .setRegisterShutdownHook(false)
              .setPort(port)
              .setPGStartupWait(PATIENCE)
              .setConnectConfig("password", password)
              .setLocaleConfig("locale", "C.UTF-8")
              .setServerConfig("listen_addresses", "127.0.0.1")
              .setServerConfig("unix_socket_directories", "")
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("wal_level", "logical")
              .setServerConfig("max_wal_senders", "4")
              .setServerConfig("max_replication_slots", "4")
              .setServerConfig("max_slot_wal_keep_size", "4GB")
              .setServerConfig("wal_sender_timeout", "10s")
              .setServerConfig("max_connections", "100")
              .setServerConfig("shared_buffers", "48MB")
              .setServerConfig("jit", "off")
              .setServerConfig("log_timezone", "UTC")
              .setOutputRedirector(log(data))
              .setErrorRedirector(log(data))
              .start();
      secure(cluster);
      makeDatabase(PLATFORM, "LOGIN REPLICATION");
      makeDatabase(REGISTRY, "LOGIN");
    } catch (IOException | SQLException | IllegalStateException e) {
      throw new EmbeddedStackException(
          "PostgreSQL does not start: "
              + e.getMessage()
              + "; see "
              + data.directory("logs").resolve("postgres.log"),
          e);
    }
  }

  private static Path cluster(DataDirectory data) {
    return data.directory("postgres").resolve("cluster");
  }

  private static Redirect log(DataDirectory data) {
    return Redirect.appendTo(data.directory("logs").resolve("postgres.log").toFile());
  }

  /**
   * Ends a server that a killed start has left on this data. PostgreSQL itself records its id in
   * {@code postmaster.pid}; whether that process is the server of this very directory shows in its
   * command line.
   */
  static void endLeftover(DataDirectory data) {
    Path pidFile = cluster(data).resolve("postmaster.pid");
    leftover(pidFile)
        .ifPresent(
            postmaster -> {
              log.info(
                  "ending PostgreSQL {}, left over from a start that was killed", postmaster.pid());
              interrupt(postmaster);
              if (!RecordedProcess.ended(postmaster, PATIENCE)) {
                RecordedProcess.end(postmaster);
              }
            });
  }

  private static Optional<ProcessHandle> leftover(Path pidFile) {
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    try {
      List<String> lines = Files.readAllLines(pidFile);
      String cluster = String.valueOf(pidFile.getParent());
      return lines.isEmpty()
          ? Optional.empty()
          : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
              .filter(
                  process ->
                      process
                          .info()
                          .commandLine()
                          .filter(line -> line.contains("postgres") && line.contains(cluster))
                          .isPresent());
    } catch (IOException | NumberFormatException e) {
      throw new EmbeddedStackException(pidFile + " cannot be read: " + e, e);
    }
  }

  /**
   * SIGINT is PostgreSQL's fast shutdown; SIGTERM, the one that Java can send, waits for clients.
   */
  private static void interrupt(ProcessHandle postmaster) {
    try {
      new ProcessBuilder("kill", "-INT", Long.toString(postmaster.pid())).start().waitFor();
    } catch (IOException e) {
      postmaster.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** initdb trusts every local user; from here on they need the password. */
  private void secure(Path cluster) throws IOException, SQLException {
    Path rules = cluster.resolve("pg_hba.conf");
    if (!Files.readString(rules).equals(ACCESS_RULES)) {
      try (Connection connection = connect("postgres");
          Statement statement = connection.createStatement()) {
        statement.execute("ALTER ROLE postgres PASSWORD '" + password + "'");
        Files.writeString(rules, ACCESS_RULES);
        statement.execute("SELECT pg_reload_conf()");
      }
    }
  }

  private void makeDatabase(String name, String rights) throws SQLException {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      if (isMissing(statement, "SELECT 1 FROM pg_roles WHERE rolname = '" + name + "'")) {
        statement.execute("CREATE ROLE " + name + " " + rights + " PASSWORD '" + password + "'");
      }
      if (isMissing(statement, "SELECT 1 FROM pg_database WHERE datname = '" + name + "'")) {
        statement.execute("CREATE DATABASE " + name + " OWNER " + name);
      }
    }
  }

  private static boolean isMissing(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      return !rows.next();
    }
  }

  private Connection connect(String user) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    return DriverManager.getConnection(url("postgres"), properties);
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  DatabaseAddress platformDatabase() {
    return new DatabaseAddress(url(PLATFORM), PLATFORM, password);
  }

  DatabaseAddress registryDatabase() {
    return new DatabaseAddress(url(REGISTRY), REGISTRY, password);
  }

  /** Stops it at once, after a checkpoint; connections are cut. */
  @Override
  public void close() {
    EmbeddedPostgres stopping = server;
    server = null;
    if (stopping == null) {
      return;
    }
    try {
      stopping.close();
    } catch (IOException e) {
      throw new EmbeddedStackException("PostgreSQL does not stop: " + e, e);
    }
  }
}
