package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.avro.Event;
import java.time.Duration;

/** Where accepted events go. */
interface EventSink {

  /**
   * Keeps an event; on return it is on every replica that the topic asks for. Waits in the calling
   * thread.
   *
   * @param patience how long to wait for that
   * @throws NotKeptException if it is not known to be kept within that time; it may be kept later
   *     all the same, so whoever sends it again sends the same event id
   */
  void keep(Event event, Duration patience) throws NotKeptException, InterruptedException;

  /** An event that is not known to be kept. */
  final class NotKeptException extends Exception {
    NotKeptException(String message) {
      super(message);
    }

    NotKeptException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
