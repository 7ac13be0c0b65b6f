package dev.areaflow.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Event;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;

final class CloudEventsTest {

  @Test
  void anEventCarriesEveryRequiredAttribute() {
    // given
    var event =
        Event.newBuilder()
            .setId("72d3162e-cc78-11e3-81ab-4c9367dc0958")
            .setHookId("0199f2b4-7c1e-7d0a-8b7a-1d2f3c4b5a69")
            .setService("github")
            .setAction("issue_opened")
            .setTime(Instant.parse("2026-03-01T10:15:30.250Z"))
            .build();

    // when
    var headers = CloudEvents.headers(event);

    // then
    assertThat(texts(headers))
        .isEqualTo(
            Map.of(
                "ce_specversion", "1.0",
                "ce_id", "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                "ce_source", "/hooks/0199f2b4-7c1e-7d0a-8b7a-1d2f3c4b5a69",
                "ce_type", "dev.areaflow.github.issue_opened",
                "ce_time", "2026-03-01T10:15:30.250Z",
                "content-type", "application/avro"));
  }

  @Test
  void aReplaySaysSo() {
    // given
    var replay = Event.newBuilder().setId("1").setHookId("hook").setGeneration(2).build();

    // when
    var headers = CloudEvents.headers(replay);

    // then
    assertThat(texts(headers)).containsEntry(CloudEvents.GENERATION_HEADER, "2");
  }

  @Test
  void theSourceIsAlwaysAUriReference() {
    // given
    var event = Event.newBuilder().setHookId("a b/ü").build();

    // when
    var headers = CloudEvents.headers(event);

    // then
    assertThat(texts(headers)).containsEntry("ce_source", "/hooks/a%20b%2F%C3%BC");
  }

  private static Map<String, String> texts(Headers headers) {
    Map<String, String> texts = new TreeMap<>();
    for (Header header : headers) {
      texts.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
    }
    return texts;
  }
}
