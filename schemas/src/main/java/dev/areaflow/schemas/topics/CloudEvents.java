package dev.areaflow.schemas.topics;

import dev.areaflow.schemas.avro.Event;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The headers that make a record of {@link Topics#EVENTS} a CloudEvent: version 1.0 of the
 * specification and of its Kafka protocol binding, binary content mode.
 *
 * <p>The pair of source and id names an event uniquely: the source is the hook, and an event's id
 * is unique within its hook. A replay says so by the extension attribute {@code generation}.
 */
public final class CloudEvents {
  /** Header of an event's id. */
  public static final String ID_HEADER = "ce_id";

  /** Header of the extension attribute that only replays have. */
  public static final String GENERATION_HEADER = "ce_generation";

  private static final String TYPE_PREFIX = "dev.areaflow.";

  private CloudEvents() {}

  /** The headers of an event; the caller's to add to. */
  public static Headers headers(Event event) {
    Headers headers = new RecordHeaders();
    add(headers, "ce_specversion", "1.0");
    add(headers, ID_HEADER, event.getId());
    add(headers, "ce_source", "/hooks/" + segment(event.getHookId()));
    add(headers, "ce_type", TYPE_PREFIX + event.getService() + "." + event.getAction());
    add(headers, "ce_time", event.getTime().toString());
    if (event.getGeneration() > 0) {
      add(headers, GENERATION_HEADER, Integer.toString(event.getGeneration()));
    }
    add(headers, "content-type", "application/avro");
    return headers;
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** A hook id is a UUID today; the source stays a URI reference whatever it becomes. */
  private static String segment(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
