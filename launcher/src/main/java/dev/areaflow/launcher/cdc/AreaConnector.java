package dev.areaflow.launcher.cdc;

import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import java.time.Duration;
import org.apache.kafka.connect.connector.Task;

/**
 * Debezium's PostgreSQL connector for a short poll interval. Made by Kafka Connect, by its name and
 * from {@code META-INF/services}.
 */
public final class AreaConnector extends PostgresConnector {
  @Override
  public Class<? extends Task> taskClass() {
    return Reader.class;
  }

  /**
   * Tells PostgreSQL how far it was read once a second. With exactly-once support Connect asks for
   * that after every poll, empty ones too, and Debezium reads the connector's offsets from Kafka
   * each time: a hundred times a second, for a write-ahead log that is let go of a second later.
   */
  public static final class Reader extends PostgresConnectorTask {
    private static final Duration EVERY = Duration.ofSeconds(1);

    private long nextNanos = System.nanoTime(); // the task's thread alone

    @Override
    public void commit() throws InterruptedException {
      long now = System.nanoTime();
      if (now - nextNanos >= 0) {
        nextNanos = now + EVERY.toNanos();
        super.commit();
      }
    }
  }
}
