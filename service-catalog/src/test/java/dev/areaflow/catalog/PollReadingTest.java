package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PollReadingTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00.250Z");
  private static final String SERVICE =
      """
      apiVersion: area/v1
      id: shop
      name: Shop
      version: 1.0.0
      description: Sells things.
      actions:
        - id: sold
          description: A thing is sold
          inputs:
            - {key: url, title: URL, description: Where, type: string, default: "https://shop.example/api?v=2"}
            - {key: state, title: State, description: Which, type: string}
          poll:
            request: {method: GET, url: "${inputs.url}", query: {since: "${cursor}", state: "${inputs.state}", per_page: 2}}
            items: {pointer: /things}
            id: {pointer: /id}
            every: PT1M
            etag: false
      $$
          output: {schema: sold.schema.json, sample: sold.sample.json}
      reactions: []
      tests: {actions: {}, reactions: {}}
      """;

  @Test
  void withoutACursorItsParameterIsLeftOut() {
    // given
    PollSource source = source("cursor: {type: number, next: {max: /id}}");

    // then
    assertThat(source.reading(inputs(), from(null), NOW).request().uri())
        .hasToString("https://shop.example/api?v=2&per_page=2");
    assertThat(source.reading(inputs().put("state", "a b&c"), from("7"), NOW).request().uri())
        .hasToString("https://shop.example/api?v=2&since=7&state=a%20b%26c&per_page=2");
  }

  @Test
  void aTimeStartsNowAndIsAskedForWithItsLookback() throws UnusableAnswerException {
    // given
    PollSource source = source("cursor: {type: time, init: now, next: {max: /at}, lookback: PT2M}");
    PollReading first = source.reading(inputs(), from(null), NOW);

    // when
    String asked = first.request().uri().toString();
    first.read(page("{\"id\":1,\"at\":\"2026-03-02T10:58:00+01:00\"}"));
    PollSource.Found nothingNewer = first.found();
    PollReading second = source.reading(inputs(), from(nothingNewer.cursor()), NOW.plusSeconds(60));
    second.request();
    second.read(
        page(
            "{\"id\":2,\"at\":\"2026-03-02T10:00:30Z\"},{\"id\":3,\"at\":\"2099-01-01T00:00:00Z\"}"));

    // then
    assertThat(asked).contains("since=2026-03-02T09%3A58%3A00Z");
    assertThat(nothingNewer.cursor()).isEqualTo("2026-03-02T10:00:00.250Z");
    assertThat(second.found().cursor()).isEqualTo(NOW.plusSeconds(60).toString());
  }

  @Test
  void aTimeMayBeSentInSeconds() {
    // given
    PollSource source =
        source("cursor: {type: time, init: now, next: {max: /at}, format: seconds}");

    // then
    assertThat(source.reading(inputs(), from(null), NOW).request().uri().getQuery())
        .contains("since=" + NOW.getEpochSecond());
  }

  @Test
  void numbersAreComparedAsNumbersWhateverTheirLength() throws UnusableAnswerException {
    // given
    PollReading reading =
        source("cursor: {type: number, next: {max: /id}}").reading(inputs(), from("99"), NOW);

    // when
    reading.request();
    reading.read(page("{\"id\":\"1000000000000000000000\"},{\"id\":\"998\"}"));

    // then
    assertThat(reading.found().cursor()).isEqualTo("1000000000000000000000");
  }

  @Test
  void pagesAreFollowedByTheirLinksOnTheSameHostOnly() throws UnusableAnswerException {
    // given
    PollSource source = source("paginate: {type: link}");
    PollReading reading = source.reading(inputs(), from(null), NOW);
    PollReading elsewhere = source.reading(inputs(), from(null), NOW);
    reading.request();
    elsewhere.request();

    // when
    boolean more =
        reading.read(
            page(
                "{\"id\":1}",
                "link",
                "<https://shop.example/api?page=0>; rel=\"prev\", </api?page=2,3>; rel=\"next last\""));
    String next = reading.request().uri().toString();
    boolean evenMore = reading.read(page("{\"id\":2},{\"id\":1}", "link", "</api>; rel=first"));

    // then
    assertThat(more).isTrue();
    assertThat(next).isEqualTo("https://shop.example/api?page=2,3");
    assertThat(evenMore).isFalse();
    assertThat(reading.found().items().stream().map(PollSource.Item::id)).containsExactly("1", "2");
    assertThatThrownBy(
            () ->
                elsewhere.read(
                    page("{\"id\":1}", "link", "<https://evil.example/api>; rel=\"next\"")))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("found another host");
  }

  @Test
  void aCursorInTheBodyLeadsToTheNextPageAndAnotherToTheNextPoll() throws UnusableAnswerException {
    // given
    PollReading reading =
        source(
                "paginate: {type: cursor, next: /nextPage, param: pageToken}",
                "cursor: {type: token, next: {pointer: /nextSync}}")
            .reading(inputs(), from("s1"), NOW);

    // when
    String first = reading.request().uri().getQuery();
    reading.read(answer("{\"things\":[{\"id\":1}],\"nextPage\":\"p+2\"}"));
    String second = reading.request().uri().getRawQuery();
    boolean more = reading.read(answer("{\"things\":[{\"id\":2}],\"nextSync\":\"s2\"}"));

    // then
    assertThat(first).isEqualTo("v=2&since=s1&per_page=2");
    assertThat(second).isEqualTo("v=2&since=s1&per_page=2&pageToken=p%2B2");
    assertThat(more).isFalse();
    assertThat(reading.found().cursor()).isEqualTo("s2");
    assertThat(reading.found().items()).hasSize(2);
    assertThat(reading.found().cut()).isNull();
  }

  @Test
  void pagesAndOffsetsAreCountedUntilOneIsNotFull() throws UnusableAnswerException {
    // given
    PollReading pages =
        source("paginate: {type: page, param: page, size: 2}").reading(inputs(), from(null), NOW);
    PollReading offsets =
        source("paginate: {type: offset, param: skip}").reading(inputs(), from(null), NOW);

    // then
    assertThat(pages.request().uri().getQuery()).endsWith("page=1");
    assertThat(pages.read(page("{\"id\":1},{\"id\":2}"))).isTrue();
    assertThat(pages.request().uri().getQuery()).endsWith("page=2");
    assertThat(pages.read(page("{\"id\":3}"))).isFalse();
    assertThat(offsets.request().uri().getQuery()).doesNotContain("skip");
    assertThat(offsets.read(page("{\"id\":1},{\"id\":2}"))).isTrue();
    assertThat(offsets.request().uri().getQuery()).endsWith("skip=2");
    assertThat(offsets.read(page("{\"id\":3}"))).isTrue();
    assertThat(offsets.request().uri().getQuery()).endsWith("skip=3");
    assertThat(offsets.read(page(""))).isFalse();
  }

  @Test
  void ofPagesWithTheNewestFirstTheOldestItemComesFirst() throws UnusableAnswerException {
    // given
    PollReading reading =
        source("paginate: {type: page, param: page, size: 2}", "order: newest_first")
            .reading(inputs(), from(null), NOW);

    // when
    reading.request();
    reading.read(page("{\"id\":4},{\"id\":3}"));
    reading.request();
    reading.read(page("{\"id\":2}"));

    // then
    assertThat(reading.found().items().stream().map(PollSource.Item::id))
        .containsExactly("2", "3", "4");
  }

  @Test
  void aPollThatIsCutGoesOnWhereItWasCutOrSaysThatItCannot() throws UnusableAnswerException {
    // given
    PollSource source =
        source(
            "paginate: {type: page, param: page, most: 2}",
            "cursor: {type: number, next: {max: /id}}");
    PollReading cut = source.reading(inputs(), from("1"), NOW);
    PollReading stuck = source.reading(inputs(), from("4"), NOW);

    // when
    for (PollReading reading : new PollReading[] {cut, stuck}) {
      reading.request();
      assertThat(reading.read(page("{\"id\":1},{\"id\":2}"))).isTrue();
      reading.request();
      assertThat(reading.read(page("{\"id\":3},{\"id\":4}"))).isFalse();
    }

    // then
    assertThat(cut.found().cut()).isEqualTo("more than 2 pages");
    assertThat(cut.found().cursor()).isEqualTo("4");
    assertThatThrownBy(stuck::found)
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected to get on, found more than 2 pages");
  }

  @Test
  void whatIsNotInOrderIsUsedOnlyWhereNothingIsCut() throws UnusableAnswerException {
    // given
    PollSource source =
        source(
            "paginate: {type: page, param: page, size: 2, most: 2}",
            "cursor: {type: number, next: {max: /id}}");
    PollReading whole = source.reading(inputs(), from("0"), NOW);
    PollReading cut = source.reading(inputs(), from("0"), NOW);

    // when
    whole.request();
    whole.read(page("{\"id\":9},{\"id\":8}"));
    whole.request();
    whole.read(page("{\"id\":7}"));
    cut.request();
    cut.read(page("{\"id\":9},{\"id\":8}"));
    cut.request();
    cut.read(page("{\"id\":7},{\"id\":6}"));

    // then
    assertThat(whole.found().cursor()).isEqualTo("9");
    assertThatThrownBy(cut::found)
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected the oldest first, because there is more than 2 pages");
  }

  @Test
  void withTheNewestFirstPagesAreReadBackToTheCursorsTime() throws UnusableAnswerException {
    // given
    PollSource source =
        source(
            "paginate: {type: page, param: page, most: 2}",
            "cursor: {type: time, init: now, next: {max: /at}, lookback: PT2M}",
            "order: newest_first");
    PollReading first = source.reading(inputs(), from(null), NOW);
    PollReading later = source.reading(inputs(), from("2026-03-02T09:00:00Z"), NOW);
    PollReading cut = source.reading(inputs(), from("2026-03-02T09:00:00Z"), NOW);

    // when
    first.request();
    boolean moreAtFirst = first.read(page(at(2, "09:59") + "," + at(1, "09:57")));
    later.request();
    boolean more = later.read(page(at(5, "09:50") + "," + at(4, "09:40")));
    later.request();
    boolean evenMore =
        later.read(page(at(3, "08:58") + "," + at(2, "08:57") + "," + at(1, "07:00")));
    cut.request();
    cut.read(page(at(5, "09:50") + "," + at(4, "09:40")));
    cut.request();
    cut.read(page(at(3, "09:30") + "," + at(2, "09:20")));

    // then
    assertThat(moreAtFirst).isFalse();
    assertThat(first.found().items().stream().map(PollSource.Item::id)).containsExactly("2");
    assertThat(more).isTrue();
    assertThat(evenMore).isFalse();
    assertThat(later.found().items().stream().map(PollSource.Item::id))
        .containsExactly("3", "4", "5");
    assertThat(later.found().cursor()).isEqualTo("2026-03-02T09:50:00Z");
    assertThat(later.found().cut()).isNull();
    assertThatThrownBy(cut::found)
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessage(
            "expected to get back to 2026-03-02T08:58:00Z, found more than 2 pages that are newer;"
                + " disable the hook and enable it to begin anew");
  }

  private static String at(int id, String time) {
    return "{\"id\":" + id + ",\"at\":\"2026-03-02T" + time + ":00Z\"}";
  }

  @Test
  void moreItemsThanCanBeRememberedAreLeftToTheNextPoll() throws UnusableAnswerException {
    // given
    PollReading reading =
        source("paginate: {type: page, param: page}", "cursor: {type: number, next: {max: /id}}")
            .reading(inputs(), from("0"), NOW);

    // when
    reading.request();
    boolean more = reading.read(page(things(1, 700)));
    reading.request();
    boolean evenMore = reading.read(page(things(701, 1_400)));

    // then
    assertThat(more).isTrue();
    assertThat(evenMore).isFalse();
    assertThat(reading.found().items()).hasSize(700);
    assertThat(reading.found().cursor()).isEqualTo("700");
    assertThat(reading.found().cut()).isEqualTo("more than 1000 items");
  }

  @Test
  void anIdMayHaveParts() throws UnusableAnswerException {
    // given
    PollReading reading =
        source("id: [{pointer: /id}, {pointer: /version}]").reading(inputs(), from(null), NOW);

    // when
    reading.request();
    reading.read(page("{\"id\":1,\"version\":\"a\"},{\"id\":1,\"version\":\"b\"}"));

    // then
    assertThat(reading.found().items().stream().map(PollSource.Item::id))
        .containsExactly("1:a", "1:b");
  }

  @Test
  void aMissingCursorIsAFailureAndNoSilence() throws UnusableAnswerException {
    // given
    PollReading token =
        source("cursor: {type: token, next: {pointer: /next}}").reading(inputs(), from(null), NOW);
    PollReading time =
        source("cursor: {type: time, next: {max: /at}}").reading(inputs(), from(null), NOW);

    // when
    token.request();
    token.read(page("{\"id\":1}"));
    time.request();

    // then
    assertThatThrownBy(token::found).hasMessageContaining("expected a cursor for the next poll");
    assertThatThrownBy(() -> time.read(page("{\"id\":1,\"at\":\"yesterday\"}")))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected a time at /at of each item");
  }

  @Test
  void onlyTheStatusesOfTheManifestAreAnInvalidCursor() {
    // given
    PollSource source = source("cursor: {type: token, next: {pointer: /next}, on_invalid: [410]}");

    // then
    assertThat(source.isInvalidCursor(410, from("c"))).isTrue();
    assertThat(source.isInvalidCursor(404, from("c"))).isFalse();
    assertThat(source.isInvalidCursor(410, from(null))).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "paginate: {type: page} | /paginate/param is required",
        "paginate: {type: link, param: page} | /paginate/param",
        "paginate: {type: cursor, param: page} | /paginate/next is required",
        "cursor: {type: token, next: {max: /id}} | /cursor/next/pointer is required",
        "cursor: {type: number, next: {max: /id}, lookback: PT1M} | /cursor/lookback",
        "cursor: {type: time, next: {max: /at}, on_invalid: [410]} | /cursor/on_invalid",
        "where: item.id == | /where",
        "where: event.id == 1 | /where",
      })
  void aManifestThatCannotWorkIsRefused(String part, String message) {
    assertThatThrownBy(() -> source(part.strip()))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("/actions/0/poll" + message.strip());
  }

  @Test
  void whatWouldLoseItemsIsRefused() {
    assertThatThrownBy(
            () -> source("cursor: {type: number, next: {max: /id}}", "order: newest_first"))
        .hasMessageContaining("/poll/order expected oldest_first");
    assertThatThrownBy(() -> source("paginate: {type: link}", "etag: true"))
        .hasMessageContaining("/poll/etag expected false");
    assertThatThrownBy(
            () ->
                source(
                    "request: {method: GET, url: \"${inputs.url}\", query: {a: \"${cursor}\", b:"
                        + " \"x${then}\"}}"))
        .hasMessageContaining("/poll/request/query/a there is no cursor here")
        .hasMessageContaining("/poll/request/query/b expected ${inputs.KEY}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "Mon, 02 Mar 2026 09:57:00 GMT | 2026-03-02T09:57:00Z", // ours is three minutes ahead
        "Mon, 02 Mar 2026 10:03:00 GMT | 2026-03-02T10:00:00.250Z",
        "Mon, 02 Mar 2026 09:59:59 GMT | 2026-03-02T10:00:00.250Z",
        "Sun, 01 Mar 2026 10:00:00 GMT | 2026-03-02T10:00:00.250Z",
        "yesterday                     | 2026-03-02T10:00:00.250Z",
      })
  void aPollBeginsAtTheTimeOfTheClockThatIsBehind(String date, String cursor)
      throws UnusableAnswerException {
    // given
    PollSource source = source("cursor: {type: time, init: now, next: {max: /at}}");
    PollReading first = source.reading(inputs(), from(null), NOW);
    PollReading later = source.reading(inputs(), from(NOW.toString()), NOW);

    // when
    first.request();
    first.read(page("", "date", date));
    later.request();
    later.read(page("", "date", date));

    // then
    assertThat(first.found().cursor()).isEqualTo(cursor);
    assertThat(later.found().cursor()).isEqualTo(NOW.toString());
  }

  @Test
  void aTimeThatNobodyCanMeanIsNone() throws UnusableAnswerException {
    // given
    PollReading reading = source("time: /at").reading(inputs(), from(null), NOW);

    // when
    reading.request();
    reading.read(
        page(
            "{\"id\":1,\"at\":1772445600000000},{\"id\":2,\"at\":-5},{\"id\":3,\"at\":1772445600}"));

    // then
    assertThat(reading.found().items().stream().map(PollSource.Item::time))
        .containsExactly(null, null, NOW.truncatedTo(ChronoUnit.SECONDS));
  }

  /** A source with these parts, each of which replaces the one of its name. */
  private static PollSource source(String... parts) {
    String text = SERVICE;
    for (String part : parts) {
      String name = part.substring(0, part.indexOf(':'));
      text = text.replaceAll("(?m)^      " + name + ": .*\n", "");
    }
    if (text.contains("since: \"${cursor}\", ") && !String.join("", parts).contains("cursor: {")) {
      text = text.replace("since: \"${cursor}\", ", "");
    }
    String all =
        IntStream.range(0, parts.length)
            .mapToObj(i -> "      " + parts[i])
            .collect(Collectors.joining("\n"));
    Map<String, String> files =
        Map.of(
            "manifest.yaml",
            text.replace("$$\n", all + "\n"),
            "sold.schema.json",
            "{}",
            "sold.sample.json",
            "{}");
    Service service =
        new ManifestLoader(ServiceAddresses.asDeclared())
            .load(
                "shop",
                name -> {
                  @Nullable String file = files.get(name);
                  return file == null ? null : file.getBytes(UTF_8);
                });
    return (PollSource) service.action("sold").orElseThrow().source();
  }

  private static PollSource.From from(@Nullable String cursor) {
    return new PollSource.From(2, cursor, null, null);
  }

  private static ObjectNode inputs() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static OutboundResponse page(String things, String... header) {
    return new OutboundResponse(
        200,
        header.length == 0 ? Map.of() : Map.of(header[0], header[1]),
        ("{\"things\":[" + things + "]}").getBytes(UTF_8));
  }

  private static OutboundResponse answer(String body) {
    return new OutboundResponse(200, Map.of(), body.getBytes(UTF_8));
  }

  private static String things(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> "{\"id\":" + i + "}")
        .collect(Collectors.joining(","));
  }
}
