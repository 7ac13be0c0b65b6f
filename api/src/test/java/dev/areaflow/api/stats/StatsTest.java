package dev.areaflow.api.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.api.ContractClient;
import dev.areaflow.api.Exchange;
import dev.areaflow.api.areas.AreaApi;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StatsTest {
  private static final String PATH = "/api/v1/stats";
  private static final Percentage TEN = Percentage.withPercentage(10);

  private final AreaApi areas = new AreaApi();
  private final Instant today = Instant.now().truncatedTo(ChronoUnit.DAYS);
  private final Instant yesterday = today.minus(1, ChronoUnit.DAYS);
  private final String days = "?by=day&from=" + yesterday + "&to=" + today.plusSeconds(1);

  private ContractClient user = areas.api().newUser();
  private UUID owner = UUID.randomUUID();

  @BeforeEach
  void newUser() {
    user = areas.api().newUser();
    owner = UUID.fromString(user.get("/api/v1/users/me").field("id"));
  }

  @AfterAll
  void close() {
    areas.close();
  }

  private void count(Instant hour, UUID area, String service, int events, int succeeded) {
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "INSERT INTO run_hours VALUES (:owner, :hour, :area, :service, :events,"
                            + " :runs + 1, 0, 0, :runs, 1, -1)")
                    .bind("owner", owner)
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .bind("area", area)
                    .bind("service", service)
                    .bind("events", events)
                    .bind("runs", succeeded)
                    .execute());
  }

  private void took(Instant hour, UUID area, String interval, int runs) {
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "INSERT INTO run_latencies VALUES (:owner, :hour, :area, 'github',"
                            + " latency_bucket(CAST(:took AS interval)), :runs)")
                    .bind("owner", owner)
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .bind("area", area)
                    .bind("took", interval)
                    .bind("runs", runs)
                    .execute());
  }

  private void delivered(Instant hour, String hook, String service, int accepted) {
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "INSERT INTO hook_hours VALUES (:owner, :hour, CAST(:hook AS uuid),"
                            + " :service, :accepted, 1, 2)")
                    .bind("owner", owner)
                    .bind("hour", hour.atOffset(ZoneOffset.UTC))
                    .bind("hook", hook)
                    .bind("service", service)
                    .bind("accepted", accepted)
                    .execute());
  }

  private JsonNode items(String query) {
    return user.get(PATH + query).expect(200).body().path("items");
  }

  private static List<String> texts(JsonNode items, String pointer) {
    List<String> texts = new ArrayList<>();
    items.forEach(item -> texts.add(item.at(pointer).asText()));
    return texts;
  }

  @Test
  void hoursAddUpToDays() {
    // given
    UUID area = UUID.randomUUID();
    count(yesterday, area, "github", 10, 3);
    count(yesterday.plus(1, ChronoUnit.HOURS), area, "github", 20, 4);
    count(yesterday.minus(1, ChronoUnit.HOURS), area, "github", 1_000, 1);

    // when
    JsonNode day = items(days);
    JsonNode hours = items(days.replace("day", "hour"));

    // then
    assertThat(texts(day, "/time")).containsExactly(yesterday.toString());
    assertThat(texts(day, "/events")).containsExactly("30");
    assertThat(texts(day, "/matches")).containsExactly("9");
    assertThat(texts(day, "/runs/succeeded")).containsExactly("7");
    assertThat(texts(day, "/runs/failed")).containsExactly("2");
    assertThat(texts(day, "/runs/cancelled")).containsExactly("0");
    assertThat(day.at("/0/latency").isNull()).isTrue();
    assertThat(texts(hours, "/events")).containsExactly("10", "20");
  }

  @Test
  void areasAndServicesAreToldApartAndChosen() {
    // given
    UUID one = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    count(yesterday, one, "github", 1, 1);
    count(yesterday, one, "rss", 2, 1);
    count(yesterday, other, "rss", 4, 1);
    count(yesterday, other, "", 8, 1);

    // when
    JsonNode byArea = items(days + "&group=area");
    JsonNode byService = items(days + "&group=service");

    // then
    assertThat(texts(byArea, "/areaId"))
        .containsExactlyInAnyOrder(one.toString(), other.toString());
    assertThat(texts(byArea, "/events")).containsExactlyInAnyOrder("3", "12");
    assertThat(texts(byService, "/events")).containsExactly("8", "1", "6");
    assertThat(byService.at("/0/service").isNull()).isTrue();
    assertThat(texts(items(days + "&areaId=" + one), "/events")).containsExactly("3");
    assertThat(texts(items(days + "&service=rss&group=area&areaId=" + other), "/events"))
        .containsExactly("4");
  }

  @Test
  void percentilesAreThoseOfAllRunsOfTheTime() {
    // given
    UUID area = UUID.randomUUID();
    count(yesterday, area, "github", 100, 99);
    took(yesterday, area, "100 milliseconds", 30);
    took(yesterday.plus(2, ChronoUnit.HOURS), area, "100 milliseconds", 21);
    took(yesterday, area, "1 second", 45);
    took(yesterday, area, "1 day", 4);

    // when
    JsonNode latency = items(days + "&group=area").at("/0/latency");

    // then
    assertThat(latency.path("runs").asLong()).isEqualTo(100);
    assertThat(latency.path("p50").asLong()).isCloseTo(100, TEN);
    assertThat(latency.path("p95").asLong()).isCloseTo(1_000, TEN);
    assertThat(latency.path("p99").asLong()).isCloseTo(86_400_000, TEN);
  }

  @Test
  void deliveriesAreThoseToTheHooksOfAnArea() {
    // given
    JsonNode area =
        user.post("/api/v1/areas", AreaApi.webhook("listening", "none")).expect(201).body();
    String id = area.path("id").asText();
    delivered(yesterday, area.at("/hook/id").asText(), "webhook", 5);
    delivered(yesterday, UUID.randomUUID().toString(), "github", 7);

    // when
    JsonNode all = items(days);

    // then
    assertThat(texts(all, "/deliveries/accepted")).containsExactly("12");
    assertThat(texts(all, "/deliveries/refused")).containsExactly("4");
    assertThat(texts(all, "/matches")).containsExactly("0");
    for (String query : List.of("&areaId=" + id, "&group=area", "&service=webhook")) {
      assertThat(texts(items(days + query), "/deliveries/accepted")).as(query).containsExactly("5");
    }
    assertThat(items(days + "&group=area").at("/0/areaId").asText()).isEqualTo(id);
    assertThat(texts(items(days + "&group=service"), "/service"))
        .containsExactly("github", "webhook");
  }

  @Test
  void figuresAreTheirOwnersAlone() {
    // given
    count(yesterday, UUID.randomUUID(), "github", 1, 1);

    // when
    newUser();

    // then
    assertThat(items(days)).isEmpty();
  }

  @Test
  void aDayOfHoursIsShownWhereNothingElseIsAskedFor() {
    // when
    JsonNode shown = user.get(PATH).expect(200).body();

    // then
    Instant from = Instant.parse(shown.path("from").asText());
    Instant to = Instant.parse(shown.path("to").asText());
    assertThat(shown.path("by").asText()).isEqualTo("hour");
    assertThat(ChronoUnit.HOURS.between(from, to)).isEqualTo(24);
    assertThat(to).isCloseTo(Instant.now(), within(61, ChronoUnit.MINUTES));
  }

  @ParameterizedTest
  @CsvSource({
    "?by=week, /by",
    "?group=owner, /group",
    "?from=2026-01-01T00:00:00Z&to=2026-02-02T00:00:00Z, /from",
    "?by=day&from=2025-01-01T00:00:00Z&to=2026-03-01T00:00:00Z, /from",
    "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z, /from",
    "?areaId=x, /areaId"
  })
  void whatCannotBeShownIsNamed(String query, String pointer) {
    // when
    Exchange answer = user.get(PATH + query);

    // then
    assertThat(answer.expect(400).pointers()).containsExactly(pointer);
  }

  @Test
  void anAnswerIsBounded() {
    // given
    areas
        .api()
        .database()
        .jdbi()
        .useHandle(
            handle ->
                handle
                    .createUpdate(
                        "INSERT INTO run_hours SELECT :owner, CAST(:hour AS timestamptz),"
                            + " uuidv7(), 'rss', 1, 1, 0, 0, 1, 0, 0"
                            + " FROM generate_series(1, 10001)")
                    .bind("owner", owner)
                    .bind("hour", yesterday.atOffset(ZoneOffset.UTC))
                    .execute());

    // when
    Exchange answer = user.get(PATH + days + "&group=area");

    // then
    assertThat(answer.expect(400).field("detail")).contains("more than 10000 items");
    assertThat(texts(items(days), "/events")).containsExactly("10001");
  }
}
