package dev.areaflow.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DeliveryIdTest {
  @Test
  void anIdComesBackFromTheTextAroundIt() {
    // given
    DeliveryId id = new DeliveryId(1_790_000_000_123_456L, 7, 1_234);
    byte[] text = new byte[DeliveryId.LENGTH + 20];
    java.util.Arrays.fill(text, (byte) '.');

    // when
    id.writeTo(text, 9);

    // then
    assertThat(DeliveryId.find(text, text.length)).contains(id);
    assertThat(new String(text, StandardCharsets.US_ASCII))
        .contains(".bench-1790000000123456-0007-000001234.");
  }

  @Test
  void aTextWithoutAnIdHasNone() {
    // given
    byte[] text =
        "bench-17900000001234x6-0007-000001234 bench-".getBytes(StandardCharsets.US_ASCII);

    // when, then
    assertThat(DeliveryId.find(text, text.length)).isEmpty();
  }
}
