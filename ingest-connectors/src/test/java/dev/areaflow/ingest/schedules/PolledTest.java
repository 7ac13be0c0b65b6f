package dev.areaflow.ingest.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PolledTest {
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();

  private final Polled polled = new Polled(CATALOG);

  @Test
  void anActionWithBothSourcesIsPolledWithAConnectionOnly() {
    assertThat(polled.apply(row("issue_opened", null, false))).isEmpty();
    assertThat(polled.apply(row("issue_opened", "work", false))).contains(Duration.ofMinutes(1));
    assertThat(polled.apply(row("issue_opened", "work", true))).contains(Duration.ofMinutes(15));
  }

  @Test
  void whatIsOnlyDeliveredIsNotPolledAndWhatIsOnlyPolledAlwaysIs() {
    assertThat(polled.apply(row("push", "work", true))).isEmpty();
    assertThat(polled.apply(row("new_repository", "work", false))).contains(Duration.ofMinutes(1));
  }

  private static HookRow row(String action, @Nullable String connection, boolean subscribed) {
    return new HookRow(
        "0197a6f0-0000-7000-8000-000000000001",
        "owner",
        "github",
        action,
        "{\"repository\":\"octo/hello\"}",
        1,
        null,
        1,
        true,
        Instant.parse("2026-03-02T10:00:30Z"),
        null,
        null,
        connection,
        0,
        subscribed);
  }
}
