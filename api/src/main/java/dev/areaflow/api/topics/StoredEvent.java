package dev.areaflow.api.topics;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.areaflow.schemas.avro.Event;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * An event as it is kept.
 *
 * @param partition where it is, in the topic of events
 * @param offset where it is in its partition
 * @param recordedAt when it was written there
 */
public record StoredEvent(Event event, int partition, long offset, Instant recordedAt) {

  /** The delivered body, to be written as it came: it was checked when it was accepted. */
  public RawValue payload() {
    return new RawValue(StandardCharsets.UTF_8.decode(event.getPayload().duplicate()).toString());
  }
}
