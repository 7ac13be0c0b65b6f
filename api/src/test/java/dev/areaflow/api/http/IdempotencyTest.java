package dev.areaflow.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.TestApi;
import dev.areaflow.api.accounts.SignUp;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class IdempotencyTest {
  private static final Map<String, Object> TOKEN =
      Map.of("name", "ci", "scopes", List.of("account"));
  private static final Map<String, Object> OTHER =
      Map.of("name", "cd", "scopes", List.of("account"));

  private static TestApi api;

  @BeforeAll
  static void start() {
    api = TestApi.builder().start();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void theSameRequestGetsTheSameAnswerAndHappensOnce() {
    // given
    ContractClient user = api.newUser();
    ContractClient keyed = user.with("Idempotency-Key", "b4c9-1");

    // when
    Exchange first = keyed.post("/api/v1/tokens", TOKEN).expect(201);
    Exchange second = keyed.post("/api/v1/tokens", TOKEN).expect(201);

    // then
    assertThat(second.text()).isEqualTo(first.text());
    assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    assertThat(user.get("/api/v1/tokens").body().get("items")).hasSize(1);
  }

  @Test
  void anotherBodyOrAnotherAddressIsRefused() {
    // given
    ContractClient keyed = api.newUser().with("Idempotency-Key", "b4c9-2");
    keyed.post("/api/v1/tokens", TOKEN).expect(201);

    // when
    Exchange body = keyed.post("/api/v1/tokens", OTHER);
    Exchange address =
        keyed.post("/api/v1/users", Map.of("email", "x@example.org", "password", "12345678"));

    // then
    body.expect(422);
    address.expect(201); // signing up has no caller, so its keys are others
  }

  @Test
  void keysOfOthersAreOtherKeys() {
    // given
    String key = "b4c9-3";
    Exchange mine = api.newUser().with("Idempotency-Key", key).post("/api/v1/tokens", TOKEN);

    // when
    Exchange theirs = api.newUser().with("Idempotency-Key", key).post("/api/v1/tokens", OTHER);

    // then
    assertThat(theirs.expect(201).field("id")).isNotEqualTo(mine.expect(201).field("id"));
  }

  @Test
  void aKeyIsFreeAgainAfterADayAndAfterAFailure() {
    // given
    ContractClient keyed = api.newUser().with("Idempotency-Key", "b4c9-4");
    keyed.post("/api/v1/tokens", Map.of("name", "", "scopes", List.of())).expect(422);
    keyed.post("/api/v1/tokens", TOKEN).expect(201);

    // when
    api.clock().advance(Duration.ofHours(25));
    Exchange next = keyed.post("/api/v1/tokens", OTHER);
    api.idempotency().forgetOld();
    api.clock().advance(Duration.ofHours(-25));

    // then
    next.expect(201);
  }

  @Test
  void duplicatesAtTheSameTimeWaitForTheFirst() throws Exception {
    // given
    ContractClient user = api.newUser();
    ContractClient keyed = user.with("Idempotency-Key", "b4c9-5");

    // when
    List<Future<String>> answers = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 5; i++) {
        answers.add(
            threads.submit(() -> keyed.post("/api/v1/tokens", TOKEN).expect(201).field("id")));
      }
    }

    // then
    String id = answers.getFirst().get();
    for (Future<String> answer : answers) {
      assertThat(answer.get()).isEqualTo(id);
    }
    assertThat(user.get("/api/v1/tokens").body().get("items")).hasSize(1);
  }

  @Test
  void aSignUpIsRepeatableAndNothingReadableIsStored() {
    // given
    ContractClient keyed = api.anyone().with("Idempotency-Key", "b4c9-6");
    Map<String, String> body = Map.of("email", "once@example.org", "password", "a long password");

    // when
    Exchange first = keyed.post("/api/v1/users", body).expect(201);
    Exchange second = keyed.post("/api/v1/users", body).expect(201);

    // then
    assertThat(second.text()).isEqualTo(first.text());
    List<String> stored =
        api.database()
            .jdbi()
            .withHandle(
                handle ->
                    handle
                        .createQuery(
                            "SELECT id || fingerprint || answer AS row FROM idempotency_keys")
                        .map((row, context) -> latin(row.getBytes("row")))
                        .list());
    assertThat(String.join("", stored))
        .isNotEmpty()
        .doesNotContain("b4c9", "once@example.org", "area_", "password");
  }

  @Test
  void aSignUpIsCheckedAndHashedBeforeItsTransaction() throws Exception {
    // given a transaction that holds the key, for which another one has to wait
    byte[] id =
        MessageDigest.getInstance("SHA-256")
            .digest("anyone\nb4c9-7".getBytes(StandardCharsets.UTF_8));
    ContractClient keyed = api.anyone().with("Idempotency-Key", "b4c9-7");

    // when
    Exchange answer =
        api.database()
            .jdbi()
            .inTransaction(
                handle -> {
                  handle.execute(
                      "INSERT INTO idempotency_keys (id, fingerprint, created_at)"
                          + " VALUES (?, '', now())",
                      (Object) id);
                  Exchange inside =
                      keyed.post(
                          "/api/v1/users", Map.of("email", "short@example.org", "password", "x"));
                  handle.rollback();
                  return inside;
                });

    // then
    answer.expect(422);
  }

  @Test
  void theFirstSignUpIsRepeatableWhereTheNextIsRefused() {
    try (TestApi closed = TestApi.builder().signUp(SignUp.CLOSED).start()) {
      // given
      ContractClient keyed = closed.anyone().with("Idempotency-Key", "b4c9-8");
      Map<String, String> body =
          Map.of("email", "first@example.org", "password", "a long password");
      Exchange first = keyed.post("/api/v1/users", body).expect(201);

      // when
      Exchange second = keyed.post("/api/v1/users", body);

      // then
      assertThat(second.expect(201).text()).isEqualTo(first.text());
      keyed
          .post("/api/v1/users", Map.of("email", "b@example.org", "password", "12345678"))
          .expect(422);
      closed.anyone().post("/api/v1/users", body).expect(403);
    }
  }

  @Test
  void aKeyThatIsNoneIsNamed() {
    // given
    ContractClient keyed = api.newUser().with("Idempotency-Key", "two words");

    // when
    Exchange answer = keyed.post("/api/v1/tokens", TOKEN);

    // then
    assertThat(answer.expect(400).pointers()).containsExactly("/Idempotency-Key");
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
