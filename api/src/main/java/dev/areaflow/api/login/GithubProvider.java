package dev.areaflow.api.login;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.connections.TokenEndpoint;
import dev.areaflow.catalog.http.GuardedHttpClient;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * GitHub, which has OAuth 2 only and issues no ID tokens: who somebody is says its API, to the
 * token that the code was exchanged for. The account is its number; its name may be somebody else's
 * tomorrow.
 */
final class GithubProvider implements IdentityProvider {
  private static final Logger LOG = LoggerFactory.getLogger(GithubProvider.class);
  private static final Scope ASKED = new Scope("read:user", "user:email");

  private final LoginConfig.Github config;
  private final ProviderCalls calls;

  GithubProvider(LoginConfig.Github config, GuardedHttpClient client) {
    this.config = config;
    this.calls = new ProviderCalls(config.name(), config.client(), client);
  }

  @Override
  public String id() {
    return config.id();
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public URI authorizeUrl(Attempt attempt) {
    return new AuthorizationRequest.Builder(ResponseType.CODE, new ClientID(config.client().id()))
        .endpointURI(config.authorizeUrl())
        .redirectionURI(attempt.redirect())
        .scope(ASKED)
        .state(attempt.state())
        .codeChallenge(attempt.verifier(), CodeChallengeMethod.S256)
        .build()
        .toURI();
  }

  @Override
  public Identity identify(Attempt attempt, String code)
      throws LoginException, InterruptedException {
    TokenEndpoint.Tokens tokens =
        calls.tokens(config.tokenUrl(), Auth.SecretIn.BODY, attempt, code);
    JsonNode user = asked("/user", tokens);
    if (!user.path("id").isIntegralNumber()) {
      throw new LoginException(name() + " does not say whose account it is.");
    }
    return new Identity(
        id(),
        config.baseUrl().toString(),
        user.path("id").asText(),
        Optional.ofNullable(user.path("login").textValue()),
        verifiedEmail(tokens));
  }

  private JsonNode asked(String path, TokenEndpoint.Tokens tokens)
      throws LoginException, InterruptedException {
    return calls.json(
        URI.create(config.baseUrl() + path),
        Map.of(
            "Accept", "application/vnd.github+json", "Authorization", "Bearer " + tokens.access()));
  }

  /** Who did not consent to it being read logs in all the same, but makes no account. */
  private Optional<String> verifiedEmail(TokenEndpoint.Tokens tokens) throws InterruptedException {
    try {
      for (JsonNode email : asked("/user/emails", tokens)) {
        if (email.path("primary").asBoolean() && email.path("verified").asBoolean()) {
          return Optional.ofNullable(email.path("email").textValue());
        }
      }
    } catch (LoginException e) {
      LOG.info("GitHub does not tell somebody's mail addresses: {}", e.detail());
    }
    return Optional.empty();
  }
}
