package dev.areaflow.api.login;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.connections.TokenEndpoint;
import dev.areaflow.catalog.http.GuardedHttpClient;
import java.net.MalformedURLException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An issuer of OpenID Connect. Where its endpoints are is asked for (OpenID Connect Discovery 1.0)
 * unless the settings say; who somebody is says its ID token, of which signature, issuer, audience,
 * times and nonce are checked.
 */
final class OpenIdProvider implements IdentityProvider {
  private static final Duration KNOWN_FOR = Duration.ofHours(1);
  private static final long KEYS_TIMEOUT_MS = 15_000;
  private static final Scope ASKED = new Scope("openid", "email", "profile");

  private final LoginConfig.OpenId config;
  private final ProviderCalls calls;
  private final Clock clock;
  private final ReentrantLock discovering = new ReentrantLock();
  private @Nullable Found found;

  OpenIdProvider(LoginConfig.OpenId config, GuardedHttpClient client, Clock clock) {
    this.config = config;
    this.calls = new ProviderCalls(config.name(), config.client(), client);
    this.clock = clock;
  }

  /**
   * Where the issuer is asked, and with what it signs.
   *
   * @param until when to look again
   */
  private record Found(
      URI authorizeUrl,
      URI tokenUrl,
      Auth.SecretIn secretIn,
      Set<JWSAlgorithm> algorithms,
      JWKSource<SecurityContext> keys,
      Instant until) {}

  @Override
  public String id() {
    return config.id();
  }

  @Override
  public String name() {
    return config.name();
  }

  @Override
  public URI authorizeUrl(Attempt attempt) throws LoginException, InterruptedException {
    return new AuthenticationRequest.Builder(
            ResponseType.CODE, ASKED, new ClientID(config.client().id()), attempt.redirect())
        .endpointURI(found().authorizeUrl())
        .state(attempt.state())
        .nonce(attempt.nonce())
        .codeChallenge(attempt.verifier(), CodeChallengeMethod.S256)
        .build()
        .toURI();
  }

  @Override
  public Identity identify(Attempt attempt, String code)
      throws LoginException, InterruptedException {
    Found there = found();
    TokenEndpoint.Tokens tokens = calls.tokens(there.tokenUrl(), there.secretIn(), attempt, code);
    String token =
        tokens
            .identity()
            .orElseThrow(() -> new LoginException(name() + " gave no ID token; is it an issuer?"));
    IDTokenClaimsSet claims = validated(there, token, attempt);
    @Nullable String email = claims.getStringClaim("email");
    @Nullable String name = claims.getStringClaim("preferred_username");
    boolean verified = Boolean.TRUE.equals(claims.getBooleanClaim("email_verified"));
    return new Identity(
        id(),
        config.issuer(),
        claims.getSubject().getValue(),
        Optional.ofNullable(name)
            .or(() -> Optional.ofNullable(email))
            .or(() -> Optional.ofNullable(claims.getStringClaim("name"))),
        Optional.ofNullable(email).filter(_ -> verified));
  }

  private IDTokenClaimsSet validated(Found there, String token, Attempt attempt)
      throws LoginException {
    IDTokenValidator validator =
        new IDTokenValidator(
            new Issuer(config.issuer()),
            new ClientID(config.client().id()),
            new JWSVerificationKeySelector<>(there.algorithms(), there.keys()),
            null);
    try {
      return validator.validate(JWTParser.parse(token), attempt.nonce());
    } catch (java.text.ParseException | BadJOSEException e) {
      throw new LoginException(name() + "'s ID token is not good: " + e.getMessage() + ".", e);
    } catch (JOSEException e) {
      throw new LoginException(
          name() + "'s ID token cannot be checked now: " + e.getMessage() + ".", e);
    }
  }

  private Found found() throws LoginException, InterruptedException {
    discovering.lockInterruptibly();
    try {
      Found known = found;
      if (known == null || !clock.instant().isBefore(known.until())) {
        known = config.endpoints().isPresent() ? as(config.endpoints().get()) : discovered();
        found = known;
      }
      return known;
    } finally {
      discovering.unlock();
    }
  }

  private Found as(LoginConfig.Endpoints endpoints) throws LoginException {
    return found(
        endpoints.authorizeUrl(),
        endpoints.tokenUrl(),
        Auth.SecretIn.HEADER,
        Set.copyOf(JWSAlgorithm.Family.SIGNATURE),
        endpoints.keysUrl());
  }

  private Found discovered() throws LoginException, InterruptedException {
    URI address =
        URI.create(config.issuer().replaceAll("/+$", "") + "/.well-known/openid-configuration");
    OIDCProviderMetadata metadata;
    try {
      metadata =
          OIDCProviderMetadata.parse(
              calls.json(address, Map.of("Accept", "application/json")).toString());
    } catch (ParseException e) {
      throw new LoginException(
          name() + " does not say where to log in: " + e.getMessage() + ".", e);
    }
    if (!metadata.getIssuer().getValue().equals(config.issuer())) {
      throw new LoginException(
          name()
              + " says that it is "
              + metadata.getIssuer()
              + ", not "
              + config.issuer()
              + "; the operator has to set the issuer exactly.");
    }
    @Nullable List<ClientAuthenticationMethod> ways = metadata.getTokenEndpointAuthMethods();
    boolean header = ways == null || ways.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
    return found(
        metadata.getAuthorizationEndpointURI(),
        metadata.getTokenEndpointURI(),
        header ? Auth.SecretIn.HEADER : Auth.SecretIn.BODY,
        signing(metadata.getIDTokenJWSAlgs()),
        metadata.getJWKSetURI());
  }

  /** Only what is signed with a private key proves who signed. */
  private Set<JWSAlgorithm> signing(@Nullable List<JWSAlgorithm> offered) throws LoginException {
    Set<JWSAlgorithm> usable =
        new HashSet<>(offered == null ? List.of(JWSAlgorithm.RS256) : offered);
    usable.retainAll(JWSAlgorithm.Family.SIGNATURE);
    if (usable.isEmpty()) {
      throw new LoginException(name() + " signs its ID tokens with no key that can be checked.");
    }
    return usable;
  }

  private Found found(
      @Nullable URI authorize,
      @Nullable URI token,
      Auth.SecretIn secretIn,
      Set<JWSAlgorithm> algorithms,
      @Nullable URI keys)
      throws LoginException {
    if (authorize == null || token == null || keys == null) {
      throw new LoginException(name() + " does not say where to log in.");
    }
    try {
      return new Found(
          authorize,
          token,
          secretIn,
          algorithms,
          JWKSourceBuilder.<SecurityContext>create(keys.toURL(), calls)
              .cache(KNOWN_FOR.toMillis(), KEYS_TIMEOUT_MS)
              .refreshAheadCache(false)
              .build(),
          clock.instant().plus(KNOWN_FOR));
    } catch (MalformedURLException | IllegalArgumentException e) {
      throw new LoginException(name() + " has its keys at the unusable address " + keys + ".", e);
    }
  }
}
