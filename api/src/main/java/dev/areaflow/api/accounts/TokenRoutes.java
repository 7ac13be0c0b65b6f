package dev.areaflow.api.accounts;

import dev.areaflow.api.http.Answer;
import dev.areaflow.api.http.Call;
import dev.areaflow.api.http.Problem;
import dev.areaflow.api.http.Route;
import dev.areaflow.api.http.Routes;
import dev.areaflow.api.http.Scope;
import dev.areaflow.api.http.Violations;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A user's API tokens. */
final class TokenRoutes implements Routes {
  private static final int MOST_NAME_CHARACTERS = 100;
  private static final Duration LIFETIME = Duration.ofDays(90);

  private final ApiTokens tokens;
  private final Clock clock;

  TokenRoutes(ApiTokens tokens, Clock clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  @Override
  public List<Route> table() {
    return List.of(
        Route.preparedPost("/api/v1/tokens", Scope.ACCOUNT, this::create)
            .creates()
            .audited("token.create"),
        Route.get("/api/v1/tokens", Scope.ACCOUNT, this::list).paged(),
        Route.get("/api/v1/tokens/{id}", Scope.ACCOUNT, this::get),
        Route.delete("/api/v1/tokens/{id}", Scope.ACCOUNT, this::delete).audited("token.delete"));
  }

  private record NewToken(
      @Nullable String name,
      @Nullable List<@Nullable String> scopes,
      @Nullable Instant expiresAt) {}

  private Route.Handler create(Call call) {
    NewToken body = call.body(NewToken.class);
    Violations violations = new Violations();
    String name = String.valueOf(body.name()).strip();
    violations.check(
        body.name() != null && !name.isEmpty() && name.length() <= MOST_NAME_CHARACTERS,
        "/name",
        "Expected a name of 1 to " + MOST_NAME_CHARACTERS + " characters.");
    Set<Scope> scopes = scopes(body.scopes(), violations);
    Instant now = clock.instant();
    Instant expiresAt = Optional.ofNullable(body.expiresAt()).orElse(now.plus(LIFETIME));
    violations.check(expiresAt.isAfter(now), "/expiresAt", "Expected a time in the future.");
    violations.raise();
    if (!call.caller().scopes().containsAll(scopes)) {
      throw Problem.forbidden("A token can have no scope that its maker has not.");
    }
    return later -> created(tokens.create(later.caller().userId(), name, scopes, expiresAt));
  }

  private static Answer created(ApiTokens.Created created) {
    ApiTokens.Description description = created.description();
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("id", description.id());
    answer.put("name", description.name());
    answer.put("scopes", description.scopes());
    answer.put("createdAt", description.createdAt());
    answer.put("expiresAt", description.expiresAt());
    answer.put("lastUsedAt", description.lastUsedAt());
    answer.put("token", created.token().value());
    return Answer.created("/api/v1/tokens/" + description.id(), answer);
  }

  private static Set<Scope> scopes(@Nullable List<@Nullable String> texts, Violations violations) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    if (texts == null || texts.isEmpty()) {
      violations.add("/scopes", "Expected at least one of " + allScopes() + ".");
      return scopes;
    }
    for (int i = 0; i < texts.size(); i++) {
      Optional<Scope> scope = Optional.ofNullable(texts.get(i)).flatMap(Scope::of);
      violations.check(scope.isPresent(), "/scopes/" + i, "Expected one of " + allScopes() + ".");
      scope.ifPresent(scopes::add);
    }
    return scopes;
  }

  private static String allScopes() {
    return Arrays.stream(Scope.values()).map(Scope::text).collect(Collectors.joining(", "));
  }

  private Answer list(Call call) {
    return call.page()
        .answer(tokens.list(call.caller().userId(), call.page()), token -> token.id().toString());
  }

  private Answer get(Call call) {
    return Answer.ok(tokens.get(call.caller().userId(), call.id("id")));
  }

  private Answer delete(Call call) {
    tokens.delete(call.caller().userId(), call.id("id"));
    return Answer.noContent();
  }
}
