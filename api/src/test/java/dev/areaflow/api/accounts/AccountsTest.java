package dev.areaflow.api.accounts;

import static dev.areaflow.api.TestApi.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.TestApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccountsTest {
  private static final List<String> SUSPENSIONS = new ArrayList<>();

  private static TestApi api;
  private static ContractClient admin;

  @BeforeAll
  static void start() {
    api =
        TestApi.builder()
            .suspension((handle, owner, suspended, by) -> SUSPENSIONS.add(owner + " " + suspended))
            .start();
    admin = api.newUser();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void theFirstUserIsAdminAndTheNextOnesAreNot() {
    // given
    ContractClient second = api.newUser();

    // when
    String roles =
        admin.get("/api/v1/users/me").field("role")
            + " "
            + second.get("/api/v1/users/me").field("role");

    // then
    assertThat(roles).isEqualTo("admin user");
  }

  @Test
  void anAddressIsNormalisedAndTakenOnlyOnce() {
    // given
    Exchange first =
        api.anyone().post("/api/v1/users", credentials(" Ada@Example.ORG ", PASSWORD)).expect(201);

    // when
    Exchange second = api.anyone().post("/api/v1/users", credentials("ada@example.org", PASSWORD));

    // then
    assertThat(first.field("email")).isEqualTo("ada@example.org");
    second.expect(409);
    assertThat(second.pointers()).containsExactly("/email");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ada",
        "ada@",
        "@example.org",
        "a da@example.org",
        "ada@-x.org",
        "ada@exa mple.org"
      })
  void whatIsNoAddressIsRefused(String email) {
    // when
    Exchange answer = api.anyone().post("/api/v1/users", credentials(email, "short"));

    // then
    assertThat(answer.expect(422).pointers()).containsExactly("/email", "/password");
  }

  @Test
  void aWrongPasswordAndAnUnknownAddressGetTheSameAnswer() {
    // given
    String email = api.signUp();

    // when
    Exchange wrong = api.anyone().post("/api/v1/sessions", credentials(email, "not the password"));
    Exchange unknown =
        api.anyone()
            .post("/api/v1/sessions", credentials("nobody@example.org", "not the password"));

    // then
    assertThat(wrong.expect(401).text()).isEqualTo(unknown.expect(401).text());
  }

  @Test
  void guessingIsLimitedByAddressButNotForOthers() {
    // given
    String victim = api.signUp();
    String other = api.signUp();

    // when
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      statuses.add(
          api.anyone().post("/api/v1/sessions", credentials(victim, "guess " + i)).status());
    }

    // then
    assertThat(statuses.subList(0, 10)).containsOnly(401);
    assertThat(statuses.getLast()).isEqualTo(429);
    api.logIn(other).get("/api/v1/users/me").expect(200);
  }

  @Test
  void aSessionEndsByLoggingOutAndByAge() {
    // given
    String email = api.signUp();
    ContractClient loggedOut = api.logIn(email);
    ContractClient old = api.logIn(email);

    // when
    loggedOut.delete("/api/v1/sessions/current").expect(204);
    int afterLogOut = loggedOut.get("/api/v1/users/me").status();
    int before = old.get("/api/v1/users/me").status();
    api.clock().advance(Duration.ofDays(8));
    int after = old.get("/api/v1/users/me").status();
    api.accounts().forgetExpired();
    api.clock().advance(Duration.ofDays(-8));

    // then
    assertThat(List.of(afterLogOut, before, after)).containsExactly(401, 200, 401);
    old.get("/api/v1/users/me").expect(401);
    admin = api.logIn("user1@example.org");
  }

  @Test
  void theCookieWorksForReadingAndForOwnPagesOnly() {
    // given
    String email = api.signUp();
    String cookie =
        api.anyone()
            .post("/api/v1/sessions", credentials(email, PASSWORD))
            .header("Set-Cookie")
            .orElseThrow();
    ContractClient browser = api.anyone().with("Cookie", cookie.split(";", 2)[0]);
    Map<String, Object> token = Map.of("name", "t", "scopes", List.of("account"));

    // when
    int read = browser.get("/api/v1/users/me").status();
    int bare = browser.post("/api/v1/tokens", token).status();
    int foreign =
        browser.with("Sec-Fetch-Site", "cross-site").post("/api/v1/tokens", token).status();
    int foreignOrigin =
        browser.with("Origin", "http://evil.example").post("/api/v1/tokens", token).status();
    int own = browser.with("Sec-Fetch-Site", "same-origin").post("/api/v1/tokens", token).status();
    int ownOrigin =
        browser.with("Origin", api.uri().toString()).post("/api/v1/tokens", token).status();

    // then
    assertThat(cookie).contains("HttpOnly", "SameSite=Lax", "Path=/").doesNotContain("Secure");
    assertThat(List.of(read, bare, foreign, foreignOrigin, own, ownOrigin))
        .containsExactly(200, 403, 403, 403, 201, 201);
  }

  @Test
  void changingThePasswordNeedsTheCurrentOneAndEndsOtherSessions() {
    // given
    String email = api.signUp();
    ContractClient one = api.logIn(email);
    ContractClient other = api.logIn(email);

    // when
    Exchange wrong =
        one.patch(
            "/api/v1/users/me",
            Map.of("password", "another password", "currentPassword", "not the password"));
    Exchange missing = one.patch("/api/v1/users/me", Map.of("password", "another password"));
    Exchange right =
        one.patch(
            "/api/v1/users/me",
            Map.of("password", "another password", "currentPassword", PASSWORD));

    // then
    assertThat(wrong.expect(422).pointers()).containsExactly("/currentPassword");
    assertThat(missing.expect(422).pointers()).containsExactly("/currentPassword");
    right.expect(200);
    one.get("/api/v1/users/me").expect(200);
    other.get("/api/v1/users/me").expect(401);
    api.anyone().post("/api/v1/sessions", credentials(email, PASSWORD)).expect(401);
    api.anyone().post("/api/v1/sessions", credentials(email, "another password")).expect(200);
  }

  @Test
  void theAddressCanBeChangedToAFreeOne() {
    // given
    ContractClient user = api.newUser();

    // when
    Exchange taken =
        user.patch(
            "/api/v1/users/me", Map.of("email", "user1@example.org", "currentPassword", PASSWORD));
    Exchange free =
        user.patch(
            "/api/v1/users/me", Map.of("email", "Moved@example.org", "currentPassword", PASSWORD));

    // then
    taken.expect(409);
    assertThat(free.expect(200).field("email")).isEqualTo("moved@example.org");
  }

  @Test
  void aTokenIsShownOnceScopedAndExpires() {
    // given
    ContractClient user = api.newUser();

    // when
    Exchange created =
        user.post(
                "/api/v1/tokens",
                Map.of(
                    "name",
                    "ci",
                    "scopes",
                    List.of("account"),
                    "expiresAt",
                    api.clock().instant().plusSeconds(60).toString()))
            .expect(201);
    ContractClient bearer = api.anyone().as(created.field("token"));
    Exchange shown = user.get(created.header("Location").orElseThrow());
    bearer.get("/api/v1/users/me").expect(200);
    api.clock().advance(Duration.ofMinutes(2));
    int expired = bearer.get("/api/v1/users/me").status();
    api.clock().advance(Duration.ofMinutes(-2));

    // then
    assertThat(created.field("token")).startsWith("area_").hasSize(48);
    assertThat(shown.text()).doesNotContain(created.field("token"));
    assertThat(user.get("/api/v1/tokens/" + created.field("id")).body().get("lastUsedAt").isNull())
        .isFalse();
    assertThat(expired).isEqualTo(401);
  }

  @Test
  void aTokenCannotGiveMoreThanItsMakerHas() {
    // given
    ContractClient user = api.newUser();
    ContractClient limited = api.token(user, "account");

    // when
    int more =
        limited
            .post("/api/v1/tokens", Map.of("name", "x", "scopes", List.of("areas:write")))
            .status();
    int admins =
        user.post("/api/v1/tokens", Map.of("name", "x", "scopes", List.of("admin"))).status();
    Exchange unknown =
        user.post("/api/v1/tokens", Map.of("name", "x", "scopes", List.of("account", "all")));

    // then
    assertThat(List.of(more, admins)).containsOnly(403);
    assertThat(unknown.expect(422).pointers()).containsExactly("/scopes/1");
  }

  @Test
  void tokensOfOthersDoNotExist() {
    // given
    ContractClient mine = api.newUser();
    ContractClient theirs = api.newUser();
    String id =
        mine.post("/api/v1/tokens", Map.of("name", "x", "scopes", List.of("account"))).field("id");

    // when
    int read = theirs.get("/api/v1/tokens/" + id).status();
    int deleted = theirs.delete("/api/v1/tokens/" + id).status();
    int listed = theirs.get("/api/v1/tokens").body().get("items").size();

    // then
    assertThat(List.of(read, deleted, listed)).containsExactly(404, 404, 0);
    mine.delete("/api/v1/tokens/" + id).expect(204);
    mine.get("/api/v1/tokens/" + id).expect(404);
  }

  @Test
  void pagesFollowOneAnotherNewestFirst() {
    // given
    ContractClient user = api.newUser();
    for (int i = 1; i <= 5; i++) {
      user.post("/api/v1/tokens", Map.of("name", "t" + i, "scopes", List.of("account")))
          .expect(201);
    }

    // when
    List<String> names = new ArrayList<>();
    String next = "";
    do {
      Exchange page = user.get("/api/v1/tokens?limit=2" + next).expect(200);
      page.body().get("items").forEach(item -> names.add(item.get("name").asText()));
      next = page.body().get("next").isNull() ? "" : "&cursor=" + page.field("next");
    } while (!next.isEmpty());

    // then
    assertThat(names).containsExactly("t5", "t4", "t3", "t2", "t1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=-1",
        "limit=1&limit=2",
        "cursor=%25",
        "cursor=YWJj",
        "surprise=1"
      })
  void unusableParametersAreNamed(String query) {
    // when
    Exchange answer = admin.get("/api/v1/users?" + query);

    // then
    assertThat(answer.expect(400).pointers())
        .containsExactly("/" + query.substring(0, query.indexOf('=')));
  }

  @Test
  void anAdminDisablesAUserOnceAndTheirLoginsEnd() {
    // given
    String email = api.signUp();
    ContractClient user = api.logIn(email);
    ContractClient token = api.token(user, "account");
    String id = user.get("/api/v1/users/me").field("id");

    // when
    Exchange disabled = admin.patch("/api/v1/users/" + id, Map.of("disabled", true)).expect(200);
    admin.patch("/api/v1/users/" + id, Map.of("disabled", true)).expect(200);

    // then
    assertThat(disabled.body().get("disabled").asBoolean()).isTrue();
    user.get("/api/v1/users/me").expect(401);
    token.get("/api/v1/users/me").expect(401);
    api.anyone().post("/api/v1/sessions", credentials(email, PASSWORD)).expect(403);
    admin.patch("/api/v1/users/" + id, Map.of("disabled", false)).expect(200);
    token.get("/api/v1/users/me").expect(200);
    assertThat(SUSPENSIONS.stream().filter(entry -> entry.startsWith(id)))
        .containsExactly(id + " true", id + " false");
  }

  @Test
  void administrationIsForAdminsAndNotAgainstOneself() {
    // given
    ContractClient user = api.newUser();
    String adminId = admin.get("/api/v1/users/me").field("id");

    // when
    int list = user.get("/api/v1/users").status();
    int disable = user.patch("/api/v1/users/" + adminId, Map.of("disabled", true)).status();
    int oneself = admin.patch("/api/v1/users/" + adminId, Map.of("disabled", true)).status();
    int nobody =
        admin.patch("/api/v1/users/" + UUID.randomUUID(), Map.of("disabled", true)).status();

    // then
    assertThat(List.of(list, disable, oneself, nobody)).containsExactly(403, 403, 409, 404);
    assertThat(admin.get("/api/v1/users").body().get("items").size()).isGreaterThan(1);
  }

  @Test
  void manySignUpsAtOnceMakeOneAdmin() throws Exception {
    // given
    try (TestApi fresh = TestApi.builder().start();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // when
      List<Future<String>> roles = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Map<String, String> body = credentials("u" + i + "@example.org", PASSWORD);
        roles.add(
            threads.submit(
                () -> fresh.anyone().post("/api/v1/users", body).expect(201).field("role")));
      }
      int admins = 0;
      for (Future<String> role : roles) {
        admins += role.get().equals("admin") ? 1 : 0;
      }

      // then
      assertThat(admins).isEqualTo(1);
    }
  }

  @Test
  void closedSignUpLetsOnlyTheFirstUserIn() {
    // given
    try (TestApi closed = TestApi.builder().signUp(SignUp.CLOSED).start()) {
      String before = closed.anyone().get("/api/v1/info").field("signUp");

      // when
      closed.signUp();
      Exchange second =
          closed.anyone().post("/api/v1/users", credentials("b@example.org", PASSWORD));

      // then
      second.expect(403);
      assertThat(before).isEqualTo("open");
      assertThat(closed.anyone().get("/api/v1/info").field("signUp")).isEqualTo("closed");
    }
  }

  @Test
  void beyondLoopbackTheFirstUserNeedsTheSetUpTokenAndSignUpClosesAfter() {
    // given
    try (TestApi open = TestApi.builder().beyondLoopback().setUpToken("let me in").start()) {
      ContractClient anyone = open.anyone();
      boolean required = anyone.get("/api/v1/info").body().get("setUpTokenRequired").asBoolean();

      // when
      int without = anyone.post("/api/v1/users", credentials("a@example.org", PASSWORD)).status();
      int wrong = anyone.post("/api/v1/users", withToken("guess")).status();
      int right = anyone.post("/api/v1/users", withToken("let me in")).status();
      int second = anyone.post("/api/v1/users", credentials("b@example.org", PASSWORD)).status();

      // then
      assertThat(required).isTrue();
      assertThat(List.of(without, wrong, right, second)).containsExactly(403, 403, 201, 403);
    }
  }

  @Test
  void overHttpsTheCookieIsBoundToTheHost() {
    // given
    try (TestApi https = TestApi.builder().publicUrl("https://area.example.org").start()) {
      String email = https.signUp();

      // when
      Exchange login = https.anyone().post("/api/v1/sessions", credentials(email, PASSWORD));

      // then
      assertThat(login.header("Set-Cookie").orElseThrow())
          .startsWith("__Host-area_session=session_")
          .contains("; Secure", "; Path=/")
          .doesNotContain("Domain");
      assertThat(login.header("Strict-Transport-Security")).isPresent();
    }
  }

  private static Map<String, String> credentials(String email, String password) {
    return Map.of("email", email, "password", password);
  }

  private static Map<String, String> withToken(String setUpToken) {
    return Map.of("email", "a@example.org", "password", PASSWORD, "setUpToken", setUpToken);
  }
}
