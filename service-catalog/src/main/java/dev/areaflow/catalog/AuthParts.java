package dev.areaflow.catalog;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.catalog.http.CallLimit;
import dev.areaflow.catalog.yaml.YamlDocument;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a manifest's parts {@code http} and {@code auth}, and checks what a schema cannot say. */
final class AuthParts {
  private static final Set<String> CREDENTIAL_HEADERS =
      Set.of("authorization", "cookie", "proxy-authorization");

  private final YamlDocument document;
  private final List<String> problems;

  /**
   * Adds what is wrong to a list.
   *
   * @param problems gets a line for each problem
   */
  AuthParts(YamlDocument document, List<String> problems) {
    this.document = document;
    this.problems = problems;
  }

  /** Where the service is; empty if its manifest does not say, or not rightly. */
  Optional<Endpoint> endpoint(Manifest.@Nullable HttpPart http, Manifest.@Nullable AuthPart auth) {
    if (http == null) {
      return Optional.empty();
    }
    Map<String, String> headers = http.headers() == null ? Map.of() : http.headers();
    for (String name : headers.keySet()) {
      if (CREDENTIAL_HEADERS.contains(name)) {
        problem("/http/headers/" + name, "expected no credentials, they come from a connection");
      }
    }
    Optional<URI> base = base(http.baseUrl(), "/http/base_url");
    Map<String, URI> hosts = new TreeMap<>();
    if (http.hosts() != null) {
      http.hosts()
          .forEach(
              (name, url) ->
                  base(url, "/http/hosts/" + name).ifPresent(there -> hosts.put(name, there)));
    }
    checkHosts("", document.root(), hosts.keySet());
    Manifest.@Nullable ProbePart probe = auth == null ? null : auth.test();
    return base.map(
        url ->
            new Endpoint(
                url,
                headers,
                Optional.ofNullable(http.quota())
                    .map(part -> new Endpoint.Quota(part.remaining(), part.reset())),
                Optional.ofNullable(probe).map(AuthParts::probe),
                rules(http),
                limits(http),
                hosts));
  }

  /** An address that paths are appended to. */
  private Optional<URI> base(String url, String at) {
    if (url.endsWith("/") || url.contains("?")) {
      problem(at, "expected neither a slash at the end nor a query");
      return Optional.empty();
    }
    return address(url, at);
  }

  /** The host of each request is one that there is. */
  private void checkHosts(String pointer, JsonNode part, Set<String> hosts) {
    if (part.has("method") && part.has("url") && part.has("host")) {
      if (!hosts.contains(part.path("host").asText())) {
        problem(pointer + "/host", "expected one of /http/hosts, " + new TreeSet<>(hosts));
      }
      if (!PathBelow.isOne(part.path("url").asText())) {
        problem(pointer + "/url", "expected a path, because there is a host");
      }
    }
    part.properties()
        .forEach(
            field ->
                checkHosts(
                    pointer + "/" + References.escaped(field.getKey()), field.getValue(), hosts));
    for (int i = 0; part.isArray() && i < part.size(); i++) {
      checkHosts(pointer + "/" + i, part.get(i), hosts);
    }
  }

  private static Endpoint.Probe probe(Manifest.ProbePart part) {
    return part.post() == null
        ? new Endpoint.Probe(Objects.requireNonNull(part.get()), part.label())
        : new Endpoint.Probe("POST", part.post(), part.label());
  }

  private List<CallLimit> limits(Manifest.HttpPart http) {
    List<Manifest.RatePart> parts = http.rate() == null ? List.of() : http.rate();
    List<CallLimit> limits = new ArrayList<>();
    for (Manifest.RatePart part : parts) {
      try {
        limits.add(
            new CallLimit(
                CallLimit.Scope.valueOf(part.key().toUpperCase(Locale.ROOT)),
                part.limit(),
                part.window()));
      } catch (IllegalArgumentException e) {
        problem("/http/rate", String.valueOf(e.getMessage()));
      }
    }
    return limits;
  }

  private static List<AnswerRule> rules(Manifest.HttpPart http) {
    List<Manifest.AnswerPart> parts = http.answers() == null ? List.of() : http.answers();
    return parts.stream()
        .map(
            part ->
                new AnswerRule(
                    part.status(),
                    part.at() == null || part.contains() == null
                        ? Optional.empty()
                        : Optional.of(
                            new AnswerRule.Text(JsonPointer.compile(part.at()), part.contains())),
                    AnswerRule.Meaning.valueOf(part.as().toUpperCase(Locale.ROOT)),
                    Optional.ofNullable(part.after())))
        .toList();
  }

  /** How its requests are authenticated; {@link Auth.None} too where the part is not right. */
  Auth auth(Manifest.@Nullable AuthPart auth, Manifest.@Nullable HttpPart http) {
    if (auth == null) {
      return new Auth.None();
    }
    allowed(auth);
    boolean elsewhere = auth.type().equals("none") || auth.type().equals("as_given");
    if (!elsewhere && http == null) {
      problem("/auth", "expected /http/base_url too, credentials go nowhere else");
    }
    List<String> scopes = auth.scopes() == null ? List.of() : auth.scopes();
    return switch (auth.type()) {
      case "none" -> new Auth.None();
      case "as_given" -> new Auth.AsGiven();
      case "api_key" -> apiKey(auth);
      case "basic" -> new Auth.Basic();
      case "bearer" -> new Auth.Bearer();
      case "oauth2" -> {
        Optional<URI> authorize = required(auth.authorizeUrl(), "authorize_url");
        Optional<URI> token = required(auth.tokenUrl(), "token_url");
        yield authorize.isPresent() && token.isPresent()
            ? new Auth.OAuth2(
                authorize.get(),
                token.get(),
                secretIn(auth),
                new ConsentScopes(
                    scopes, auth.impliedScopes() == null ? Map.of() : auth.impliedScopes()),
                auth.authorizeParams() == null ? Map.of() : auth.authorizeParams(),
                auth.ownToken())
            : new Auth.None();
      }
      case "oauth2_cc" -> {
        Optional<URI> token = required(auth.tokenUrl(), "token_url");
        yield token.isPresent()
            ? new Auth.ClientCredentials(token.get(), secretIn(auth), scopes)
            : new Auth.None();
      }
      default ->
          throw new IllegalStateException(
              "the manifest's JSON Schema allows the unknown /auth/type " + auth.type());
    };
  }

  private static Auth.SecretIn secretIn(Manifest.AuthPart auth) {
    return auth.secretIn() == null
        ? Auth.SecretIn.BODY
        : Auth.SecretIn.valueOf(auth.secretIn().toUpperCase(Locale.ROOT));
  }

  private Auth apiKey(Manifest.AuthPart auth) {
    @Nullable String header = auth.header();
    @Nullable String query = auth.query();
    if (header != null && query == null) {
      return new Auth.ApiKey(Auth.Place.HEADER, header);
    }
    if (query != null && header == null) {
      return new Auth.ApiKey(Auth.Place.QUERY, query);
    }
    problem("/auth", "expected either header or query, where the key stands");
    return new Auth.None();
  }

  /** A field of another type would be a misunderstanding that nobody sees. */
  private void allowed(Manifest.AuthPart auth) {
    boolean key = auth.type().equals("api_key");
    boolean flow = auth.type().equals("oauth2");
    boolean tokens = flow || auth.type().equals("oauth2_cc");
    refuse(auth.header() != null && !key, "header", auth);
    refuse(auth.query() != null && !key, "query", auth);
    refuse(auth.authorizeUrl() != null && !flow, "authorize_url", auth);
    refuse(auth.tokenUrl() != null && !tokens, "token_url", auth);
    refuse(auth.secretIn() != null && !tokens, "secret_in", auth);
    refuse(auth.scopes() != null && !tokens, "scopes", auth);
    refuse(auth.impliedScopes() != null && !flow, "implied_scopes", auth);
    refuse(auth.authorizeParams() != null && !flow, "authorize_params", auth);
    refuse(auth.ownToken() && !flow, "own_token", auth);
    boolean untestable = auth.type().equals("none") || auth.type().equals("as_given");
    refuse(auth.test() != null && untestable, "test", auth);
  }

  private void refuse(boolean given, String field, Manifest.AuthPart auth) {
    if (given) {
      problem("/auth/" + field, "does not belong to the type " + auth.type());
    }
  }

  /** Only a consent is about scopes that actions, reactions and options need. */
  void checkScopes(Manifest manifest) {
    Manifest.@Nullable AuthPart auth = manifest.auth();
    if (auth != null && auth.type().equals("oauth2")) {
      return;
    }
    for (int i = 0; i < manifest.actions().size(); i++) {
      refuseScopes(manifest.actions().get(i).scopes(), "/actions/" + i);
    }
    for (int i = 0; i < manifest.reactions().size(); i++) {
      refuseScopes(manifest.reactions().get(i).scopes(), "/reactions/" + i);
    }
    if (manifest.options() != null) {
      manifest
          .options()
          .forEach((name, part) -> refuseScopes(part.scopes(), "/dynamic_options/" + name));
    }
  }

  private void refuseScopes(@Nullable List<String> scopes, String at) {
    if (scopes != null) {
      problem(at + "/scopes", "expected none, since /auth/type is not oauth2");
    }
  }

  private Optional<URI> required(@Nullable String text, String field) {
    if (text == null) {
      problem("/auth", "expected " + field);
      return Optional.empty();
    }
    return address(text, "/auth/" + field);
  }

  private Optional<URI> address(String text, String at) {
    try {
      URI address = new URI(text);
      if ("https".equals(address.getScheme())
          && address.getHost() != null
          && address.getRawUserInfo() == null
          && address.getRawFragment() == null) {
        return Optional.of(address);
      }
      problem(at, "expected https://HOST, without user information and fragment");
    } catch (URISyntaxException e) {
      problem(at, "expected a URL: " + e.getReason());
    }
    return Optional.empty();
  }

  private void problem(String at, String detail) {
    problems.add(document.problem(at, detail));
  }
}
