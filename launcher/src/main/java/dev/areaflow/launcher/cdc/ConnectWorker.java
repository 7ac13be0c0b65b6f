package dev.areaflow.launcher.cdc;

import java.net.BindException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.cli.ConnectDistributed;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.NotFoundException;
import org.apache.kafka.connect.runtime.AbstractStatus;
import org.apache.kafka.connect.runtime.Connect;
import org.apache.kafka.connect.runtime.Herder;
import org.apache.kafka.connect.runtime.RestartRequest;
import org.apache.kafka.connect.runtime.distributed.DistributedHerder;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorInfo;
import org.apache.kafka.connect.runtime.rest.entities.ConnectorStateInfo;
import org.apache.kafka.connect.util.FutureCallback;

/**
 * A worker of the Kafka Connect cluster, in this JVM, and the connector as that cluster sees it.
 */
final class ConnectWorker implements AutoCloseable {
  private static final long CALL_SECONDS = 20;
  private static final String CONNECTOR = ConnectorConfiguration.NAME;
  private static final String RUNNING = AbstractStatus.State.RUNNING.name();
  private static final String UNASSIGNED = AbstractStatus.State.UNASSIGNED.name();
  private static final String FAILED = AbstractStatus.State.FAILED.name();

  private final Connect<DistributedHerder> connect;

  private ConnectWorker(Connect<DistributedHerder> connect) {
    this.connect = connect;
  }

  /**
   * Starts a worker; it joins its cluster in the background.
   *
   * @throws IllegalStateException if it cannot, as when another program listens on its port; the
   *     message says why
   */
  static ConnectWorker start(Map<String, String> properties) {
    try {
      return new ConnectWorker(new ConnectDistributed().startConnect(properties));
    } catch (ConnectException e) {
      boolean isTaken = causes(e).anyMatch(BindException.class::isInstance);
      String where =
          isTaken ? " at " + properties.get("listeners") + " (cdc.rest-host, cdc.rest-port)" : "";
      throw new IllegalStateException("no Kafka Connect worker" + where + ": " + reason(e), e);
    }
  }

  /** What an exception and its causes say: Connect's own says little. */
  private static String reason(Throwable failure) {
    return causes(failure)
        .map(Throwable::getMessage)
        .filter(Objects::nonNull)
        .distinct()
        .collect(Collectors.joining(": "));
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
  }

  /** Whether the worker has ended by itself, after a fault. */
  boolean hasEnded() {
    return connect.herderTask().isDone();
  }

  /**
   * Makes the connector, or changes it where its configuration differs. Only the cluster's leader
   * can; {@link TimeoutException} and {@link ExecutionException} are worth another try.
   */
  void configure(Map<String, String> configuration)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!current().equals(configuration)) {
      FutureCallback<Herder.Created<ConnectorInfo>> done = new FutureCallback<>();
      connect.herder().putConnectorConfig(CONNECTOR, configuration, true, done);
      done.get(CALL_SECONDS, TimeUnit.SECONDS);
    }
  }

  private Map<String, String> current()
      throws InterruptedException, ExecutionException, TimeoutException {
    FutureCallback<Map<String, String>> current = new FutureCallback<>();
    connect.herder().connectorConfig(CONNECTOR, current);
    try {
      return current.get(CALL_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NotFoundException) {
        return Map.of();
      }
      throw e;
    }
  }

  /** What keeps the connector from running, a sentence each. */
  List<String> problems() {
    ConnectorStateInfo status;
    try {
      status = connect.herder().connectorStatus(CONNECTOR);
    } catch (NotFoundException e) {
      return List.of("the connector is not there yet");
    }
    if (!status.connector().state().equals(RUNNING)) {
      return List.of("the connector is " + status.connector().state());
    }
    if (status.tasks().isEmpty()) {
      return List.of("the connector has no task yet");
    }
    return status.tasks().stream()
        .filter(task -> !task.state().equals(RUNNING))
        .map(task -> "the connector's task is " + task.state() + cause(task))
        .toList();
  }

  private static String cause(ConnectorStateInfo.TaskState task) {
    return task.trace() == null ? "" : ": " + task.trace().lines().findFirst().orElse("");
  }

  /** Whether no worker runs the connector or its task, or says so. */
  boolean isUnassigned() {
    try {
      ConnectorStateInfo status = connect.herder().connectorStatus(CONNECTOR);
      return status.connector().state().equals(UNASSIGNED)
          || status.tasks().stream().anyMatch(task -> task.state().equals(UNASSIGNED));
    } catch (NotFoundException e) {
      return false;
    }
  }

  /** Whether the connector or its task has given up, and only a restart helps. */
  boolean hasFailed() {
    try {
      ConnectorStateInfo status = connect.herder().connectorStatus(CONNECTOR);
      return status.connector().state().equals(FAILED)
          || status.tasks().stream().anyMatch(task -> task.state().equals(FAILED));
    } catch (NotFoundException e) {
      return false;
    }
  }

  /** Starts again what has failed. */
  void restart() throws InterruptedException, ExecutionException, TimeoutException {
    FutureCallback<ConnectorStateInfo> done = new FutureCallback<>();
    connect.herder().restartConnectorAndTasks(new RestartRequest(CONNECTOR, true, true), done);
    done.get(CALL_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    connect.stop();
    connect.awaitStop();
  }
}
