package dev.areaflow.launcher.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL 18 as a child process, durable ({@code fsync} and {@code synchronous_commit} on), with
 * logical decoding, reachable on the loopback address by password only. It has a role and a
 * database of the same name for the platform and for the registry. It can be suspended and started
 * again on the same port and data.
 */
public final class PostgresServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);
  private static final String PLATFORM = "areaflow";
  private static final String REGISTRY = "registry";

  /** Recovery after a kill may replay gigabytes of log. */
  private static final Duration START_PATIENCE = Duration.ofMinutes(2);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final String ACCESS_RULES =
      """
      # written by Areaflow at every start
      host all         all 127.0.0.1/32 scram-sha-256
      host replication all 127.0.0.1/32 scram-sha-256
      """;

  private final DataDirectory data;
  private final Path programs;
  private final String password;
  private final int port;
  private final Consumer<String> onFault;

  /** Held while it starts, so that a stop meanwhile does not miss the process. */
  private final ReentrantLock starting = new ReentrantLock();

  private volatile boolean closing;
  private volatile @Nullable Thread starter;

  /** Whose end would be a fault. */
  private volatile @Nullable ProcessHandle watched;

  private @Nullable EmbeddedPostgres server;

  /**
   * @param programs where PostgreSQL is unpacked, once for all servers; in a directory that others
   *     may not enter
   * @param onFault told when it ends without being stopped
   */
  PostgresServer(DataDirectory data, Path programs, int port, Consumer<String> onFault) {
    this.onFault = onFault;
    this.data = data;
    this.programs = programs;
    this.password = data.secret("database.password");
    this.port = port;
  }

  /**
   * Starts it on its data and returns when it serves.
   *
   * @throws EmbeddedStackException if it does not
   */
  public void start() {
    starting.lock();
    starter = Thread.currentThread();
    try {
      startServer();
    } finally {
      starter = null;
      starting.unlock();
    }
  }

  private void startServer() {
    if (closing) {
      throw new EmbeddedStackException("stopped before PostgreSQL was started");
    }
    Path cluster = cluster(data);
    try {
      server =
          EmbeddedPostgres.builder()
              .setDataDirectory(cluster)
              .setOverrideWorkingDirectory(Files.createDirectories(programs).toFile())
              .setCleanDataDirectory(false)
              .setRegisterShutdownHook(false)
              .setPort(port)
              .setPGStartupWait(START_PATIENCE)
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
      running(cluster).ifPresent(this::watch);
    } catch (IOException | SQLException | IllegalStateException | ExceptionInInitializerError e) {
      running(cluster).ifPresent(PostgresServer::end);
      if (closing) {
        throw new EmbeddedStackException("stopped while PostgreSQL was starting", e);
      }
      throw new EmbeddedStackException(
          "PostgreSQL does not start: %s; see %s; where its programs are damaged, delete %s"
              .formatted(e.getMessage(), logFile(data), programs),
          e);
    }
  }

  private void watch(ProcessHandle postmaster) {
    watched = postmaster;
    var _ =
        postmaster
            .onExit()
            .thenRun(
                () -> {
                  if (!closing && postmaster.equals(watched)) {
                    onFault.accept("PostgreSQL ended; see " + logFile(data));
                  }
                });
  }

  private static Path cluster(DataDirectory data) {
    return data.directory("postgres").resolve("cluster");
  }

  private static Redirect log(DataDirectory data) {
    return Redirect.appendTo(logFile(data).toFile());
  }

  private static Path logFile(DataDirectory data) {
    return data.directory("logs").resolve("postgres.log");
  }

  /**
   * Ends a server that a killed start has left on this data, and forgets it: its id may have gone
   * to some other process, for which PostgreSQL would refuse to start.
   */
  static void endLeftover(DataDirectory data) {
    Path cluster = cluster(data);
    running(cluster)
        .ifPresent(
            postmaster -> {
              log.info(
                  "ending PostgreSQL {}, left over from a start that was killed", postmaster.pid());
              end(postmaster);
            });
    RecordedProcess.forget(pidFile(cluster));
  }

  private static void end(ProcessHandle postmaster) {
    interrupt(postmaster);
    if (!RecordedProcess.ended(postmaster, STOP_PATIENCE)) {
      RecordedProcess.end(postmaster);
    }
  }

  private static Path pidFile(Path cluster) {
    return cluster.resolve("postmaster.pid");
  }

  /**
   * The server of this directory. PostgreSQL itself records its id; whether that process is the
   * server of this very directory shows in its command line.
   */
  private static Optional<ProcessHandle> running(Path cluster) {
    Path file = pidFile(cluster);
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.isEmpty()
          ? Optional.empty()
          : ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
              .filter(
                  process ->
                      process
                          .info()
                          .commandLine()
                          .filter(
                              line ->
                                  line.contains("postgres") && line.contains(cluster.toString()))
                          .isPresent());
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new EmbeddedStackException(file + " cannot be read: " + e, e);
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

  /** Stops it like {@link #close}, but {@link #start} can start it again. */
  public void suspend() {
    starting.lock();
    try {
      watched = null;
      stop();
    } finally {
      starting.unlock();
    }
  }

  /** Stops it for good, after a checkpoint; connections are cut. Also while it starts. */
  @Override
  public void close() {
    closing = true;
    try {
      while (!starting.tryLock(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        running(cluster(data)).ifPresent(this::endWhileStarting);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      running(cluster(data)).ifPresent(PostgresServer::end);
      return;
    }
    try {
      stop();
    } finally {
      starting.unlock();
    }
  }

  /** Nobody tells the start that its server is gone: it is interrupted, or it waits in vain. */
  private void endWhileStarting(ProcessHandle postmaster) {
    end(postmaster);
    Thread thread = starter;
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void stop() {
    EmbeddedPostgres stopping = server;
    server = null;
    try {
      if (stopping != null) {
        stopping.close();
      }
    } catch (IOException e) {
      throw new EmbeddedStackException("PostgreSQL does not stop: " + e, e);
    } finally {
      running(cluster(data)).ifPresent(PostgresServer::end);
    }
  }
}
