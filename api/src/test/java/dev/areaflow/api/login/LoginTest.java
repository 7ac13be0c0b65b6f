package dev.areaflow.api.login;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.TestApi;
import dev.areaflow.api.areas.AreaApi;
import dev.areaflow.api.connections.RotatingProvider;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Logging in with an issuer of OpenID Connect and with GitHub, over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LoginTest {
  private static final String IDENTITIES = "/api/v1/users/me/identities";

  private final MockIssuer issuer = new MockIssuer();
  private final RotatingProvider github = new RotatingProvider();
  private final AreaApi areas = new AreaApi(settings(issuer, github));
  private final TestApi api = areas.api();

  private static Map<String, String> settings(MockIssuer issuer, RotatingProvider github) {
    Map<String, String> settings = new HashMap<>(github.settings());
    settings.put("egress.allow", github.authority() + "," + issuer.authority());
    settings.put("login.providers", "corp,github,away,plain,google");
    settings.put("login.corp.name", "Corp");
    settings.put("login.corp.issuer", issuer.issuer());
    settings.put("login.corp.client-id", MockIssuer.CLIENT);
    settings.put("login.corp.client-secret", "corp-secret");
    settings.put("login.plain.issuer", issuer.issuer());
    settings.put("login.plain.client-id", MockIssuer.CLIENT);
    settings.put("login.plain.client-secret", "plain-secret");
    settings.put("login.plain.authorize-url", issuer.issuer() + "/authorize");
    settings.put("login.plain.token-url", issuer.issuer() + "/token");
    settings.put("login.plain.jwks-url", issuer.issuer() + "/jwks");
    settings.put("login.away.issuer", "http://127.0.0.1:1");
    settings.put("login.away.client-id", MockIssuer.CLIENT);
    settings.put("login.away.client-secret", "away-secret");
    github
        .settings()
        .forEach((key, value) -> settings.put(key.replace("service.", "login."), value));
    settings.put("egress.allow", github.authority() + "," + issuer.authority());
    return settings;
  }

  @BeforeAll
  void theFirstUserIsAdmin() {
    api.signUp();
  }

  @AfterAll
  void close() {
    areas.close();
    issuer.close();
    github.close();
  }

  private static String someone() {
    return "u" + UUID.randomUUID();
  }

  private void nextAtCorp(String subject, String email, boolean verified) {
    issuer.next(subject, MockIssuer.CLIENT, Map.of("email", email, "email_verified", verified));
  }

  private static String cookie(Exchange exchange) {
    return exchange.header("Set-Cookie").orElseThrow().split(";", 2)[0];
  }

  /** Goes to a provider and back, in one browser. */
  private Exchange logIn(String provider) throws IOException {
    Exchange away = api.anyone().get("/login/" + provider).expect(303);
    return comeBack(
        RotatingProvider.consent(URI.create(away.header("Location").orElseThrow())), cookie(away));
  }

  private Exchange comeBack(URI redirect, String cookie) {
    return api.anyone()
        .with("Cookie", cookie)
        .get(redirect.getRawPath() + "?" + redirect.getRawQuery());
  }

  private JsonNode me(Exchange loggedIn) {
    return api.anyone()
        .with("Cookie", cookie(loggedIn.expect(200)))
        .get("/api/v1/users/me")
        .expect(200)
        .body();
  }

  @Test
  void whatTheOperatorConfiguredIsOffered() {
    // when
    JsonNode items = api.anyone().get("/api/v1/login/providers").expect(200).body().path("items");

    // then
    assertThat(items.findValuesAsText("id")).containsExactly("corp", "github", "away", "plain");
    assertThat(items.at("/0/name").asText()).isEqualTo("Corp");
    assertThat(items.at("/1/url").asText()).isEqualTo("/login/github");
  }

  @Test
  void anUnknownIdentityMakesAnAccountAndFindsItAgain() throws IOException {
    // given
    String subject = someone();
    nextAtCorp(subject, subject + "@corp.example", true);

    // when
    JsonNode first = me(logIn("corp"));
    nextAtCorp(subject, "other@corp.example", true);
    Exchange page = logIn("corp");
    JsonNode again = me(page);

    // then
    assertThat(first.path("email").asText()).isEqualTo(subject + "@corp.example");
    assertThat(first.path("hasPassword").asBoolean()).isFalse();
    assertThat(first.path("role").asText()).isEqualTo("user");
    assertThat(again).isEqualTo(first);
    assertThat(page.text()).contains("You are logged in", subject + "@corp.example");
  }

  @Test
  void aLoginAndTheAccountThatItMakesAreAudited() throws IOException {
    // given
    String subject = someone();
    nextAtCorp(subject, subject + "@corp.example", true);
    String id = me(logIn("corp")).path("id").asText();

    // when
    nextAtCorp(subject, subject + "@corp.example", true);
    logIn("corp");

    // then
    List<String> acts =
        api.database()
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(
                            "SELECT kind || ': ' || detail FROM audit"
                                + " WHERE actor_id = CAST(:id AS uuid) ORDER BY at")
                        .bind("id", id)
                        .mapTo(String.class)
                        .list());
    assertThat(acts).containsExactly("session.open: corp, a new account", "session.open: corp");
  }

  @Test
  void anIssuerThatSaysNothingOfItselfIsAskedWhereTheSettingsSayAndIsTheSameIssuer()
      throws IOException {
    // given
    String subject = someone();
    nextAtCorp(subject, subject + "@corp.example", true);

    // when
    JsonNode plain = me(logIn("plain"));
    nextAtCorp(subject, subject + "@corp.example", true);
    JsonNode discovered = me(logIn("corp"));

    // then
    assertThat(discovered).isEqualTo(plain);
  }

  @Test
  void nobodyTakesAnAccountOverByItsMailAddress() throws IOException {
    // given
    String victim = api.signUp();
    String subject = someone();

    // when
    nextAtCorp(subject, victim, true);
    Exchange verified = logIn("corp");
    nextAtCorp(subject, victim, false);
    Exchange unverified = logIn("corp");
    issuer.next(subject, MockIssuer.CLIENT, Map.of());
    Exchange none = logIn("corp");

    // then
    assertThat(verified.expect(409).text())
        .contains(
            "There is an account with the address "
                + victim
                + " already. If it is yours, log in to it, and link Corp there.");
    assertThat(unverified.expect(403).text())
        .contains("Corp knows no verified e-mail address of you");
    assertThat(none.expect(403).text()).contains("Corp knows no verified e-mail address of you");
    assertThat(none.header("Set-Cookie")).isEmpty();
  }

  @Test
  void anIdTokenOfAnotherLoginOrForAnotherClientIsRefused() throws IOException {
    // when
    issuer.next(someone(), MockIssuer.CLIENT, Map.of("nonce", "of another login"));
    Exchange nonce = logIn("corp");
    issuer.next(someone(), "another-client", Map.of("aud", "another-client"));
    Exchange audience = logIn("corp");
    issuer.next(someone(), MockIssuer.CLIENT, Map.of("iss", "http://evil.example"));
    Exchange other = logIn("corp");
    issuer.next(someone(), MockIssuer.CLIENT, Map.of("exp", 1_600_000_000));
    Exchange expired = logIn("corp");

    // then
    assertThat(nonce.expect(400).text()).contains("Corp's ID token is not good: ", "nonce");
    assertThat(audience.expect(400).text()).contains("Unexpected JWT audience");
    assertThat(other.expect(400).text()).contains("Unexpected JWT issuer");
    assertThat(expired.expect(400).text()).contains("Expired JWT");
  }

  @Test
  void aLoginIsFinishedOnceAndByTheBrowserThatBeganIt() throws IOException {
    // given
    String subject = someone();
    nextAtCorp(subject, subject + "@corp.example", true);
    Exchange away = api.anyone().get("/login/corp").expect(303);
    Exchange other = api.anyone().get("/login/corp").expect(303);
    URI redirect = RotatingProvider.consent(URI.create(away.header("Location").orElseThrow()));

    // when
    Exchange noBrowser = api.anyone().get(redirect.getRawPath() + "?" + redirect.getRawQuery());
    Exchange otherBrowser = comeBack(redirect, cookie(other));
    Exchange otherProvider =
        comeBack(
            URI.create(redirect.toString().replace("/login/corp/", "/login/github/")),
            cookie(away));
    Exchange own = comeBack(redirect, cookie(away));
    Exchange again = comeBack(redirect, cookie(away));

    // then
    assertThat(noBrowser.expect(403).text()).contains("Another browser began this login");
    otherBrowser.expect(403);
    assertThat(otherProvider.expect(400).text()).contains("This link does not work any more");
    own.expect(200);
    assertThat(again.expect(400).text()).contains("This link does not work any more");
  }

  @Test
  void twoLoginsAtOnceInOneBrowserDoNotEndOneAnother() {
    // given
    Exchange first = api.anyone().get("/login/corp").expect(303);

    // when
    Exchange second = api.anyone().with("Cookie", cookie(first)).get("/login/corp").expect(303);

    // then
    assertThat(cookie(second)).isEqualTo(cookie(first));
  }

  @Test
  void whoSaysNoReadsSo() throws IOException {
    // given
    Exchange away = api.anyone().get("/login/corp").expect(303);
    URI address = RotatingProvider.consent(URI.create(away.header("Location").orElseThrow()));
    String state = address.getRawQuery().replaceAll(".*state=([^&]*).*", "$1");

    // when
    Exchange refused =
        comeBack(
            URI.create(
                "/login/corp/callback?error=access_denied&error_description=No%20%3Cb%3E&state="
                    + state),
            cookie(away));

    // then
    assertThat(refused.expect(403).text()).contains("Corp says: No &lt;b&gt;.");
  }

  @Test
  void aProviderThatIsAwayOrIsNotThereSaysSo() {
    assertThat(api.anyone().get("/login/away").expect(502).text())
        .contains("away cannot be asked now");
    assertThat(api.anyone().get("/login/nowhere").expect(404).text())
        .contains("Nobody logs in here with &quot;nowhere&quot;.");
  }

  @Test
  void githubSaysWhoItIsByNumberAndWithItsVerifiedPrimaryMail() throws IOException {
    // given
    String email = someone() + "@example.org";
    github.account(4_711, "octocat", email, true);

    // when
    JsonNode first = me(logIn("github"));
    github.account(4_711, "renamed", "new@example.org", true);
    JsonNode renamed = me(logIn("github"));
    github.account(4_712, "octocat", email, false);
    Exchange other = logIn("github");

    // then
    assertThat(first.path("email").asText()).isEqualTo(email);
    assertThat(renamed).isEqualTo(first);
    assertThat(other.expect(403).text()).contains("GitHub knows no verified e-mail address of you");
  }

  @Test
  void whoDoesNotTellGithubsMailAddressesLogsInAllTheSame() throws IOException {
    // given
    github.account(4_713, "quiet", someone() + "@example.org", true);
    JsonNode first = me(logIn("github"));

    // when
    github.hidesEmails = true;
    JsonNode again = me(logIn("github"));
    github.account(4_714, "new", "new@example.org", true);
    Exchange unknown = logIn("github");
    github.hidesEmails = false;

    // then
    assertThat(again).isEqualTo(first);
    unknown.expect(403);
  }

  @Test
  void aUserLinksAnIdentityLogsInWithItAndUnlinksIt() throws IOException {
    // given
    String email = api.signUp();
    ContractClient user = api.logIn(email);
    Exchange session =
        api.anyone()
            .post("/api/v1/sessions", Map.of("email", email, "password", TestApi.PASSWORD))
            .expect(200);
    String subject = someone();

    // when
    issuer.next(subject, MockIssuer.CLIENT, Map.of("preferred_username", "ada"));
    URI back = beginLink(user);
    Exchange nobody = api.anyone().get(back.getRawPath() + "?" + back.getRawQuery());
    Exchange linked = comeBack(back, cookie(session));
    issuer.next(subject, MockIssuer.CLIENT, Map.of());
    JsonNode me = me(logIn("corp"));
    JsonNode identities = user.get(IDENTITIES).expect(200).body().path("items");
    user.delete(IDENTITIES + "/" + identities.at("/0/id").asText()).expect(204);
    issuer.next(subject, MockIssuer.CLIENT, Map.of());
    Exchange unknown = logIn("corp");

    // then
    assertThat(nobody.expect(403).text()).contains("Not logged in as who asked");
    assertThat(linked.expect(200).text()).contains("Corp is linked", "as ada");
    assertThat(me.path("email").asText()).isEqualTo(email);
    assertThat(identities).hasSize(1);
    assertThat(identities.at("/0/name").asText()).isEqualTo("ada");
    unknown.expect(403);
  }

  private static URI beginLink(ContractClient user) throws IOException {
    return RotatingProvider.consent(
        URI.create(
            user.post(IDENTITIES, Map.of("provider", "corp")).expect(200).field("authorizeUrl")));
  }

  @Test
  void aLinkIsFinishedOverTheApiByWhoBeganItAndAnIdentityHasOneAccount() throws IOException {
    // given
    ContractClient user = api.newUser();
    ContractClient other = api.newUser();
    String subject = someone();

    // when
    issuer.next(subject, MockIssuer.CLIENT, Map.of());
    Map<String, String> shown = shown(beginLink(user));
    Exchange stranger = other.post(IDENTITIES + "/code", shown);
    Exchange linked = user.post(IDENTITIES + "/code", shown);
    issuer.next(subject, MockIssuer.CLIENT, Map.of());
    Exchange taken = other.post(IDENTITIES + "/code", shown(beginLink(other)));

    // then
    assertThat(stranger.expect(409).pointers()).containsExactly("/state");
    assertThat(linked.expect(200).field("provider")).isEqualTo("corp");
    assertThat(taken.expect(409).field("detail"))
        .isEqualTo("This identity is linked to an account already.");
  }

  private static Map<String, String> shown(URI back) {
    return Map.of(
        "provider",
        "corp",
        "state",
        back.getRawQuery().replaceAll(".*state=([^&]*).*", "$1"),
        "code",
        back.getRawQuery().replaceAll(".*code=([^&]*).*", "$1"));
  }

  @Test
  void anApiTokenLinksNothing() {
    // given
    ContractClient token = api.token(api.newUser(), "account");

    // then
    token.post(IDENTITIES, Map.of("provider", "corp")).expect(403);
    token
        .post(IDENTITIES + "/code", Map.of("provider", "corp", "state", "s", "code", "c"))
        .expect(403);
    token.delete(IDENTITIES + "/" + UUID.randomUUID()).expect(403);
  }

  @Test
  void theLastWayToLogInStaysUntilThereIsAPassword() throws IOException {
    // given
    String subject = someone();
    String email = subject + "@corp.example";
    nextAtCorp(subject, email, true);
    ContractClient user =
        api.anyone()
            .with("Cookie", cookie(logIn("corp").expect(200)))
            .with("Sec-Fetch-Site", "same-origin");
    String identity = user.get(IDENTITIES).expect(200).body().at("/items/0/id").asText();
    Map<String, String> login = Map.of("email", email, "password", TestApi.PASSWORD);

    // when
    Exchange before = api.anyone().post("/api/v1/sessions", login);
    Exchange last = user.delete(IDENTITIES + "/" + identity);
    JsonNode set =
        user.patch("/api/v1/users/me", Map.of("password", TestApi.PASSWORD)).expect(200).body();
    Exchange unlinked = user.delete(IDENTITIES + "/" + identity);

    // then
    before.expect(401);
    assertThat(last.expect(409).field("detail")).startsWith("Without it you could not log in");
    assertThat(set.path("hasPassword").asBoolean()).isTrue();
    unlinked.expect(204);
    api.anyone().post("/api/v1/sessions", login).expect(200);
  }

  @Test
  void whoHasAPasswordHasToShowItToChangeIt() {
    // when
    Exchange without = api.newUser().patch("/api/v1/users/me", Map.of("password", "another one"));

    // then
    assertThat(without.expect(422).pointers()).containsExactly("/currentPassword");
  }

  @Test
  void whoIsDisabledDoesNotLogIn() throws IOException {
    // given
    String subject = someone();
    nextAtCorp(subject, subject + "@corp.example", true);
    me(logIn("corp"));
    api.database()
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "UPDATE users SET disabled_at = now() WHERE email = ?",
                    subject + "@corp.example"));

    // when
    nextAtCorp(subject, subject + "@corp.example", true);
    Exchange refused = logIn("corp");

    // then
    assertThat(refused.expect(403).text()).contains("This account is disabled; ask the operator.");
    assertThat(refused.header("Set-Cookie")).isEmpty();
  }
}
