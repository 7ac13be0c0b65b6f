package dev.areaflow.api.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.areaflow.catalog.OAuthClients;
import dev.areaflow.schemas.config.InvalidSettingsException;
import dev.areaflow.schemas.config.Secret;
import dev.areaflow.schemas.config.Settings;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LoginConfigTest {
  private static final OAuthClients.Client CLIENT =
      new OAuthClients.Client("me", new Secret("hidden"));

  private static LoginConfig read(Map<String, String> given) {
    Settings settings = Settings.of(given);
    LoginConfig config = LoginConfig.from(settings);
    settings.check();
    return config;
  }

  private static Map<String, String> with(String id, String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("login." + id + ".client-id", "me");
    settings.put("login." + id + ".client-secret", "hidden");
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  @Test
  void nothingIsOfferedThatIsNotConfigured() {
    assertThat(read(Map.of()).providers()).isEmpty();
  }

  @Test
  void githubAndGoogleAreKnown() {
    // given
    Map<String, String> settings = with("github");
    settings.putAll(with("google"));

    // then
    assertThat(read(settings).providers())
        .containsExactly(
            new LoginConfig.Github(
                "github",
                "GitHub",
                CLIENT,
                URI.create("https://api.github.com"),
                URI.create("https://github.com/login/oauth/authorize"),
                URI.create("https://github.com/login/oauth/access_token")),
            new LoginConfig.OpenId(
                "google", "Google", CLIENT, "https://accounts.google.com", Optional.empty()));
  }

  @Test
  void everyKeyIsRead() {
    // given
    Map<String, String> corp =
        with(
            "corp",
            "login.providers",
            "corp",
            "login.corp.name",
            "Corp",
            "login.corp.issuer",
            "https://id.example/",
            "login.corp.authorize-url",
            "https://id.example/a",
            "login.corp.token-url",
            "https://id.example/t",
            "login.corp.jwks-url",
            "https://id.example/k");
    Map<String, String> github =
        with(
            "github",
            "login.github.base-url",
            "https://git.example/api/v3",
            "login.github.authorize-url",
            "https://git.example/a",
            "login.github.token-url",
            "https://git.example/t");

    // then
    assertThat(read(corp).providers())
        .containsExactly(
            new LoginConfig.OpenId(
                "corp",
                "Corp",
                CLIENT,
                "https://id.example/",
                Optional.of(
                    new LoginConfig.Endpoints(
                        URI.create("https://id.example/a"),
                        URI.create("https://id.example/t"),
                        URI.create("https://id.example/k")))));
    assertThat(read(github).providers())
        .containsExactly(
            new LoginConfig.Github(
                "github",
                "GitHub",
                CLIENT,
                URI.create("https://git.example/api/v3"),
                URI.create("https://git.example/a"),
                URI.create("https://git.example/t")));
  }

  @Test
  void theKeysOfAFileAreThoseOfItsProviders() {
    assertThat(LoginConfig.keys(Settings.of(Map.of("login.providers", "corp"))))
        .contains("login.corp.issuer", "login.corp.client-secret", "login.corp.jwks-url")
        .doesNotContain("login.github.client-id");
    assertThat(LoginConfig.keys(Settings.of(Map.of()))).contains("login.google.client-id");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "login.providers | Corp | login.providers is \"Corp\": expected ids",
        "login.providers | corp,corp | login.providers is \"corp,corp\": expected ids",
        "login.providers | corp | login.corp.client-id is missing",
        "login.github.client-id | me | login.github.client-secret is missing",
        "login.github.client-secret | hidden | login.github.client-id is missing",
      })
  void whatIsMissingOrCannotBeIsNamed(String key, String value, String problem) {
    assertThatThrownBy(() -> read(Map.of(key, value)))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining(problem)
        .hasMessageNotContaining("hidden");
  }

  @Test
  void anIssuerNeedsItsNameAndEndpointsBelongTogether() {
    // given
    Map<String, String> settings =
        with("corp", "login.providers", "corp", "login.corp.token-url", "https://id.example/t");

    // then
    assertThatThrownBy(() -> read(settings))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("login.corp.issuer is missing")
        .hasMessageContaining("login.corp.authorize-url belongs together with");
  }
}
