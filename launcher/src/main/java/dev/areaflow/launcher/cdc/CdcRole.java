package dev.areaflow.launcher.cdc;

import dev.areaflow.schemas.role.Role;
import dev.areaflow.schemas.topics.TopicAdmin;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The role cdc: carries every change of an AREA, a hook or a request from PostgreSQL into its
 * topic, exactly once. It runs a Kafka Connect worker with one Debezium connector, starts both
 * again where they gave up (a connector does when its database goes away), and watches how far the
 * replication slot lags.
 */
public final class CdcRole implements Role {
  private static final Logger log = LoggerFactory.getLogger(CdcRole.class);
  private static final Duration ADMIN_PATIENCE = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(250);
  private static final Duration SLOT_INTERVAL = Duration.ofSeconds(5);
  private static final Duration LONGEST_UNASSIGNED = Duration.ofSeconds(15);
  private static final Duration LEAST_RESTART_INTERVAL = Duration.ofSeconds(2);

  private final CdcConfig config;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile List<String> problems = List.of("not started");
  private volatile @Nullable ReplicationSlot slot;
  private @Nullable ConnectWorker worker;
  private List<String> slotProblems = List.of();
  private boolean saidLost;
  private long slotReadAt;
  private long restartedAt;
  private long unassignedSince;

  /**
   * @param meters where the slot's lag and the connector's state are shown
   */
  public CdcRole(CdcConfig config, MeterRegistry meters) {
    this.config = config;
    this.thread = Thread.ofPlatform().name("cdc").daemon().unstarted(this::run);
    Gauge.builder("areaflow.cdc.slot.lag", this, CdcRole::lagBytes)
        .description("Write-ahead log that the replication slot has not confirmed; NaN if unknown.")
        .baseUnit("bytes")
        .register(meters);
    Gauge.builder("areaflow.cdc.connector.running", this, role -> role.problems.isEmpty() ? 1 : 0)
        .description("1 while the connector captures changes.")
        .register(meters);
  }

  private double lagBytes() {
    ReplicationSlot seen = slot;
    return seen == null ? Double.NaN : seen.lagBytes();
  }

  @Override
  public String name() {
    return "cdc";
  }

  @Override
  public void start() {
    thread.start();
  }

  @Override
  public List<String> notReady() {
    return problems;
  }

  private void run() {
    try {
      while (!isClosing()) {
        try {
          awaitTopics();
          awaitTables();
          capture();
        } catch (KafkaException | IllegalStateException e) {
          problems = List.of("change data capture failed, it is started again: " + e.getMessage());
          log.warn("change data capture failed, starting it again", e);
          pause(LEAST_RESTART_INTERVAL);
        } finally {
          closeWorker();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitTopics() throws InterruptedException {
    while (!isClosing()) {
      try (Admin admin = admin()) {
        new TopicAdmin(admin, config.topics()).createMissing();
        return;
      } catch (KafkaException | IllegalStateException e) {
        problems = List.of("Kafka: " + e.getMessage());
        pause(PAUSE);
      }
    }
  }

  private Admin admin() {
    return Admin.create(
        Map.of(
            "bootstrap.servers",
            config.topics().bootstrapServers(),
            "default.api.timeout.ms",
            Long.toString(ADMIN_PATIENCE.toMillis()),
            "request.timeout.ms",
            Long.toString(ADMIN_PATIENCE.toMillis() - 1_000)));
  }

  private void awaitTables() throws InterruptedException {
    while (!isClosing()) {
      try (Connection connection = config.database().connect()) {
        Optional<String> missing = missingTable(connection);
        if (missing.isEmpty()) {
          return;
        }
        problems =
            List.of("the database has no table " + missing.get() + " yet; the role api makes it");
      } catch (SQLException e) {
        problems = List.of("PostgreSQL: " + e.getMessage());
      }
      pause(PAUSE);
    }
  }

  private static Optional<String> missingTable(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?)")) {
      for (String table : ConnectorConfiguration.TABLES) {
        statement.setString(1, "public." + table);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          if (rows.getString(1) == null) {
            return Optional.of(table);
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Runs worker and connector until the role closes or the worker ends. */
  private void capture() throws InterruptedException {
    if (isClosing()) {
      return;
    }
    problems = List.of("Kafka Connect is starting");
    unassignedSince = 0;
    worker = ConnectWorker.start(ConnectorConfiguration.worker(config));
    configure(worker);
    while (!isClosing()) {
      if (worker.hasEnded()) {
        throw new IllegalStateException("the Kafka Connect worker ended");
      }
      watch(worker);
      pause(WATCH_INTERVAL);
    }
  }

  private void configure(ConnectWorker connect) throws InterruptedException {
    Map<String, String> configuration = ConnectorConfiguration.connector(config);
    while (!isClosing() && !connect.hasEnded()) {
      try {
        connect.configure(configuration);
        return;
      } catch (ExecutionException | TimeoutException e) {
        problems = List.of("the connector cannot be configured yet: " + e.getMessage());
        log.warn("the connector cannot be configured yet", e);
        pause(LEAST_RESTART_INTERVAL);
      }
    }
  }

  private void watch(ConnectWorker connect) throws InterruptedException {
    List<String> found = connect.problems();
    readSlot(found.isEmpty());
    if (found.isEmpty()) {
      found = slotProblems;
    } else if (connect.hasFailed()) {
      restart(connect, found);
    }
    problems = found;
    requireAssigned(connect);
  }

  /**
   * After an outage of Kafka, a worker that joins its group again may leave the connector, or what
   * it says of it, unassigned for good. A new worker begins anew.
   */
  private void requireAssigned(ConnectWorker connect) {
    if (!connect.isUnassigned()) {
      unassignedSince = 0;
    } else if (unassignedSince == 0 || !kafkaAnswers()) {
      unassignedSince = System.nanoTime();
    } else if (System.nanoTime() - unassignedSince > LONGEST_UNASSIGNED.toNanos()) {
      throw new IllegalStateException(
          "no worker has taken the connector for " + LONGEST_UNASSIGNED.toSeconds() + " s");
    }
  }

  private boolean kafkaAnswers() {
    try (Admin admin = admin()) {
      admin.describeCluster().nodes().get(ADMIN_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Reads the slot now and then, also while the connector has failed, since that is when it lags;
   * at every look while the connector runs and the slot is not right, so that readiness is not
   * late.
   */
  private void readSlot(boolean connectorRuns) {
    boolean awaited = connectorRuns && !(problems.isEmpty() && slotProblems.isEmpty());
    boolean due = slotReadAt == 0 || System.nanoTime() - slotReadAt >= SLOT_INTERVAL.toNanos();
    if (awaited || due) {
      slotReadAt = System.nanoTime();
      slotProblems = slotProblems();
    }
  }

  private List<String> slotProblems() {
    try (Connection connection = config.database().connect()) {
      Optional<ReplicationSlot> now = ReplicationSlot.read(connection);
      slot = now.orElse(null);
      if (now.isEmpty()) {
        return List.of("the replication slot is not there yet");
      }
      if (now.get().isLost()) {
        sayLostOnce();
        return List.of("the replication slot is lost: the database removed log that it needed");
      }
      saidLost = false;
      return now.get().active() ? List.of() : List.of("the replication slot is not read");
    } catch (SQLException e) {
      slot = null; // its lag is not known, and what it was would look like what it is
      return List.of("PostgreSQL: " + e.getMessage());
    }
  }

  private void sayLostOnce() {
    if (!saidLost) {
      saidLost = true;
      log.error(
          "PostgreSQL has removed log that the replication slot needed, changes are missing in the"
              + " topics; drop it with pg_drop_replication_slot('"
              + ConnectorConfiguration.NAME
              + "') and start this role again, which takes a new snapshot; a larger"
              + " max_slot_wal_keep_size lets it lag longer");
    }
  }

  private void restart(ConnectWorker connect, List<String> found) throws InterruptedException {
    if (System.nanoTime() - restartedAt < LEAST_RESTART_INTERVAL.toNanos() || !databaseAnswers()) {
      return;
    }
    restartedAt = System.nanoTime();
    log.warn("starting the connector again: {}", found);
    try {
      connect.restart();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("the connector could not be started again", e);
    }
  }

  private boolean databaseAnswers() {
    try (Connection connection = config.database().connect()) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  private void closeWorker() {
    ConnectWorker stopping = worker;
    worker = null;
    if (stopping != null) {
      stopping.close();
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause(Duration duration) throws InterruptedException {
    if (closing.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
      problems = List.of("stopping");
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
