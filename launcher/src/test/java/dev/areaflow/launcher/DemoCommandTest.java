package dev.areaflow.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.schemas.config.Settings;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DemoCommandTest {
  @Test
  void theEnvironmentOfAnotherInstanceDoesNotReachTheDemo() {
    // given
    var given =
        new SettingSources(
            Map.of("hooks.port", "8091"),
            Map.of(
                "AREA_DATA", "/var/lib/area",
                "AREA_API_HOST", "0.0.0.0",
                "AREA_HOOKS_URL", "https://hooks.example.org",
                "AREA_PUBLIC_URL", "https://area.example.org"),
            Map.of());

    // when
    Settings own = DemoCommand.withDefaults(given, Path.of("temporary")).settings();

    // then
    assertThat(own.text("data")).hasValue("temporary");
    assertThat(own.text("api.host")).hasValue("127.0.0.1");
    assertThat(own.text("hooks.port")).hasValue("8091");
    assertThat(own.text("hooks.url")).isEmpty();
    assertThat(own.text("public.url")).isEmpty();
  }
}
