package dev.areaflow.catalog;

import dev.areaflow.catalog.http.CallLimit;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.OutboundResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A third-party service, as its manifest declares it.
 *
 * @param id unique in the catalogue, for example {@code github}
 * @param name as people write it
 * @param version semantic version of the manifest
 * @param description one sentence
 * @param guide what its users and operators must know, in Markdown; empty where there is none
 * @param endpoint where its interface is, empty where each request has an address of its own
 * @param auth how its requests are authenticated
 * @param actions what can happen there, in the manifest's order
 * @param reactions what can be done there, in the manifest's order
 * @param options what inputs may be, as accounts have it
 */
public record Service(
    String id,
    String name,
    String version,
    String description,
    String guide,
    Optional<Endpoint> endpoint,
    Auth auth,
    List<Action> actions,
    List<Reaction> reactions,
    List<OptionList> options) {
  public Service {
    options = List.copyOf(options);
    actions = List.copyOf(actions);
    reactions = List.copyOf(reactions);
  }

  /**
   * What an answer of this service means.
   *
   * @param now the time that its limits are compared with
   */
  public CallResult result(OutboundResponse response, Instant now) {
    return endpoint
        .map(there -> there.result(response, now))
        .orElseGet(() -> CallResult.of(response, now));
  }

  /** All scopes that its consents may be about: what each asks for, and what each use needs. */
  public List<String> scopes() {
    return Stream.of(
            auth instanceof Auth.OAuth2 flow
                ? flow.scopes().always().stream()
                : Stream.<String>of(),
            actions.stream().flatMap(action -> action.scopes().stream()),
            reactions.stream().flatMap(reaction -> reaction.scopes().stream()),
            options.stream().flatMap(list -> list.scopes().stream()))
        .flatMap(part -> part)
        .distinct()
        .toList();
  }

  /**
   * For how long it takes no more calls of whoever made this one; empty where it does not say so.
   *
   * @param result what the answer means
   */
  public Optional<Duration> refusal(OutboundResponse response, CallResult result) {
    boolean isLimit = response.status() == 403 || response.status() == 429;
    return isLimit && endpoint.isPresent() && result instanceof CallResult.Retryable limited
        ? limited.retryAfter()
        : Optional.empty();
  }

  /** How often it may be called. */
  public List<CallLimit> limits() {
    return endpoint.map(Endpoint::limits).orElse(List.of());
  }

  /** Its action of this id, empty if it has none. */
  public Optional<Action> action(String action) {
    return actions.stream().filter(candidate -> candidate.id().equals(action)).findFirst();
  }

  /** Its reaction of this id, empty if it has none. */
  public Optional<Reaction> reaction(String reaction) {
    return reactions.stream().filter(candidate -> candidate.id().equals(reaction)).findFirst();
  }

  /** Its options of this name, empty if it has none. */
  public Optional<OptionList> options(String name) {
    return options.stream().filter(candidate -> candidate.name().equals(name)).findFirst();
  }
}
