package dev.areaflow.ingest.ingress;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.Wake;
import java.time.Duration;

/** Where what was delivered goes: accepted events, and wakes of hooks that are polled. */
interface EventSink {

  /**
   * Keeps an event; on return it is on every replica that the topic asks for. Waits in the calling
   * thread.
   *
   * @param patience how long to wait for that
   * @throws NotKeptException if it is not known to be kept within that time; it may be kept later
   *     all the same, so whoever sends it again sends the same event id
   * @throws EventTooLargeException if it can never be kept
   */
  void keep(Event event, Duration patience)
      throws NotKeptException, EventTooLargeException, InterruptedException;

  /**
   * Keeps a wake, as {@link #keep} does an event.
   *
   * @throws NotKeptException if it is not known to be kept within that time
   */
  void wake(Wake wake, Duration patience) throws NotKeptException, InterruptedException;

  /** What is not known to be kept. */
  final class NotKeptException extends Exception {
    NotKeptException(String message) {
      super(message);
    }

    NotKeptException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** An event larger than what is kept; it would be refused however often it is sent. */
  final class EventTooLargeException extends Exception {
    EventTooLargeException(Throwable cause) {
      super("event too large to be kept: " + cause.getMessage(), cause);
    }
  }
}
