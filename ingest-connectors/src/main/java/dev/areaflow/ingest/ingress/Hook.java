package dev.areaflow.ingest.ingress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.ActionSource;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.Webhook;
import dev.areaflow.schemas.hooks.HookKey;
import dev.areaflow.schemas.rows.HookRow;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A hook as the ingress needs it: the newest row, and what is derived from it once rather than at
 * every delivery.
 */
final class Hook {
  private static final Logger LOG = LoggerFactory.getLogger(Hook.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HookRow row;
  private final Reception reception;
  private final List<String> secrets;
  private final List<Instant> previousUntil;

  /** What can be done with deliveries to a hook. */
  sealed interface Reception {
    /** They are verified and accepted as the action says. */
    record Open(Webhook action, JsonNode inputs) implements Reception {}

    /** They are verified as the action says, and then ignored: the hook is disabled. */
    record Disabled(Webhook action, JsonNode inputs) implements Reception {}

    /** The hook takes none, as if it did not exist: it was deleted, or its action is not pushed. */
    record Closed() implements Reception {}

    /** This release does not know the hook's action; another may. */
    record Unserved(String reason) implements Reception {}
  }

  /**
   * @param secrets the newest first
   * @param previousUntil until when each secret but the newest is valid
   */
  private Hook(
      HookRow row, Reception reception, List<String> secrets, List<Instant> previousUntil) {
    this.row = row;
    this.reception = reception;
    this.secrets = secrets;
    this.previousUntil = previousUntil;
  }

  /**
   * The hook of a row.
   *
   * @throws IllegalArgumentException if its id is no UUID
   */
  static Hook of(HookRow row, ServiceCatalog catalog, HookKey key) {
    UUID id = UUID.fromString(row.id());
    List<Instant> previousUntil = previousUntil(row);
    List<String> secrets =
        IntStream.rangeClosed(0, previousUntil.size())
            .mapToObj(back -> key.secret(id, row.secretGeneration() - back))
            .toList();
    return new Hook(row, reception(row, catalog), secrets, previousUntil);
  }

  /** Until when each secret before is valid; times that cannot be read make none valid. */
  private static List<Instant> previousUntil(HookRow row) {
    @Nullable String all = row.previousSecretsUntil();
    List<Instant> until = new ArrayList<>();
    if (all != null) {
      try {
        for (JsonNode time : JSON.readTree(all)) {
          until.add(Instant.parse(time.asText()));
        }
      } catch (JsonProcessingException | DateTimeParseException e) {
        LOG.error(
            "hook {}: expected a JSON array of times in previous_secrets_until, found {}; only the"
                + " newest secret is valid",
            row.id(),
            all);
        return List.of();
      }
    } else if (row.previousSecretUntil() != null) {
      until.add(row.previousSecretUntil());
    }
    return List.copyOf(until.subList(0, Math.min(until.size(), row.secretGeneration() - 1)));
  }

  private static Reception reception(HookRow row, ServiceCatalog catalog) {
    if (row.deletedAt() != null) {
      return new Reception.Closed();
    }
    Optional<Action> action = catalog.action(row.service(), row.action());
    if (action.isEmpty()) {
      return new Reception.Unserved("unknown action " + row.service() + "." + row.action());
    }
    Optional<Webhook> webhook =
        action.get().source() instanceof ActionSource.Both both
            ? Optional.of(both.webhook(row.connectionId() != null))
            : action.get().webhook();
    return webhook
        .map(delivered -> reception(row, delivered))
        .orElseGet(() -> new Reception.Closed());
  }

  private static Reception reception(HookRow row, Webhook webhook) {
    @Nullable JsonNode inputs = inputs(row);
    if (inputs == null) {
      return new Reception.Unserved("inputs that are no JSON object");
    }
    return row.enabled()
        ? new Reception.Open(webhook, inputs)
        : new Reception.Disabled(webhook, inputs);
  }

  private static @Nullable JsonNode inputs(HookRow row) {
    try {
      JsonNode inputs = JSON.readTree(row.inputs());
      return inputs.isObject() ? inputs : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** The same hook once its row is gone: it takes no deliveries, as if it did not exist. */
  Hook purged() {
    return new Hook(row, new Reception.Closed(), secrets, previousUntil);
  }

  HookRow row() {
    return row;
  }

  Reception reception() {
    return reception;
  }

  /** The signing secrets that are valid at an instant, the newest first. */
  List<String> secrets(Instant now) {
    int valid = 1;
    while (valid < secrets.size() && now.isBefore(previousUntil.get(valid - 1))) {
      valid++;
    }
    return secrets.subList(0, valid);
  }
}
