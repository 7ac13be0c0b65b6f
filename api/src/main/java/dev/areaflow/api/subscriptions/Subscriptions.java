package dev.areaflow.api.subscriptions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.database.Database;
import dev.areaflow.api.hooks.Hook;
import dev.areaflow.api.hooks.HookAddresses;
import dev.areaflow.api.hooks.Hooks;
import dev.areaflow.api.http.Json;
import dev.areaflow.catalog.Action;
import dev.areaflow.catalog.InvalidInputsException;
import dev.areaflow.catalog.PollSource;
import dev.areaflow.catalog.Registration;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.Subscription;
import dev.areaflow.catalog.UnusableAnswerException;
import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that each hook with a connection, whose action can be subscribed to, has its webhook
 * at the service, and that no other one of ours is there. It compares what is wanted with what was
 * set up, one hook at a time with its row locked, so that several processes share the work. A
 * webhook is looked for before it is set up: after a crash none is there twice. One that was set up
 * is looked for again every six hours, and at once when a poll finds what it should have delivered;
 * it is set up anew where somebody removed it. One that ends by itself is renewed before. While
 * there is none, hooks are polled where their action can be.
 */
public final class Subscriptions implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);
  private static final Duration LOOK_AGAIN = Duration.ofHours(6);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
  private static final int MOST_AT_ONCE = 50;
  private static final int MOST_PAGES = 10;

  private final Database database;
  private final Hooks hooks;
  private final ServiceCatalog catalog;
  private final HookAddresses addresses;
  private final Credentials credentials;
  private final GuardedHttpClient client;
  private final Clock clock;
  private final List<String> subscribable;

  public Subscriptions(
      Database database,
      Hooks hooks,
      ServiceCatalog catalog,
      HookAddresses addresses,
      Credentials credentials,
      GuardedHttpClient client,
      Clock clock) {
    this.database = database;
    this.hooks = hooks;
    this.catalog = catalog;
    this.addresses = addresses;
    this.credentials = credentials;
    this.client = client;
    this.clock = clock;
    this.subscribable =
        catalog.services().stream()
            .flatMap(
                service ->
                    service.actions().stream()
                        .filter(action -> action.subscription().isPresent())
                        .map(action -> service.id() + "." + action.id()))
            .toList();
  }

  /** Does what is due; never throws. */
  @Override
  public void run() {
    if (!database.notReady().isEmpty()) {
      return;
    }
    try {
      for (UUID hook : due()) {
        database.jdbi().useTransaction(handle -> settle(handle, hook));
      }
    } catch (RuntimeException e) {
      // an exception would end the schedule; what is due is done next time
      LOG.warn("subscriptions are not settled now: {}", e.getMessage());
    }
  }

  private List<UUID> due() {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT h.id FROM hooks h LEFT JOIN subscriptions s ON s.hook_id = h.id"
                            + " LEFT JOIN connections c ON c.id = h.connection_id"
                            + " LEFT JOIN hook_polls p ON p.hook_id = h.id"
                            + " LEFT JOIN hook_activity a ON a.hook_id = h.id"
                            + " WHERE h.connection_id IS NOT NULL AND h.deleted_at IS NULL"
                            + " AND h.enabled AND h.service || '.' || h.action = ANY(:subscribable)"
                            + " AND (s.hook_id IS NULL OR s.next_at <= :now"
                            + " OR h.updated_at > s.updated_at"
                            + " OR (s.status IN ('polled', 'failed')"
                            + " AND c.updated_at > s.updated_at)"
                            + " OR (s.status = 'active'"
                            + " AND p.late_item_at IS DISTINCT FROM s.looked_for"
                            + " AND p.late_item_at > coalesce(a.last_delivery_at, '-infinity')))"
                            + " UNION ALL SELECT s.hook_id FROM subscriptions s"
                            + " LEFT JOIN hooks h ON h.id = s.hook_id"
                            + " WHERE (h.id IS NULL OR h.deleted_at IS NOT NULL"
                            + " OR h.connection_id IS NULL)"
                            + " AND (s.next_at <= :now OR h.updated_at > s.updated_at)"
                            + " LIMIT "
                            + MOST_AT_ONCE)
                    .bindArray("subscribable", String.class, subscribable)
                    .bind("now", clock.instant())
                    .mapTo(UUID.class)
                    .list());
  }

  /**
   * What was set up, or is to be.
   *
   * @param lateItemAt the newest time of what a poll found though it should have been delivered;
   *     null where nothing was
   */
  private record Row(
      UUID hook,
      @Nullable Registration there,
      JsonNode inputs,
      UUID connection,
      int secretGeneration,
      int attempts,
      @Nullable OffsetDateTime lateItemAt) {
    static Row of(ResultSet row) throws SQLException {
      return new Row(
          row.getObject("hook_id", UUID.class),
          registration(row),
          Json.readStored(row.getString("inputs")),
          row.getObject("connection_id", UUID.class),
          row.getInt("secret_generation"),
          row.getInt("attempts"),
          row.getObject("late_item_at", OffsetDateTime.class));
    }

    private static @Nullable Registration registration(ResultSet row) throws SQLException {
      @Nullable String id = row.getString("provider_id");
      @Nullable OffsetDateTime expires = row.getObject("expires_at", OffsetDateTime.class);
      return id == null
          ? null
          : new Registration(
              id,
              Json.readStored(row.getString("saved")).properties().stream()
                  .collect(Collectors.toMap(Map.Entry::getKey, saved -> saved.getValue().asText())),
              expires == null ? null : expires.toInstant());
    }

    boolean isOf(Hook wanted) {
      return isAtPlaceOf(wanted) && secretGeneration == wanted.secretGeneration();
    }

    boolean isOtherSecretOf(Hook wanted) {
      return there != null && isAtPlaceOf(wanted) && secretGeneration != wanted.secretGeneration();
    }

    boolean delivers(Hook wanted, Instant now) {
      return there != null
          && isOf(wanted)
          && (there.expiresAt() == null || there.expiresAt().isAfter(now));
    }

    private boolean isAtPlaceOf(Hook wanted) {
      return inputs.equals(wanted.inputs()) && connection.equals(wanted.connectionId());
    }
  }

  private void settle(Handle handle, UUID hookId) {
    Optional<Listed> listed = listed(handle, hookId);
    Optional<Hook> hook = listed.map(Listed::hook);
    Optional<Hook> wanted = listed.filter(Listed::isWanted).map(Listed::hook);
    wanted.ifPresent(found -> hooks.subscribe(handle, found));
    Optional<Row> locked =
        handle
            .createQuery(
                "SELECT s.*, p.late_item_at FROM subscriptions s"
                    + " LEFT JOIN hook_polls p ON p.hook_id = s.hook_id"
                    + " WHERE s.hook_id = :hook FOR UPDATE OF s SKIP LOCKED")
            .bind("hook", hookId)
            .map((row, context) -> Row.of(row))
            .findOne();
    if (locked.isEmpty()) {
      return; // another process is at it
    }
    Row row = locked.get();
    if (hook.isEmpty()) {
      forget(handle, row); // its hook was purged: there is nobody whose account could remove it
      return;
    }
    Step step;
    if (wanted.isPresent() && row.isOtherSecretOf(wanted.get())) {
      step = sign(wanted.get(), row);
    } else if (wanted.filter(row::isOf).isEmpty()) {
      step = remove(hook.get(), row);
    } else {
      step = renew(wanted.orElseThrow(), row);
    }
    if (step instanceof Step.Done && wanted.isEmpty()) {
      forget(handle, row);
      return;
    }
    if (step instanceof Step.Done(var there)) {
      step = establish(wanted.orElseThrow(), there);
    }
    keep(handle, row, wanted.orElse(hook.get()), step);
  }

  /** A hook, deleted or not. */
  private record Listed(Hook hook, boolean deleted) {
    boolean isWanted() {
      return !deleted && hook.connectionId() != null;
    }
  }

  private static Optional<Listed> listed(Handle handle, UUID id) {
    return handle
        .createQuery(
            "SELECT "
                + Hook.COLUMNS
                + ", h.deleted_at IS NOT NULL AS deleted FROM hooks h WHERE h.id = :id")
        .bind("id", id)
        .map((row, context) -> new Listed(Hook.of(row), row.getBoolean("deleted")))
        .findOne();
  }

  private static void forget(Handle handle, Row row) {
    handle.execute("DELETE FROM subscriptions WHERE hook_id = ?", row.hook());
  }

  /** What came of a step. */
  private sealed interface Step {
    /**
     * It is as it should be.
     *
     * @param there the webhook that is there now; null where none is
     */
    record Done(@Nullable Registration there) implements Step {}

    /** Not yet; tried again soon. */
    record Later(String problem, Optional<Duration> pause) implements Step {}

    /** Not with these inputs and this account; tried again in an hour. */
    record Refused(String problem) implements Step {}
  }

  /**
   * Finds the hook's webhook, or sets it up.
   *
   * @param there what was set up already; null if nothing
   */
  private Step establish(Hook hook, @Nullable Registration there) {
    Service service = catalog.service(hook.service()).orElseThrow();
    Subscription way = way(service, hook).orElseThrow();
    try {
      Optional<OutboundRequest> find = way.find(hook.inputs());
      if (find.isEmpty()) {
        return there == null ? create(hook, service, way) : new Step.Done(there);
      }
      Step listed = find(hook, service, way, find.get());
      if (!(listed instanceof Step.Done(var found))) {
        return listed;
      }
      if (found == null) {
        return create(hook, service, way);
      }
      boolean isKnown = there != null && there.id().equals(found.id());
      return new Step.Done(isKnown ? there : found);
    } catch (InvalidInputsException e) {
      return new Step.Refused("The webhook cannot be set up: " + e.getMessage());
    } catch (UnusableAnswerException e) {
      return unusable(service, e);
    }
  }

  private Step create(Hook hook, Service service, Subscription way) throws UnusableAnswerException {
    Asked made =
        ask(
            hook,
            service,
            hook.connectionId(),
            way.create(hook.inputs(), url(hook), secret(hook), clock.instant()));
    return made.step() == null
        ? new Step.Done(way.created(made.response().body(), clock.instant()))
        : made.step();
  }

  /** Makes what would end soon last on; one that cannot be renewed makes room after its heir. */
  private Step renew(Hook hook, Row row) {
    @Nullable Registration there = row.there();
    Service service = catalog.service(hook.service()).orElseThrow();
    Subscription way = way(service, hook).orElseThrow();
    if (there == null || way.renewAt(there).filter(at -> !clock.instant().isBefore(at)).isEmpty()) {
      return new Step.Done(there);
    }
    try {
      Optional<OutboundRequest> renew =
          way.renew(hook.inputs(), url(hook), secret(hook), there, clock.instant());
      if (renew.isEmpty()) {
        Step heir = create(hook, service, way);
        if (heir instanceof Step.Done) {
          remove(hook, row); // where this fails, it ends by itself
        }
        return heir;
      }
      Asked renewed = ask(hook, service, hook.connectionId(), renew.get());
      if (renewed.step() instanceof Step.Refused) {
        return new Step.Done(null); // it has ended: another is set up
      }
      return renewed.step() == null
          ? new Step.Done(way.renewed(there, renewed.response().body(), clock.instant()))
          : renewed.step();
    } catch (InvalidInputsException e) {
      return new Step.Refused("The webhook cannot be renewed: " + e.getMessage());
    } catch (UnusableAnswerException e) {
      return unusable(service, e);
    }
  }

  /** Looks for the hook's webhook through all pages; done with none if it is not there. */
  private Step find(Hook hook, Service service, Subscription way, OutboundRequest first)
      throws UnusableAnswerException {
    Optional<OutboundRequest> next = Optional.of(first);
    for (int page = 0; page < MOST_PAGES && next.isPresent(); page++) {
      Asked there = ask(hook, service, hook.connectionId(), next.get());
      if (there.step() != null) {
        return there.step();
      }
      Optional<Registration> found = way.found(there.response().body(), url(hook), clock.instant());
      if (found.isPresent()) {
        return new Step.Done(found.get());
      }
      next = way.next(next.get(), there.response());
    }
    return next.isEmpty()
        ? new Step.Done(null)
        : new Step.Later(
            service.name()
                + " has more than "
                + MOST_PAGES
                + " pages of webhooks there; remove those that nobody needs.",
            Optional.empty());
  }

  /** Gives what is there the hook's new secret; the one before is good for a day. */
  private Step sign(Hook hook, Row row) {
    Service service = catalog.service(hook.service()).orElseThrow();
    Subscription way = way(service, hook).orElseThrow();
    Registration there = Objects.requireNonNull(row.there());
    try {
      Optional<OutboundRequest> update =
          way.update(hook.inputs(), url(hook), secret(hook), there, clock.instant());
      if (update.isEmpty()) {
        return remove(hook, row);
      }
      Asked updated = ask(hook, service, hook.connectionId(), update.get());
      return updated.step() == null || updated.step() instanceof Step.Refused
          ? new Step.Done(there) // refused, because it is gone: it is looked for next
          : updated.step();
    } catch (InvalidInputsException e) {
      return new Step.Refused("The webhook cannot be set up: " + e.getMessage());
    }
  }

  private static Optional<Subscription> way(Service service, Hook hook) {
    return service.action(hook.action()).flatMap(Action::subscription);
  }

  private String url(Hook hook) {
    return addresses.url(hook).orElseThrow();
  }

  private String secret(Hook hook) {
    return addresses.secret(hook).orElse("");
  }

  private static Step unusable(Service service, UnusableAnswerException e) {
    return new Step.Later(
        service.name() + " answered something else: " + e.getMessage(), Optional.empty());
  }

  /** Removes what was set up with other inputs, another account or another secret. */
  private Step remove(Hook hook, Row row) {
    Service service = catalog.service(hook.service()).orElseThrow();
    Optional<Subscription> way = way(service, hook);
    if (way.isEmpty() || row.there() == null) {
      return new Step.Done(null);
    }
    try {
      Asked removed =
          ask(hook, service, row.connection(), way.get().remove(row.inputs(), row.there()));
      if (removed.step() instanceof Step.Refused(var problem)) {
        // it is gone, or this account may not any more: what still comes is refused by the ingress
        LOG.info("webhook {} of hook {} is not removed: {}", row.there().id(), row.hook(), problem);
        return new Step.Done(null);
      }
      return removed.step() == null ? new Step.Done(null) : removed.step();
    } catch (InvalidInputsException e) {
      return new Step.Done(null);
    }
  }

  /**
   * An answer.
   *
   * @param step null where it is a good one
   */
  private record Asked(OutboundResponse response, @Nullable Step step) {
    private static final OutboundResponse NONE = new OutboundResponse(0, Map.of(), new byte[0]);

    static Asked not(Step step) {
      return new Asked(NONE, step);
    }
  }

  private Asked ask(
      Hook hook, Service service, @Nullable UUID connection, OutboundRequest request) {
    Authorized authorized =
        credentials.authorize(
            hook.ownerId().toString(), String.valueOf(connection), service.id(), request);
    return switch (authorized) {
      case Authorized.Away(var message) -> Asked.not(new Step.Later(message, Optional.empty()));
      case Authorized.Reconnect(var message) ->
          Asked.not(new Step.Refused("The webhook cannot be set up: " + message + "."));
      case Authorized.Gone(var message) ->
          Asked.not(new Step.Refused("The webhook cannot be set up: " + message + "."));
      case Authorized.Foreign(var message) ->
          Asked.not(new Step.Refused("The webhook cannot be set up: " + message + "."));
      case Authorized.Ready(var ready, var lease) -> send(service, ready, lease);
    };
  }

  private Asked send(Service service, OutboundRequest request, Authorized.Lease lease) {
    try {
      OutboundResponse response = client.send(request);
      return switch (service.result(response, clock.instant())) {
        case CallResult.Succeeded() -> new Asked(response, null);
        case CallResult.Retryable(var message, var wait) ->
            Asked.not(new Step.Later(service.name() + " " + message + ".", wait));
        case CallResult.Unauthorized(var message) ->
            Asked.not(
                credentials.refused(lease, service.id() + " " + message)
                    ? new Step.Later(service.name() + " " + message + ".", Optional.empty())
                    : new Step.Refused(refusal(service, message)));
        case CallResult.Permanent(var message) ->
            Asked.not(new Step.Refused(refusal(service, message)));
      };
    } catch (IOException e) {
      return Asked.not(
          new Step.Later(service.name() + " does not answer: " + e.getMessage(), Optional.empty()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Asked.not(new Step.Later("The server is stopping.", Optional.empty()));
    }
  }

  private static String refusal(Service service, String message) {
    return service.name()
        + " does not let the webhook be set up: it "
        + message
        + ". The connection's account has to be allowed to manage webhooks there; or leave the"
        + " connection out and set the webhook up by hand.";
  }

  /** Why the webhook is not there, and what is done instead. */
  private static String instead(String problem) {
    return problem.stripTrailing()
        + " Until it is set up, the service is asked for events instead.";
  }

  /** Whether a hook with a connection is polled, too. */
  private boolean isPolled(Hook hook) {
    return catalog.source(hook.service(), hook.action(), PollSource.class).isPresent();
  }

  private void keep(Handle handle, Row row, Hook hook, Step step) {
    Map<String, @Nullable Object> values = new HashMap<>();
    values.put("hook", row.hook());
    values.put("inputs", hook.inputs().toString());
    values.put("connection", hook.connectionId() == null ? row.connection() : hook.connectionId());
    values.put("generation", hook.secretGeneration());
    values.put("now", clock.instant());
    values.put("late", row.lateItemAt());
    boolean polled = isPolled(hook);
    switch (step) {
      case Step.Done(var there) -> {
        put(values, there);
        values.put("status", "active");
        values.put("problem", null);
        values.put("attempts", 0);
        values.put("next", nextLook(hook, there));
        hooks.subscribed(handle, row.hook(), true);
      }
      case Step.Later(var problem, var wait) -> {
        boolean delivers = row.delivers(hook, clock.instant());
        put(values, row.there());
        values.put("status", delivers ? "active" : polled ? "polled" : "pending");
        values.put("problem", polled && !delivers ? instead(problem) : problem);
        values.put("attempts", row.attempts() + 1);
        values.put("next", clock.instant().plus(wait.orElse(pause(row.attempts()))));
        hooks.subscribed(handle, row.hook(), delivers);
      }
      case Step.Refused(var problem) -> {
        put(values, null);
        values.put("status", polled ? "polled" : "failed");
        values.put("problem", polled ? instead(problem) : problem);
        values.put("attempts", row.attempts() + 1);
        values.put("next", clock.instant().plus(LONGEST_PAUSE));
        hooks.subscribed(handle, row.hook(), false);
      }
    }
    if (step instanceof Step.Later && row.there() != null && !row.isOf(hook)) {
      // what is there still has to be removed with what it was set up with
      values.put("inputs", row.inputs().toString());
      values.put("connection", row.connection());
      values.put("generation", row.secretGeneration());
    }
    handle
        .createUpdate(
            "UPDATE subscriptions SET provider_id = :provider, saved = CAST(:saved AS jsonb),"
                + " expires_at = :expires, inputs = CAST(:inputs AS jsonb),"
                + " connection_id = :connection, secret_generation = :generation,"
                + " status = :status, problem = :problem, attempts = :attempts, next_at = :next,"
                + " looked_for = :late, updated_at = :now WHERE hook_id = :hook")
        .bindMap(values)
        .execute();
  }

  private static void put(
      Map<String, @Nullable Object> values, @Nullable Registration registration) {
    values.put("provider", registration == null ? null : registration.id());
    values.put(
        "saved", Json.tree(registration == null ? Map.of() : registration.saved()).toString());
    values.put("expires", registration == null ? null : registration.expiresAt());
  }

  private Instant nextLook(Hook hook, @Nullable Registration there) {
    Instant look = clock.instant().plus(LOOK_AGAIN);
    Service service = catalog.service(hook.service()).orElseThrow();
    return Optional.ofNullable(there)
        .flatMap(known -> way(service, hook).flatMap(way -> way.renewAt(known)))
        .filter(renewal -> renewal.isBefore(look))
        .orElse(look);
  }

  private static Duration pause(int attempts) {
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempts, 10));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }
}
