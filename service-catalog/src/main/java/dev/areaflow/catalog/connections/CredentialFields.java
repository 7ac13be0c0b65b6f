package dev.areaflow.catalog.connections;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.catalog.Auth;
import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.expressions.Problem;
import dev.areaflow.schemas.config.Parsers;
import dev.areaflow.schemas.config.Secret;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields that a connection's credentials consist of, by the way in which its service is
 * authenticated.
 */
public final class CredentialFields {
  /** The kind of credentials that a consent gave. */
  public static final String OAUTH2 = "oauth2";

  /** The kind of credentials that are a client's, a person's own or the operator's. */
  public static final String CLIENT = "client";

  /** The field with the token that requests carry. */
  public static final String ACCESS_TOKEN = "accessToken";

  /** The field with the token that new ones are got with, where there is one. */
  public static final String REFRESH_TOKEN = "refreshToken";

  private static final String CLIENT_ID = "clientId";
  private static final String CLIENT_SECRET = "clientSecret";
  private static final String TOKEN = "token";
  private static final String KEY = "key";
  private static final String USERNAME = "username";
  private static final String PASSWORD = "password";
  private static final String HEADER = "header";
  private static final String VALUE = "value";
  private static final String URL = "url";
  private static final int LONGEST = 8_192;
  private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  /** Visible characters and blanks: nothing that a header cannot carry. */
  private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e]+");

  /** Headers that frame a message or name its target. */
  private static final Set<String> FRAMING =
      Set.of("connection", "content-length", "host", "te", "trailer", "transfer-encoding");

  private CredentialFields() {}

  /**
   * What a person entered.
   *
   * @param kind which of the ways it is: {@code key}, {@code basic}, {@code bearer}, {@code
   *     header}, {@code client}
   * @param address the only place where the credentials go, where a person says so
   * @param secrets by field; to be sealed
   */
  public record Entered(String kind, Optional<URI> address, Map<String, String> secrets) {
    public Entered {
      secrets = Map.copyOf(secrets);
    }

    @Override
    public String toString() {
      return "Entered[" + kind + ", " + address + ", " + secrets.keySet() + "]";
    }
  }

  /** The sets of fields that a person may enter for a service; none where there are none. */
  public static List<List<String>> of(Auth auth) {
    return switch (auth) {
      case Auth.None none -> List.of();
      case Auth.ClientCredentials client -> List.of(List.of(CLIENT_ID, CLIENT_SECRET));
      case Auth.ApiKey key -> List.of(List.of(KEY));
      case Auth.Basic basic -> List.of(List.of(USERNAME, PASSWORD));
      case Auth.Bearer bearer -> List.of(List.of(TOKEN));
      case Auth.OAuth2 flow -> flow.ownToken() ? List.of(List.of(TOKEN)) : List.of();
      case Auth.AsGiven given ->
          List.of(
              List.of(URL, TOKEN), List.of(URL, USERNAME, PASSWORD), List.of(URL, HEADER, VALUE));
    };
  }

  /**
   * Reads what a person entered.
   *
   * @param problems gets what is wrong, by pointer into the credentials; the result is empty then
   */
  public static Optional<Entered> read(Auth auth, JsonNode credentials, List<Problem> problems) {
    int before = problems.size();
    Map<String, String> fields = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : credentials.properties()) {
      String at = "/" + field.getKey().replace("~", "~0").replace("/", "~1");
      String text = field.getValue().asText();
      boolean usable =
          field.getValue().isTextual()
              && text.length() <= LONGEST
              && (field.getKey().equals(PASSWORD)
                  ? !text.isEmpty()
                  : PRINTABLE.matcher(text.strip()).matches());
      if (usable) {
        fields.put(field.getKey(), field.getKey().equals(PASSWORD) ? text : text.strip());
      } else {
        problems.add(
            new Problem(at, "expected 1 to " + LONGEST + " visible ASCII characters on one line"));
      }
    }
    List<List<String>> sets = of(auth);
    if (problems.size() == before
        && sets.stream().noneMatch(set -> fields.keySet().equals(Set.copyOf(set)))) {
      problems.add(new Problem("", "expected the fields " + shown(sets)));
    }
    if (problems.size() > before) {
      return Optional.empty();
    }
    Optional<URI> address = address(fields.remove(URL), problems);
    checkName(fields, problems);
    return problems.size() > before
        ? Optional.empty()
        : Optional.of(new Entered(kind(fields.keySet()), address, fields));
  }

  private static String shown(List<List<String>> sets) {
    return sets.stream().map(set -> String.join(" and ", set)).collect(Collectors.joining(", or "));
  }

  private static Optional<URI> address(@Nullable String url, List<Problem> problems) {
    try {
      return Optional.ofNullable(url).map(Parsers::httpAddress);
    } catch (IllegalArgumentException e) {
      problems.add(new Problem("/" + URL, String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  private static void checkName(Map<String, String> fields, List<Problem> problems) {
    @Nullable String header = fields.get(HEADER);
    boolean usable =
        header == null
            || (HEADER_NAME.matcher(header).matches()
                && !FRAMING.contains(header.toLowerCase(java.util.Locale.ROOT)));
    if (!usable) {
      problems.add(new Problem("/" + HEADER, "expected the name of a header, such as X-Api-Key"));
    }
    @Nullable String user = fields.get(USERNAME);
    if (user != null && user.contains(":")) {
      problems.add(new Problem("/" + USERNAME, "cannot hold a colon (RFC 7617)"));
    }
  }

  private static String kind(Set<String> fields) {
    if (fields.contains(KEY)) {
      return "key";
    } else if (fields.contains(PASSWORD)) {
      return "basic";
    } else if (fields.contains(CLIENT_ID)) {
      return CLIENT;
    }
    return fields.contains(HEADER) ? "header" : "bearer";
  }

  /**
   * The credential of a kind.
   *
   * @param secrets by field, as they were entered
   * @throws IllegalArgumentException if the service does not take such ones any more
   */
  static Credential credential(Auth auth, String kind, Map<String, String> secrets) {
    return switch (kind) {
      case "bearer" -> Credential.bearer(secret(secrets, TOKEN));
      case OAUTH2, CLIENT -> Credential.bearer(secret(secrets, ACCESS_TOKEN));
      case "basic" -> Credential.basic(secret(secrets, USERNAME), secret(secrets, PASSWORD));
      case "header" -> new Credential.Header(secret(secrets, HEADER), secret(secrets, VALUE));
      case "key" -> key(auth, secret(secrets, KEY));
      default -> throw new IllegalArgumentException("the service takes no " + kind + " any more");
    };
  }

  private static Credential key(Auth auth, String key) {
    if (auth instanceof Auth.ApiKey(var place, var name)) {
      return switch (place) {
        case HEADER -> new Credential.Header(name, key);
        case QUERY -> new Credential.Query(name, key);
      };
    }
    throw new IllegalArgumentException("the service takes no key any more");
  }

  private static String secret(Map<String, String> secrets, String field) {
    @Nullable String secret = secrets.get(field);
    if (secret == null) {
      throw new IllegalArgumentException("the credential's " + field + " is missing");
    }
    return secret;
  }

  /** What a consent gave, in the form of what is entered. */
  public static Entered of(TokenEndpoint.Tokens tokens) {
    return new Entered(OAUTH2, Optional.empty(), tokens(tokens));
  }

  /**
   * The operator's client, in the form of what is entered; its id and secret stay the operator's.
   */
  public static Entered ofOperator() {
    return new Entered(CLIENT, Optional.empty(), Map.of());
  }

  /** A client's credentials with the tokens that they are good for. */
  public static Entered with(Entered client, TokenEndpoint.Tokens tokens) {
    Map<String, String> secrets = new TreeMap<>(client.secrets());
    secrets.putAll(tokens(tokens));
    return new Entered(client.kind(), client.address(), secrets);
  }

  /** The client that a person entered; empty where it is the operator's. */
  public static Optional<OAuthClients.Client> client(Map<String, String> secrets) {
    return secrets.containsKey(CLIENT_ID)
        ? Optional.of(
            new OAuthClients.Client(
                secret(secrets, CLIENT_ID), new Secret(secret(secrets, CLIENT_SECRET))))
        : Optional.empty();
  }

  static Map<String, String> tokens(TokenEndpoint.Tokens tokens) {
    Map<String, String> secrets = new TreeMap<>();
    secrets.put(ACCESS_TOKEN, tokens.access());
    tokens.refresh().ifPresent(token -> secrets.put(REFRESH_TOKEN, token));
    return secrets;
  }

  /** The credential that was entered. */
  public static Credential credential(Auth auth, Entered entered) {
    return credential(auth, entered.kind(), entered.secrets());
  }
}
