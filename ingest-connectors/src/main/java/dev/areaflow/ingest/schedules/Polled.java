package dev.areaflow.ingest.schedules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.ActionSource;
import dev.areaflow.catalog.PollSource;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.Webhook;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which hooks are polled, and how often. */
record Polled(ServiceCatalog catalog) implements Function<HookRow, Optional<Duration>> {
  private static final Logger LOG = LoggerFactory.getLogger(Polled.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public Optional<Duration> apply(HookRow row) {
    return catalog
        .action(row.service(), row.action())
        .flatMap(action -> poll(action.source(), row));
  }

  private static Optional<Duration> poll(ActionSource source, HookRow row) {
    return switch (source) {
      case PollSource poll -> every(poll, row);
      case ActionSource.Both both ->
          both.isPolled(row.connectionId() != null) ? every(both.poll(), row) : Optional.empty();
      case Webhook _, ActionSource.Clock _ -> Optional.empty();
    };
  }

  /** Empty where the inputs cannot be used, which the API refuses; a manifest may have changed. */
  private static Optional<Duration> every(PollSource source, HookRow row) {
    try {
      JsonNode inputs = JSON.readTree(row.inputs());
      return Optional.of(row.subscribed() ? source.whileSubscribed(inputs) : source.every(inputs));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      LOG.error("hook {} is not polled: its inputs cannot be used", row.id(), e);
      return Optional.empty();
    }
  }
}
