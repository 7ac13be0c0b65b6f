package dev.areaflow.api.connections;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An authorization server with PKCE (RFC 7636) whose refresh tokens are good for once: using one
 * twice revokes the account (RFC 9700, section 4.14.2). Its interface says whose a token is.
 */
public final class RotatingProvider implements AutoCloseable {
  static final String CLIENT = "areaflow";
  static final String SECRET = "client-secret";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
  private final Map<String, Boolean> accessTokens = new ConcurrentHashMap<>();
  private volatile String refreshToken = "";
  private volatile boolean revoked;

  /** Whether a consent is not about mail addresses. */
  public volatile boolean hidesEmails;

  private volatile String account = "{\"login\":\"octocat\"}";
  private volatile String emails = "[]";

  /** Refreshes that were granted. */
  public final AtomicInteger refreshes = new AtomicInteger();

  /** Webhooks that are set up, by id: what was posted, with its id. */
  public final Map<String, String> webhooks = new ConcurrentHashMap<>();

  private final AtomicInteger made = new AtomicInteger();

  /** Whether the account may not manage webhooks. */
  public volatile boolean forbidden;

  /**
   * What is answered to GET with a good token below {@code /repos}, by path; an empty list else.
   */
  public final Map<String, String> answers = new ConcurrentHashMap<>();

  /** Whether nothing about webhooks is answered. */
  public volatile boolean away;

  /** How many webhooks a page of their list has. */
  public volatile int pageSize = 100;

  /** What was posted with a good token: path and body. */
  public final List<String> posts = new CopyOnWriteArrayList<>();

  /** How long access tokens live, in seconds. */
  volatile long lifetime = 3_600;

  /** What a new consent is said to be about; null where the answer does not say. */
  volatile @Nullable String scope;

  /** Whether it knows no client any more. */
  volatile boolean refuseClients;

  /** Whether its token endpoint fails. */
  volatile boolean down;

  public RotatingProvider() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/authorize", this::authorize);
    server.createContext("/token", this::token);
    server.createContext("/user", this::user);
    server.createContext("/repos", this::repository);
    server.start();
  }

  public String authority() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Settings that have GitHub be here. */
  public Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(settings("github"));
    settings.put("egress.allow", authority());
    return settings;
  }

  /** Settings that have a service be here; requests to here are to be allowed besides. */
  public Map<String, String> settings(String service) {
    String base = "http://" + authority();
    String prefix = "service." + service + ".";
    return Map.of(
        prefix + "base-url",
        base,
        prefix + "authorize-url",
        base + "/authorize",
        prefix + "token-url",
        base + "/token",
        prefix + "client-id",
        CLIENT,
        prefix + "client-secret",
        SECRET);
  }

  /** A token that somebody made here by hand. */
  public String ownToken() {
    String token = UUID.randomUUID().toString();
    accessTokens.put(token, true);
    return token;
  }

  /** Makes all tokens that were given invalid, as a person does who withdraws the consent. */
  public void revoke() {
    revoked = true;
    accessTokens.clear();
  }

  /** Makes access tokens invalid, the refresh token stays good. */
  public void forgetAccessTokens() {
    accessTokens.clear();
  }

  /** Whose account it is from now on, and which mail address it has first. */
  public void account(long id, String login, String email, boolean verified) {
    account = "{\"id\":%d,\"login\":\"%s\"}".formatted(id, login);
    emails =
        "[{\"email\":\"second@example.org\",\"primary\":false,\"verified\":true},"
            + "{\"email\":\"%s\",\"primary\":true,\"verified\":%b}]".formatted(email, verified);
  }

  /** Makes a token good, as a person does who makes one at the provider. */
  void accept(String token) {
    accessTokens.put(token, true);
  }

  public boolean accepts(String authorization) {
    return authorization.startsWith("Bearer ")
        && accessTokens.containsKey(authorization.substring("Bearer ".length()));
  }

  private void authorize(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> asked = pairs(exchange.getRequestURI().getRawQuery());
      boolean right =
          CLIENT.equals(asked.get("client_id"))
              && "code".equals(asked.get("response_type"))
              && "S256".equals(asked.get("code_challenge_method"));
      if (!right) {
        exchange.sendResponseHeaders(400, -1);
        return;
      }
      String code = UUID.randomUUID().toString();
      codes.put(code, asked);
      exchange
          .getResponseHeaders()
          .add(
              "Location",
              asked.get("redirect_uri")
                  + "?code="
                  + code
                  + "&state="
                  + URLEncoder.encode(asked.getOrDefault("state", ""), UTF_8));
      exchange.sendResponseHeaders(302, -1);
    }
  }

  private void token(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> asked =
          pairs(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
      if (down) {
        answer(exchange, 503, "{\"error\":\"temporarily_unavailable\"}");
      } else if (refuseClients
          || !CLIENT.equals(asked.get("client_id"))
          || !SECRET.equals(asked.get("client_secret"))) {
        answer(exchange, 401, "{\"error\":\"invalid_client\"}");
      } else if ("authorization_code".equals(asked.get("grant_type"))) {
        Map<String, String> consent = codes.remove(asked.getOrDefault("code", ""));
        boolean proven =
            consent != null
                && challenge(asked.getOrDefault("code_verifier", ""))
                    .equals(consent.get("code_challenge"))
                && consent.getOrDefault("redirect_uri", "").equals(asked.get("redirect_uri"));
        revoked = revoked && !proven;
        grant(exchange, proven);
      } else if ("client_credentials".equals(asked.get("grant_type"))) {
        grant(exchange, !revoked);
      } else {
        refresh(exchange, asked.getOrDefault("refresh_token", ""));
      }
    }
  }

  private synchronized void refresh(HttpExchange exchange, String token) throws IOException {
    boolean good = !revoked && token.equals(refreshToken);
    if (!good) {
      revoke(); // a token that was used already: somebody may have stolen it
    } else {
      refreshes.incrementAndGet();
    }
    grant(exchange, good);
  }

  private void grant(HttpExchange exchange, boolean good) throws IOException {
    if (!good) {
      answer(
          exchange,
          400,
          "{\"error\":\"invalid_grant\",\"error_description\":\"The grant is not good.\"}");
      return;
    }
    String access = UUID.randomUUID().toString();
    accessTokens.put(access, true);
    refreshToken = UUID.randomUUID().toString();
    answer(
        exchange,
        200,
        "{\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"expires_in\":%d,%s\"token_type\":\"bearer\"}"
            .formatted(
                access,
                refreshToken,
                lifetime,
                scope == null ? "" : "\"scope\":\"" + scope + "\","));
  }

  private void user(HttpExchange exchange) throws IOException {
    try (exchange) {
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      boolean good = accepts(String.valueOf(authorization));
      boolean hidden = hidesEmails && exchange.getRequestURI().getPath().endsWith("/emails");
      answer(
          exchange,
          hidden ? 404 : good ? 200 : 401,
          !good
              ? "{\"message\":\"Bad credentials\"}"
              : exchange.getRequestURI().getPath().endsWith("/emails") ? emails : account);
    }
  }

  /** Takes what is posted, as GitHub does with a new issue, and keeps webhooks. */
  private void repository(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().contains("/hooks")) {
      webhooks(exchange);
      return;
    }
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      boolean good =
          accepts(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
      if (good && exchange.getRequestMethod().equals("GET")) {
        String path = exchange.getRequestURI().getPath();
        answer(exchange, 200, answers.getOrDefault(path, "[]"));
        return;
      }
      if (good) {
        posts.add(exchange.getRequestURI() + " " + new String(body, UTF_8));
      }
      answer(
          exchange,
          good ? 201 : 401,
          good ? "{\"number\":1347}" : "{\"message\":\"Bad credentials\"}");
    }
  }

  private void webhooks(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      String path = exchange.getRequestURI().getPath();
      boolean good =
          accepts(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
      if (!good) {
        answer(exchange, 401, "{\"message\":\"Bad credentials\"}");
      } else if (away) {
        answer(exchange, 503, "{\"message\":\"Unavailable\"}");
      } else if (forbidden) {
        answer(exchange, 404, "{\"message\":\"Not Found\"}");
      } else if (exchange.getRequestMethod().equals("GET")) {
        list(exchange);
      } else if (exchange.getRequestMethod().equals("POST")) {
        String id = Integer.toString(refreshes.get() + 12_345_678 + made.incrementAndGet());
        webhooks.put(id, "{\"id\":" + id + "," + body.substring(1));
        answer(exchange, 201, webhooks.get(id));
      } else if (exchange.getRequestMethod().equals("PATCH")) {
        String id = path.substring(path.lastIndexOf('/') + 1);
        String there =
            webhooks.computeIfPresent(id, (key, old) -> "{\"id\":" + key + "," + body.substring(1));
        answer(exchange, there == null ? 404 : 200, there == null ? "{}" : there);
      } else {
        boolean there = webhooks.remove(path.substring(path.lastIndexOf('/') + 1)) != null;
        exchange.sendResponseHeaders(there ? 204 : 404, -1);
      }
    }
  }

  /** A page of the webhooks, with the address of the next one. */
  private void list(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    int page = Integer.parseInt(pairs(query).getOrDefault("page", "1"));
    List<String> all = webhooks.keySet().stream().sorted().map(webhooks::get).toList();
    if (page * pageSize < all.size()) {
      exchange
          .getResponseHeaders()
          .add(
              "Link",
              "<http://%s%s?page=%d>; rel=\"next\""
                  .formatted(authority(), exchange.getRequestURI().getPath(), page + 1));
    }
    answer(
        exchange,
        200,
        all.stream()
            .skip((page - 1L) * pageSize)
            .limit(pageSize)
            .collect(Collectors.joining(",", "[", "]")));
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String challenge(String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new HashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.put(
            URLDecoder.decode(pair.substring(0, equals), UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), UTF_8));
      }
    }
    return pairs;
  }

  /** Consents at the page of an address, as a person does; where the browser is sent then. */
  public static URI consent(URI authorizeUrl) throws IOException {
    java.net.HttpURLConnection page =
        (java.net.HttpURLConnection) authorizeUrl.toURL().openConnection();
    page.setInstanceFollowRedirects(false);
    if (page.getResponseCode() != 302) {
      throw new AssertionError("expected a redirect, found " + page.getResponseCode());
    }
    return URI.create(page.getHeaderField("Location"));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
