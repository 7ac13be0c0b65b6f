package dev.areaflow.ingest.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.schemas.rows.HookRow;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webclient.http1.Http1ClientRequest;
import io.helidon.webclient.http1.Http1ClientResponse;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hooks' one route without a socket, and the order in which a delivery is checked. */
@RoutingTest
final class HookRoutingTest {
  private static final int BODY_BYTES = 1_000;
  private static final IngressLimits LIMITS =
      new IngressLimits(BODY_BYTES, 1, 100, 100, 1_000_000, Duration.ofSeconds(20));

  /** Deliveries until the rate's burst, one, is used up; a slow machine refills it meanwhile. */
  private static final int MANY = 1_000;

  private static final String TOO_LARGE = "x".repeat(BODY_BYTES + 1);
  private static final String MALFORMED = "{";
  private static final String WELL = "{}";
  private static final String WRONG_TYPE = "text/html";
  private static final String JSON = "application/json";

  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final HookTable TABLE = new HookTable(row -> Hook.of(row, CATALOG, TestHooks.KEY));
  private static final FakeEvents EVENTS = new FakeEvents();
  private static final SlowBodies SLOW = new SlowBodies(LIMITS.bodyWithin());

  private final DirectClient client;
  private final HookRow hook = signedHook();

  HookRoutingTest(DirectClient client) {
    this.client = client;
  }

  @SetUpRoute
  static void route(HttpRouting.Builder routing) {
    TABLE.markComplete();
    SLOW.start();
    routing.register(
        new HookEndpoint(
            RunningHooks.URL,
            TestHooks.KEY,
            TABLE,
            EVENTS,
            new HookTallies(100),
            LIMITS,
            SLOW,
            new SettableClock(TestHooks.NOW),
            new SimpleMeterRegistry()));
  }

  @AfterAll
  static void close() {
    SLOW.close();
  }

  @BeforeEach
  void keepEvents() {
    EVENTS.keepAll();
  }

  /** What a delivery is answered, and, where it is to come again, when. */
  private record Told(int status, String type, String retryAfter) {
    static Told problem(int status) {
      return new Told(status, "application/problem+json", "");
    }

    static Told again(int status, String after) {
      return new Told(status, "application/problem+json", after);
    }
  }

  @Test
  void sizeComesFirst() {
    // given
    EVENTS.fail();
    useUpRate();

    // when
    Told told = deliver("nonsense", "", WRONG_TYPE, TOO_LARGE);

    // then
    assertThat(told).isEqualTo(Told.problem(413));
  }

  @Test
  void thenTheSignature() {
    // given
    EVENTS.fail();
    useUpRate();

    // when
    Told told = deliver(token(), "sha256=" + "0".repeat(64), WRONG_TYPE, MALFORMED);

    // then
    assertThat(told).isEqualTo(Told.problem(401));
  }

  @Test
  void thenTheMediaType() {
    // given
    EVENTS.fail();
    useUpRate();

    // when
    Told told = deliver(token(), signature(MALFORMED), WRONG_TYPE, MALFORMED);

    // then
    assertThat(told).isEqualTo(Told.problem(415));
  }

  @Test
  void thenTheJson() {
    // given
    EVENTS.fail();
    useUpRate();

    // when
    Told told = deliver(token(), signature(MALFORMED), JSON, MALFORMED);

    // then
    assertThat(told).isEqualTo(Told.problem(400));
  }

  @Test
  void thenTheRate() {
    // given
    EVENTS.fail();

    // when
    Told told = useUpRate();

    // then
    assertThat(told.status()).isEqualTo(429);
    assertThat(told.type()).isEqualTo("application/problem+json");
    assertThat(Integer.parseInt(told.retryAfter())).isBetween(1, 2);
  }

  @Test
  void thenWhetherItCanBeKept() {
    // given
    EVENTS.fail();

    // when
    Told told = deliver(token(), signature(WELL), JSON, WELL);

    // then
    assertThat(told).isEqualTo(Told.again(503, "2"));
  }

  @Test
  void andThenItIsAccepted() {
    // when
    Told told = deliver(token(), signature(WELL), JSON, WELL);

    // then
    assertThat(told).isEqualTo(new Told(202, "application/json", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "PATCH", "DELETE", "OPTIONS"})
  void aHookTakesPostOnly(String method) {
    // when
    try (Http1ClientResponse answer =
        client.method(Method.create(method)).path("/hooks/" + token()).request()) {
      // then
      assertThat(answer.status().code()).isEqualTo(405);
      assertThat(answer.headers().value(HeaderNames.ALLOW)).contains("POST");
      assertThat(answer.headers().value(HeaderNames.CONTENT_TYPE))
          .contains("application/problem+json");
    }
  }

  private static HookRow signedHook() {
    HookRow row =
        TestHooks.row(
            UUID.randomUUID(), "webhook", "received", "{\"verification\":\"hmac-sha256\"}");
    TABLE.apply(row.id(), row);
    return row;
  }

  /** Delivers well until the hook takes no more; what it answered then. */
  private Told useUpRate() {
    for (int i = 0; i < MANY; i++) {
      Told told = deliver(token(), signature(WELL), JSON, WELL);
      if (told.status() == 429) {
        return told;
      }
    }
    throw new AssertionError("the rate is never over");
  }

  private String token() {
    return TestHooks.KEY.token(UUID.fromString(hook.id()));
  }

  private String signature(String body) {
    return TestHooks.signature(UUID.fromString(hook.id()), 1, body.getBytes(UTF_8));
  }

  private Told deliver(String token, String signature, String type, String body) {
    Http1ClientRequest request =
        client
            .post("/hooks/" + token)
            .header(HeaderNames.CONTENT_TYPE, type)
            .header(HeaderNames.create("X-Hub-Signature-256"), signature);
    try (Http1ClientResponse answer = request.submit(body.getBytes(UTF_8))) {
      return new Told(
          answer.status().code(),
          answer.headers().value(HeaderNames.CONTENT_TYPE).orElse(""),
          answer.headers().value(HeaderNames.RETRY_AFTER).orElse(""));
    }
  }
}
