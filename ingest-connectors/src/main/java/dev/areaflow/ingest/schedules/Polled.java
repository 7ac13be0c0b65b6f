package dev.areaflow.ingest.schedules;

import dev.areaflow.catalog.PollSource;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Which hooks are polled, and how often. */
record Polled(ServiceCatalog catalog) implements Function<HookRow, Optional<Duration>> {
  @Override
  public Optional<Duration> apply(HookRow row) {
    return catalog.source(row.service(), row.action(), PollSource.class).map(PollSource::every);
  }
}
