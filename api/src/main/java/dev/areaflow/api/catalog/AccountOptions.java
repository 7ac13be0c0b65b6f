package dev.areaflow.api.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.areaflow.api.http.Problem;
import dev.areaflow.catalog.InvalidInputsException;
import dev.areaflow.catalog.OptionList;
import dev.areaflow.catalog.OptionList.Option;
import dev.areaflow.catalog.OptionReading;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.UnusableAnswerException;
import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks services what an account has that inputs may be. What was answered is kept for a little
 * while, for its owner and the connection only. Safe for several threads; a call occupies its
 * thread.
 */
public final class AccountOptions {
  private static final Duration KEPT_FOR = Duration.ofSeconds(30);
  private static final int MOST_KEPT = 200_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration WAIT = Duration.ofSeconds(10);

  private final Credentials credentials;
  private final GuardedHttpClient client;
  private final Clock clock;
  private final Cache<Key, List<Option>> kept =
      Caffeine.newBuilder()
          .expireAfterWrite(KEPT_FOR)
          .maximumWeight(MOST_KEPT)
          .weigher((Key key, List<Option> options) -> options.size() + 1)
          .build();

  private record Key(
      UUID owner,
      UUID connection,
      String service,
      String options,
      Map<String, String> inputs,
      String search) {
    Key {
      inputs = Map.copyOf(inputs);
    }
  }

  public AccountOptions(Credentials credentials, GuardedHttpClient client, Clock clock) {
    this.credentials = credentials;
    this.client = client;
    this.clock = clock;
  }

  /**
   * The options, at most {@link OptionList#MOST}.
   *
   * @param inputs the other inputs, by key
   * @param search what a person looks for; empty for nothing
   * @throws Problem where the service cannot be asked, or does not answer so
   */
  List<Option> of(
      UUID owner,
      UUID connection,
      Service service,
      OptionList options,
      Map<String, String> inputs,
      String search) {
    String asked = options.searches() ? search : "";
    Key key = new Key(owner, connection, service.id(), options.name(), inputs, asked);
    @Nullable List<Option> found = kept.getIfPresent(key);
    if (found == null) {
      found = ask(key, service, options, options.reading(inputs, asked));
      kept.put(key, found);
    }
    return options.narrowed(found, search);
  }

  private List<Option> ask(Key key, Service service, OptionList options, OptionReading reading) {
    Instant end = clock.instant().plus(PATIENCE);
    try {
      boolean more = true;
      while (more && clock.instant().isBefore(end)) {
        more = reading.read(answer(key, service, options, reading.request()));
      }
      return reading.found();
    } catch (InvalidInputsException e) {
      throw Problem.parameter(
          e.problems().getFirst().pointer().replaceFirst("^/", ""),
          e.problems().getFirst().detail());
    } catch (UnusableAnswerException e) {
      throw Problem.unavailable(
          service.name() + " answered something else: " + e.getMessage() + ".", WAIT);
    }
  }

  private OutboundResponse answer(
      Key key, Service service, OptionList options, OutboundRequest request) {
    Optional<OutboundResponse> answer = attempt(key, service, options, request);
    return answer
        .or(() -> attempt(key, service, options, request))
        .orElseThrow(() -> reconnect(service));
  }

  /** An answer; empty where the credential was refused, and another one may do. */
  private Optional<OutboundResponse> attempt(
      Key key, Service service, OptionList options, OutboundRequest request) {
    return switch (credentials.authorize(
        key.owner().toString(), key.connection().toString(), service.id(), request)) {
      case Authorized.Ready(var ready, var lease) -> send(service, options, ready, lease);
      case Authorized.Reconnect(var message) ->
          throw Problem.conflict("/connection", "The options cannot be read: " + message + ".");
      case Authorized.Gone(var message) ->
          throw Problem.conflict("/connection", "The options cannot be read: " + message + ".");
      case Authorized.Foreign(var message) ->
          throw Problem.conflict("/connection", "The options cannot be read: " + message + ".");
      case Authorized.Away(var message) -> throw Problem.unavailable(message + ".", WAIT);
    };
  }

  private Optional<OutboundResponse> send(
      Service service, OptionList options, OutboundRequest request, Authorized.Lease lease) {
    try {
      OutboundResponse response = client.send(request);
      CallResult result = service.result(response, clock.instant());
      if (result instanceof CallResult.Unauthorized(var message)) {
        if (credentials.refused(lease, service.id() + " " + message)) {
          return Optional.empty();
        }
        throw reconnect(service);
      }
      require(service, options, result);
      return Optional.of(response);
    } catch (IOException e) {
      require(service, options, CallResult.of(e));
      throw new IllegalStateException("a failure is no success", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("The server is stopping.", WAIT);
    }
  }

  private static void require(Service service, OptionList options, CallResult result) {
    switch (result) {
      case CallResult.Succeeded() -> {}
      case CallResult.Retryable(var message, var wait) ->
          throw Problem.unavailable(
              service.name() + " cannot be asked now: " + message + ".", wait.orElse(WAIT));
      case CallResult.Permanent(var message) ->
          throw Problem.invalid(
              "",
              service.name()
                  + " does not say: "
                  + message
                  + ". Look at the other inputs, and at what the account may see."
                  + consent(options));
      case CallResult.Unauthorized(var message) -> throw reconnect(service);
    }
  }

  private static String consent(OptionList options) {
    return options.scopes().isEmpty()
        ? ""
        : " Its consent has to be about "
            + String.join(" and ", options.scopes())
            + ": POST /api/v1/connections/{id}/authorize with \"for\": [\""
            + options.name()
            + "\"] begins one.";
  }

  private static Problem reconnect(Service service) {
    return Problem.conflict(
        "/connection",
        service.name()
            + " does not accept its credentials any more; connect it again with POST"
            + " /api/v1/connections/{id}/authorize or PUT …/credentials.");
  }
}
