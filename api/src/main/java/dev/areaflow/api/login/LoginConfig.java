package dev.areaflow.api.login;

import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Setting;
import dev.areaflow.schemas.config.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The identity providers that people can log in with. Each has the settings {@code login.ID.…};
 * GitHub and Google are known, others are named in {@code login.providers}.
 *
 * @param providers in the operator's order
 */
public record LoginConfig(List<Provider> providers) {
  static final Setting<List<String>> PROVIDERS =
      Setting.of(
          "login.providers",
          "github,google",
          LoginConfig::ids,
          "Identity providers that people can log in with, by ids of your own, comma-separated; each"
              + " needs AREA_LOGIN_ID_CLIENT_ID and AREA_LOGIN_ID_CLIENT_SECRET, and all but github"
              + " and google AREA_LOGIN_ID_ISSUER.");

  /** The settings, for {@code --help} and the documents. */
  public static final List<Setting<?>> SETTINGS = List.of(PROVIDERS);

  private static final List<String> OF_EACH =
      List.of(
          "client-id",
          "client-secret",
          "name",
          "issuer",
          "base-url",
          "authorize-url",
          "token-url",
          "jwks-url");
  private static final String GITHUB = "github";
  private static final String GOOGLE = "google";
  private static final Set<String> KNOWN = Set.of(GITHUB, GOOGLE);
  private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{0,30}");

  public LoginConfig {
    providers = List.copyOf(providers);
  }

  /** One provider. */
  public sealed interface Provider {
    /** Of the operator's own; a part of addresses. */
    String id();

    /** As people read it. */
    String name();

    /** What the operator has registered this platform as. */
    OAuthClients.Client client();
  }

  /**
   * An issuer of OpenID Connect.
   *
   * @param issuer exactly as its ID tokens have it
   * @param endpoints where it is asked; empty where it says so itself
   */
  public record OpenId(
      String id,
      String name,
      OAuthClients.Client client,
      String issuer,
      Optional<Endpoints> endpoints)
      implements Provider {}

  /**
   * Where an issuer is asked.
   *
   * @param authorizeUrl where people say yes
   * @param tokenUrl where a code is exchanged
   * @param keysUrl where its public keys are, a JSON Web Key Set
   */
  public record Endpoints(URI authorizeUrl, URI tokenUrl, URI keysUrl) {}

  /**
   * GitHub, or a GitHub Enterprise Server.
   *
   * @param baseUrl where its API is
   */
  public record Github(
      String id,
      String name,
      OAuthClients.Client client,
      URI baseUrl,
      URI authorizeUrl,
      URI tokenUrl)
      implements Provider {}

  /** Reads them; problems are noted in {@code settings}. */
  public static LoginConfig from(Settings settings) {
    List<Provider> providers = new ArrayList<>();
    for (String id : settings.get(PROVIDERS)) {
      client(settings, id).flatMap(as -> provider(settings, id, as)).ifPresent(providers::add);
    }
    return new LoginConfig(providers);
  }

  /** The keys of all settings of providers that these settings name. */
  public static List<String> keys(Settings settings) {
    return Parsers.list(settings.text(PROVIDERS.key()).or(PROVIDERS::defaultText).orElseThrow())
        .stream()
        .flatMap(id -> OF_EACH.stream().map(what -> key(id, what)))
        .toList();
  }

  /** Those that can be asked. */
  public List<IdentityProvider> open(GuardedHttpClient client, Clock clock) {
    return providers.stream()
        .map(
            provider ->
                switch (provider) {
                  case OpenId issuer -> new OpenIdProvider(issuer, client, clock);
                  case Github github -> (IdentityProvider) new GithubProvider(github, client);
                })
        .toList();
  }

  private static Optional<OAuthClients.Client> client(Settings settings, String id) {
    Setting<String> clientId =
        Setting.optional(key(id, "client-id"), Parsers::text, "Id of this platform at it.");
    Setting<Secret> secret =
        Setting.<Secret>optional(
                key(id, "client-secret"), Parsers::secret, "Secret of this platform at it.")
            .asConfidential();
    Optional<String> registered = settings.find(clientId);
    Optional<Secret> proof = settings.find(secret);
    if (registered.isPresent() && proof.isPresent()) {
      return Optional.of(new OAuthClients.Client(registered.get(), proof.get()));
    }
    boolean offered = !KNOWN.contains(id) || registered.isPresent() || proof.isPresent();
    if (offered) {
      settings.problem(
          (registered.isPresent() ? secret : clientId).key(),
          "is missing; the client's id and secret belong together");
    }
    return Optional.empty();
  }

  private static Optional<Provider> provider(
      Settings settings, String id, OAuthClients.Client client) {
    String name = settings.text(key(id, "name")).orElseGet(() -> name(id));
    return id.equals(GITHUB)
        ? Optional.of(github(settings, id, name, client))
        : issuer(settings, id, name, client);
  }

  private static Provider github(
      Settings settings, String id, String name, OAuthClients.Client client) {
    return new Github(
        id,
        name,
        client,
        address(settings, id, "base-url").orElse(URI.create("https://api.github.com")),
        address(settings, id, "authorize-url")
            .orElse(URI.create("https://github.com/login/oauth/authorize")),
        address(settings, id, "token-url")
            .orElse(URI.create("https://github.com/login/oauth/access_token")));
  }

  private static Optional<Provider> issuer(
      Settings settings, String id, String name, OAuthClients.Client client) {
    Optional<String> issuer =
        settings
            .find(Setting.optional(key(id, "issuer"), LoginConfig::issuer, "Who it is."))
            .or(
                () ->
                    id.equals(GOOGLE)
                        ? Optional.of("https://accounts.google.com")
                        : Optional.empty());
    if (issuer.isEmpty()) {
      settings.problem(
          key(id, "issuer"),
          "is missing; expected who its ID tokens are of, e.g. https://id.example");
    }
    Optional<URI> authorize = address(settings, id, "authorize-url");
    Optional<URI> token = address(settings, id, "token-url");
    Optional<URI> keys = address(settings, id, "jwks-url");
    boolean all = authorize.isPresent() && token.isPresent() && keys.isPresent();
    if (!all && (authorize.isPresent() || token.isPresent() || keys.isPresent())) {
      settings.problem(
          key(id, "authorize-url"),
          "belongs together with token-url and jwks-url; leave all three out where the issuer says"
              + " so itself (OpenID Connect Discovery)");
    }
    return issuer.map(
        who ->
            new OpenId(
                id,
                name,
                client,
                who,
                all
                    ? Optional.of(new Endpoints(authorize.get(), token.get(), keys.get()))
                    : Optional.empty()));
  }

  private static Optional<URI> address(Settings settings, String id, String what) {
    return settings.find(
        Setting.optional(key(id, what), Parsers::httpAddress, "Where it is asked."));
  }

  private static String key(String id, String what) {
    return "login." + id + "." + what;
  }

  private static String name(String id) {
    return switch (id) {
      case GITHUB -> "GitHub";
      case GOOGLE -> "Google";
      default -> id;
    };
  }

  private static List<String> ids(String text) {
    List<String> ids = Parsers.list(text);
    if (Set.copyOf(ids).size() != ids.size()
        || !ids.stream().allMatch(id -> ID.matcher(id).matches())) {
      throw new IllegalArgumentException(
          "expected ids of lower-case letters, digits and hyphens, each once, e.g. github,corp");
    }
    return ids;
  }

  /** Kept as it is written, a slash at its end included: ID tokens have it exactly so. */
  private static String issuer(String text) {
    try {
      URI uri = new URI(text.strip());
      if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null) {
        return text.strip();
      }
    } catch (URISyntaxException e) {
      // falls through to the one message below
    }
    throw new IllegalArgumentException(
        "expected an address without user name, query and fragment, e.g. https://id.example");
  }
}
