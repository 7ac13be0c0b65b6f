package dev.areaflow.executors;

import dev.areaflow.schemas.avro.Command;
import dev.areaflow.schemas.avro.Outcome;

/**
 * Carries out one attempt of a command. What a third party does wrong is an outcome, never an
 * exception. Called by many threads at once.
 */
interface ReactionExecutor {

  /**
   * Makes the call and waits for its answer, within a bounded time. No call starts after the
   * command's {@code notAfter}, and every attempt tells the provider the command's id.
   *
   * @throws InterruptedException if interrupted; the call is given up, and it is unknown whether it
   *     arrived
   */
  Outcome execute(Command command) throws InterruptedException;
}
