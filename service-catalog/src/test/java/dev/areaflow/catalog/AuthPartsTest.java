package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthPartsTest {
  private static final String HTTP = "{base_url: https://api.shop.example/v1}";

  @Test
  void aServiceThatSaysNothingNeedsNoConnection() {
    // when
    Service service = load("");

    // then
    assertThat(service.auth()).isEqualTo(new Auth.None());
    assertThat(service.auth().isNeeded()).isFalse();
    assertThat(service.endpoint()).isEmpty();
  }

  @Test
  void anEndpointHasItsHeadersAndItsProbe() {
    // when
    Endpoint endpoint =
        load("""
                http:
                  base_url: https://api.shop.example/v1
                  headers: {accept: application/json}
                auth: {type: bearer, test: {get: /user, label: /login}}
                """)
            .endpoint()
            .orElseThrow();

    // then
    assertThat(endpoint.baseUrl()).isEqualTo(URI.create("https://api.shop.example/v1"));
    assertThat(endpoint.headers()).containsOnly(Map.entry("accept", "application/json"));
    assertThat(endpoint.probe()).contains(new Endpoint.Probe("/user", "/login"));
  }

  @Test
  void aProbeMayHaveAQuery() {
    // when
    Endpoint endpoint =
        load("""
                http: {base_url: "https://api.shop.example/v1"}
                auth: {type: bearer, test: {get: "/about?fields=user", label: /user/0/name}}
                """)
            .endpoint()
            .orElseThrow();

    // then
    assertThat(endpoint.probeRequest().orElseThrow().uri())
        .isEqualTo(URI.create("https://api.shop.example/v1/about?fields=user"));
  }

  @Test
  void eachTypeIsRead() {
    assertThat(auth("{type: none}")).isEqualTo(new Auth.None());
    assertThat(auth("{type: api_key, header: x-key}"))
        .isEqualTo(new Auth.ApiKey(Auth.Place.HEADER, "x-key"));
    assertThat(auth("{type: api_key, query: key}"))
        .isEqualTo(new Auth.ApiKey(Auth.Place.QUERY, "key"));
    assertThat(auth("{type: basic}")).isEqualTo(new Auth.Basic());
    assertThat(auth("{type: bearer}")).isEqualTo(new Auth.Bearer());
    assertThat(
            auth(
                "{type: oauth2, authorize_url: 'https://shop.example/a',"
                    + " token_url: 'https://shop.example/t', scopes: ['read:all']}"))
        .isEqualTo(
            new Auth.OAuth2(
                URI.create("https://shop.example/a"),
                URI.create("https://shop.example/t"),
                Auth.SecretIn.BODY,
                new ConsentScopes(List.of("read:all"), Map.of()),
                Map.of(),
                false));
    assertThat(auth("{type: as_given}")).isEqualTo(new Auth.AsGiven());
    assertThat(auth("{type: oauth2_cc, token_url: 'https://shop.example/t'}"))
        .isEqualTo(
            new Auth.ClientCredentials(
                URI.create("https://shop.example/t"), Auth.SecretIn.BODY, List.of()));
    assertThat(auth("{type: oauth2_cc, token_url: 'https://shop.example/t', secret_in: header}"))
        .isEqualTo(
            new Auth.ClientCredentials(
                URI.create("https://shop.example/t"), Auth.SecretIn.HEADER, List.of()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{type: magic} | /auth/type",
        "{type: api_key} | /auth expected either header or query",
        "{type: api_key, header: x-key, query: key} | /auth expected either header or query",
        "{type: bearer, header: x-key} | /auth/header does not belong to the type bearer",
        "{type: basic, query: key} | /auth/query does not belong to the type basic",
        "{type: basic, scopes: [a]} | /auth/scopes does not belong to the type basic",
        "{type: bearer, secret_in: header} | /auth/secret_in does not belong to the type bearer",
        "{type: basic, implied_scopes: {a: [b]}} | /auth/implied_scopes does not belong to the type basic",
        "{type: oauth2, scopes: ['a,b']} | /auth/scopes/0",
        "{type: none, test: {get: /user, label: /login}} | /auth/test does not belong to the type none",
        "{type: oauth2_cc} | /auth expected token_url",
        "{type: oauth2, token_url: 'https://shop.example'} | /auth expected authorize_url",
        "{type: oauth2_cc, token_url: 'http://shop.example'} | /auth/token_url expected https://HOST",
        "{type: oauth2_cc, token_url: 'https://a b'} | /auth/token_url expected a URL",
        "{type: bearer, test: {get: user, label: /login}} | /auth/test/get",
        "{type: bearer, test: {get: '/user?', label: /login}} | /auth/test/get",
        "{type: bearer, test: {get: /user, label: login}} | /auth/test/label",
      })
  void anAuthPartThatIsNotRightIsRefused(String auth, String message) {
    assertThatThrownBy(() -> auth(auth))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("shop/manifest.yaml:7: " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{base_url: 'http://shop.example'} | /http/base_url expected https://HOST",
        "{base_url: '/v1'} | /http/base_url expected https://HOST",
        "{base_url: 'https://me:pw@shop.example'} | /http/base_url expected https://HOST",
        "{base_url: 'https://shop.example/'} | /http/base_url expected neither a slash",
        "{base_url: 'https://shop.example?a=b'} | /http/base_url expected neither a slash",
        "{base_url: 'https://shop.example', headers: {authorization: x}} | /http/headers/authorization expected no credentials",
        "{headers: {accept: x}} | /http/base_url is required",
        "{base_url: 'https://shop.example', answers: [{status: 403, as: later}]} | /http/answers/0/as expected one of retryable, permanent, unauthorized",
        "{base_url: 'https://shop.example', answers: [{status: 403, at: /a, as: permanent}]} | /http/answers/0",
        "{base_url: 'https://shop.example', answers: [{status: 403, contains: x, as: permanent}]} | /http/answers/0",
        "{base_url: 'https://shop.example', answers: [{status: 403, as: permanent, after: PT1M}]} | /http/answers/0/after",
      })
  void anHttpPartThatIsNotRightIsRefused(String http, String message) {
    assertThatThrownBy(() -> load("http: " + http + "\n"))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("shop/manifest.yaml:6: " + message);
  }

  @Test
  void credentialsWithoutAnAddressAreRefused() {
    assertThatThrownBy(() -> load("auth: {type: bearer}\n"))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("/auth expected /http/base_url too");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://api.shop.example/v1",
        "https://api.shop.example/v1/user?page=2",
        "https://API.shop.example:443/v1/user",
        "https://api.shop.example/v1/a%2Fb/c..d",
      })
  void credentialsGoBelowTheBaseUrl(String address) {
    assertThat(endpoint().covers(URI.create(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://api.shop.example/v1/user",
        "https://shop.example/v1/user",
        "https://api.shop.example.evil.example/v1/user",
        "https://api.shop.example@evil.example/v1/user",
        "https://me@api.shop.example/v1/user",
        "https://api.shop.example:8443/v1/user",
        "https://api.shop.example/v10/user",
        "https://api.shop.example/",
        "https://api.shop.example/v1/../admin",
        "https://api.shop.example/v1/%2e%2E/admin",
        "https://api.shop.example/v1/a%2f..%2f..%2fadmin",
        "https://api.shop.example/v1/..%5cadmin",
        "/v1/user",
        "mailto:me@api.shop.example",
      })
  void credentialsGoNowhereElse(String address) {
    assertThat(endpoint().covers(URI.create(address))).isFalse();
  }

  private static Endpoint endpoint() {
    return load("http: " + HTTP + "\n").endpoint().orElseThrow();
  }

  private static Auth auth(String auth) {
    return load("http: " + HTTP + "\nauth: " + auth + "\n").auth();
  }

  private static Service load(String parts) {
    String manifest =
        """
        apiVersion: area/v1
        id: shop
        name: Shop
        version: 1.0.0
        description: Sells things.
        """
            + parts
            + """
            actions: []
            reactions: []
            tests: {actions: {}, reactions: {}}
            """;
    return new ManifestLoader(ServiceAddresses.asDeclared())
        .load(
            "shop", name -> name.equals(ManifestLoader.MANIFEST) ? manifest.getBytes(UTF_8) : null);
  }
}
