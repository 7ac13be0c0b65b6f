package dev.areaflow.ingest.schedules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.ActionSource;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.expressions.clock.ClockSchedule;
import dev.areaflow.schemas.rows.HookRow;
import java.util.Optional;
import java.util.function.Function;

/** Which hooks are clocks, and when those fire. */
final class Clocks implements Function<HookRow, Optional<ClockSchedule>> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServiceCatalog catalog;

  Clocks(ServiceCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * The instants of a hook, empty where it is no clock.
   *
   * @throws IllegalArgumentException if it is a clock whose inputs cannot be used
   */
  @Override
  public Optional<ClockSchedule> apply(HookRow row) {
    return catalog
        .source(row.service(), row.action(), ActionSource.Clock.class)
        .map(source -> schedule(source, row));
  }

  private static ClockSchedule schedule(ActionSource.Clock clock, HookRow row) {
    try {
      return clock.schedule(JSON.readTree(row.inputs()));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("inputs: expected a JSON object", e);
    }
  }
}
