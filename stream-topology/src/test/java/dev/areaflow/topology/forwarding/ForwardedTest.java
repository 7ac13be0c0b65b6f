package dev.areaflow.topology.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.avro.Event;
import dev.areaflow.schemas.avro.EventSource;
import dev.areaflow.topology.forwarding.Forwarded.Arrived;
import dev.areaflow.topology.forwarding.Forwarded.Passed;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ForwardedTest {
  private static final Instant TEN = Instant.parse("2026-07-01T10:00:00Z");

  private static Forwarded again(Forwarded forwarded) {
    return Forwarded.SERDE
        .deserializer()
        .deserialize("", Forwarded.SERDE.serializer().serialize("", forwarded));
  }

  @Test
  void anEventIsReadAsItWasWritten() {
    // given
    Event event =
        Event.newBuilder()
            .setId("e1")
            .setHookId("hook-1")
            .setOwnerId("owner-1")
            .setService("github")
            .setAction("push")
            .setTime(TEN)
            .setReceivedAt(TEN.plusMillis(5))
            .setSource(EventSource.POLL)
            .setCanonical(true)
            .setPayload(ByteBuffer.wrap(new byte[] {'{', '}'}))
            .setGeneration(2)
            .setOnlyArea("area-1")
            .setReplayId("replay-1")
            .setForced(true)
            .build();
    Arrived arrived = new Arrived("area-1", "pushed", TEN.plusMillis(7), 3, 11, event);

    // then
    assertThat(again(arrived)).isEqualTo(arrived);
    Arrived live =
        new Arrived(
            "area-1",
            "",
            TEN,
            0,
            0,
            Event.newBuilder(event).setOnlyArea(null).setReplayId(null).build());
    assertThat(again(live)).isEqualTo(live);
  }

  @Test
  void aTimeIsReadAsItWasWritten() {
    // given
    Passed passed = new Passed(1, 2, TEN);

    // then
    assertThat(again(passed)).isEqualTo(passed);
  }
}
