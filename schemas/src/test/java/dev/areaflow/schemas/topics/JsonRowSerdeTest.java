package dev.areaflow.schemas.topics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.schemas.rows.AreaRow;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Instant;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonRowSerdeTest {
  private static final String ROW =
      "{\"id\":\"h\",\"owner_id\":\"o\",\"service\":\"s\",\"action\":\"a\",\"inputs\":\"{}\","
          + "\"secret_generation\":2,\"previous_secret_until\":null,\"version\":3,\"enabled\":true,"
          + "\"created_at\":\"2026-06-01T10:00:00Z\",\"deleted_at\":null}";

  private final JsonRowSerde<HookRow> serde = new JsonRowSerde<>(Topics.HOOKS);

  @Test
  void aRowIsReadFromItsColumns() {
    // when
    HookRow row = read(ROW);

    // then
    assertThat(row)
        .isEqualTo(
            new HookRow(
                "h",
                "o",
                "s",
                "a",
                "{}",
                2,
                null,
                3,
                true,
                Instant.parse("2026-06-01T10:00:00Z"),
                null,
                null,
                null,
                0,
                false));
    assertThat(read(new String(serde.serializer().serialize("t", row), UTF_8))).isEqualTo(row);
  }

  @Test
  void columnsThatCameLaterAreReadWhereTheyAre() {
    // when
    HookRow hook = read(ROW.replace("{\"id\"", "{\"previous_secrets_until\":\"[]\",\"id\""));
    AreaRow area =
        new JsonRowSerde<>(Topics.DEFINITIONS)
            .deserializer()
            .deserialize(
                "t",
                ("{\"id\":\"a\",\"owner_id\":\"o\",\"hook_id\":\"h\",\"name\":\"n\",\"plan\":\"{}\","
                        + "\"version\":2,\"enabled\":true,\"left_hook_id\":\"l\",\"left_version\":2}")
                    .getBytes(UTF_8));

    // then
    assertThat(hook.previousSecretsUntil()).isEqualTo("[]");
    assertThat(area.leftHookId()).isEqualTo("l");
  }

  @Test
  void aColumnThatIsNotKnownYetIsPassedOver() {
    // when
    HookRow row = read(ROW.replace("{\"id\"", "{\"colour\":\"red\",\"id\""));

    // then
    assertThat(row).isEqualTo(read(ROW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "owner_id", "service", "action", "inputs", "created_at"})
  void aRowWithoutAColumnThatItNeedsIsRefused(String column) {
    // given
    String without = ROW.replace("\"" + column + "\":", "\"no_" + column + "\":");

    // then
    assertThatThrownBy(() -> read(without)).isInstanceOf(SerializationException.class);
  }

  @Test
  void aTombstoneIsNoRow() {
    assertThat(serde.deserializer().deserialize("t", null)).isNull();
  }

  private HookRow read(String json) {
    return serde.deserializer().deserialize("t", json.getBytes(UTF_8));
  }
}
