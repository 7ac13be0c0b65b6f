package dev.areaflow.api.connections;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.api.http.Violations;
import dev.areaflow.catalog.CatalogConfig;
import dev.areaflow.catalog.Service;
import dev.areaflow.schemas.config.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class WishesTest {
  @Test
  void aConsentMayBeForOptionsOfInputsToo() {
    // given
    Service calendar =
        CatalogConfig.from(Settings.of(Map.of()))
            .load(problem -> {})
            .service("google-calendar")
            .orElseThrow();
    Wishes wishes = new Wishes(List.of("event_created", "google-calendar.calendars"), null);
    Violations violations = new Violations();

    // when
    List<String> scopes = wishes.scopes(calendar, violations);

    // then
    violations.raise();
    assertThat(scopes)
        .containsExactly(
            "https://www.googleapis.com/auth/calendar.events.readonly",
            "https://www.googleapis.com/auth/calendar.calendarlist.readonly");
  }
}
