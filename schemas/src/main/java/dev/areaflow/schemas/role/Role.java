package dev.areaflow.schemas.role;

import java.util.List;

/**
 * One of the parts that make the platform: api, ingest, topology, executors, cdc. A role knows
 * addresses (Kafka, PostgreSQL, registry) and nothing of who runs it or where those come from.
 *
 * <p>{@link #start} and {@link #close} are called once each, from one thread; {@link #notReady}
 * from any thread at any time.
 */
public interface Role extends AutoCloseable {

  /**
   * The role's name on the command line, in health answers and in metrics, for example {@code
   * ingest}.
   */
  String name();

  /**
   * Starts the role's threads and listeners and returns without waiting for readiness. What can
   * only be waited for (a broker that is away) shows in {@link #notReady}; what will never work (a
   * taken port, an unusable setting) is thrown.
   */
  void start();

  /** What is still missing, a sentence each; empty when the role does its work. */
  List<String> notReady();

  /** Stops accepting, finishes what is in hand within a bounded time, and releases everything. */
  @Override
  void close();
}
