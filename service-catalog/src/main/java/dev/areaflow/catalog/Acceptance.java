package dev.areaflow.catalog;

import java.time.Instant;
import java.util.Map;

/** What becomes of a delivery. */
public sealed interface Acceptance {

  /**
   * It is an event.
   *
   * @param eventId the provider's delivery id, which a repeated delivery has too; up to 255 visible
   *     ASCII characters
   * @param time when it happened by the provider's account, else when it was received
   * @param payload the body as a JSON object in UTF-8
   */
  @SuppressWarnings("ArrayRecordComponent") // goes to Kafka uncopied, nobody compares it
  record Accepted(String eventId, Instant time, byte[] payload) implements Acceptance {}

  /** It is authentic, and says no more than that the hook is to be polled now. */
  record Woken() implements Acceptance {}

  /**
   * It is authentic, but none of this hook's events.
   *
   * @param reason for example {@code event is ping, not issues}
   */
  record Ignored(String reason) implements Acceptance {}

  /**
   * It is a provider's question whether the hook is there, and no event.
   *
   * @param answer the fields of the JSON object that is wanted back; none where no content is
   */
  record Challenged(Map<String, String> answer) implements Acceptance {
    public Challenged {
      answer = Map.copyOf(answer);
    }
  }

  /**
   * It cannot be taken.
   *
   * @param detail what is wrong, for the sender; the same for every {@link Refusal#SIGNATURE}
   */
  record Refused(Refusal reason, String detail) implements Acceptance {}
}
