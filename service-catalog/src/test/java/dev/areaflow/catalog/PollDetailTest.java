package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.catalog.http.OutboundResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Polls whose list only names what is new. */
final class PollDetailTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
  private static final String MANIFEST =
      """
      apiVersion: area/v1
      id: shop
      name: Shop
      version: 1.0.0
      description: Sells things.
      http: {base_url: "https://shop.example"}
      actions:
        - id: sold
          description: A thing is sold
          inputs:
            - {key: color, title: Color, description: Which color, type: string}
          poll:
            request: {method: GET, url: /history, query: {since: "${cursor}"}}
            paginate: {type: cursor, next: /next, param: page, most: 2}
            cursor: {type: token, init: {}, next: {pointer: /last}, on_invalid: [404]}
            items: {pointer: /history, optional: true}
            id: {pointer: /id}
            detail:
              request: {method: GET, url: "/things/${inputs.item}"}
              each: /added
              id: /id
              resume: /id
              time: /at
              where: "!has(inputs.color) || item.color == inputs.color"
            etag: false
            every: PT1M
          output: {schema: sold.schema.json, sample: sold.sample.json}
      reactions: []
      tests: {actions: {}, reactions: {}}
      """;

  private final List<String> asked = new ArrayList<>();

  @Test
  void eachThingThatTheListNamesIsAskedForAndBecomesAnItem() throws UnusableAnswerException {
    // given
    PollReading reading = reading();

    // when
    boolean more =
        read(
            reading,
            "{'history':[{'id':11,'added':[{'id':'a'},{'id':'b/c'}]},{'id':12}],'last':20}");
    more &= read(reading, "{'color':'red','at':'1772445600123'}");
    boolean last = read(reading, "{'color':'blue','at':1772445601}");

    // then
    PollSource.Found found = reading.found();
    assertThat(more).isTrue();
    assertThat(last).isFalse();
    assertThat(asked)
        .containsExactly(
            "https://shop.example/history?since=10",
            "https://shop.example/things/a",
            "https://shop.example/things/b%2Fc");
    assertThat(found.items().stream().map(PollSource.Item::id)).containsExactly("a", "b/c");
    assertThat(found.items().stream().map(PollSource.Item::time))
        .containsExactly(
            Instant.parse("2026-03-02T10:00:00.123Z"), Instant.parse("2026-03-02T10:00:01Z"));
    assertThat(new String(found.items().getFirst().payload(), UTF_8)).contains("red");
    assertThat(found.cursor()).isEqualTo("20");
    assertThat(found.cut()).isNull();
  }

  @Test
  void withoutAListNothingIsNew() throws UnusableAnswerException {
    // given
    PollReading reading = reading();

    // when
    boolean more = read(reading, "{'last':21}");

    // then
    assertThat(more).isFalse();
    assertThat(reading.found().items()).isEmpty();
    assertThat(reading.found().cursor()).isEqualTo("21");
  }

  @Test
  void whatIsGoneOrDoesNotCountIsNoItem() throws UnusableAnswerException {
    // given
    PollReading reading =
        source(MANIFEST)
            .reading(
                JsonNodeFactory.instance.objectNode().put("color", "red"),
                new PollSource.From(2, "10", null, null),
                NOW);
    boolean inList = reading.isGone(404);
    read(reading, "{'history':[{'id':11,'added':[{'id':'a'},{'id':'b'},{'id':'c'}]}],'last':20}");

    // when
    boolean gone = reading.isGone(404);
    boolean more = reading.skip();
    read(reading, "{'color':'green'}");
    read(reading, "{'color':'red'}");

    // then
    assertThat(inList).isFalse();
    assertThat(gone).isTrue();
    assertThat(reading.isGone(500)).isFalse();
    assertThat(more).isTrue();
    assertThat(reading.found().items().stream().map(PollSource.Item::id)).containsExactly("c");
  }

  @Test
  void whatIsTooMuchForOnePollIsLeftToTheNext() throws UnusableAnswerException {
    // given
    PollReading reading = reading();
    String history =
        IntStream.range(0, 101)
            .mapToObj(i -> "{'id':%d,'added':[{'id':'t%d'}]}".formatted(100 + i, i))
            .collect(Collectors.joining(","));

    // when
    boolean more = read(reading, "{'history':[" + history + "],'last':900}");
    int details = 0;
    while (more) {
      more = read(reading, "{'color':'red'}");
      details++;
    }

    // then
    assertThat(details).isEqualTo(100);
    assertThat(reading.found().items()).hasSize(100);
    assertThat(reading.found().cursor()).isEqualTo("199");
    assertThat(reading.found().cut()).isEqualTo("more than 100 items");
  }

  @Test
  void aPollThatRanOutOfTimeGoesOnBehindTheLastWholeItem() throws UnusableAnswerException {
    // given
    PollReading reading = reading();
    read(
        reading,
        "{'history':[{'id':11,'added':[{'id':'a'}]},{'id':12,'added':[{'id':'b'},{'id':'c'}]}],'last':20}");
    read(reading, "{'color':'red'}");
    read(reading, "{'color':'red'}");

    // when
    reading.cut("no time");

    // then
    assertThat(reading.found().items().stream().map(PollSource.Item::id)).containsExactly("a", "b");
    assertThat(reading.found().cursor()).isEqualTo("11");
  }

  @Test
  void aPollThatAskedForNothingFails() throws UnusableAnswerException {
    // given
    PollReading reading = reading();
    read(reading, "{'history':[{'id':11,'added':[{'id':'a'}]}],'last':20}");

    // when
    reading.cut("no time");

    // then
    assertThatThrownBy(reading::found)
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected to get on");
  }

  @Test
  void pagesThatWereNotReadAreLeftToTheNextPoll() throws UnusableAnswerException {
    // given
    PollReading reading = reading();

    // when
    read(reading, "{'history':[{'id':11,'added':[{'id':'a'}]}],'last':90,'next':'p2'}");
    read(reading, "{'history':[{'id':12,'added':[{'id':'b'}]}],'last':90,'next':'p3'}");
    read(reading, "{'color':'red'}");
    read(reading, "{'color':'red'}");

    // then
    assertThat(asked)
        .containsExactly(
            "https://shop.example/history?since=10",
            "https://shop.example/history?since=10&page=p2",
            "https://shop.example/things/a",
            "https://shop.example/things/b");
    assertThat(reading.found().items()).hasSize(2);
    assertThat(reading.found().cursor()).isEqualTo("12");
  }

  @Test
  void aThingWithoutAnIdIsAnUnusableAnswer() {
    PollReading reading = reading();

    assertThatThrownBy(() -> read(reading, "{'history':[{'id':11,'added':[{'id':{}}]}],'last':2}"))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("/id");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{key: color, | {key: item, | /detail/request expected no input item",
        "${inputs.item} | ${inputs.thing} | /detail/request/url expected one of the inputs [color, item]",
        "item.color == inputs.color | item.color == | /detail/where",
        "paginate: {type: cursor, next: /next, param: page, most: 2} | order: newest_first | /detail expected the poll's order",
        "cursor: {type: token, init: {}, next: {pointer: /last}, on_invalid: [404]} | order: oldest_first | /actions/0/poll",
      })
  void aManifestThatCannotWorkIsRefused(String part, String instead, String message) {
    assertThat(MANIFEST).contains(part);
    assertThatThrownBy(() -> source(MANIFEST.replace(part, instead)))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(message);
  }

  /** The list has ids only, the newest first; what is asked for has the time. */
  private static final String TIMED =
      MANIFEST
          .replace(
              "cursor: {type: token, init: {}, next: {pointer: /last}, on_invalid: [404]}",
              "order: newest_first\n      cursor: {type: time, init: now, next: {max: /at}, format:"
                  + " seconds, lookback: PT1M}")
          .replace("        each: /added\n", "")
          .replace(
              "        resume: /id\n",
              "        otherwise: {method: GET, url: \"/less/${inputs.item}\"}\n");

  private static PollReading timed() {
    return source(TIMED)
        .reading(
            JsonNodeFactory.instance.objectNode(),
            new PollSource.From(2, "2026-03-02T09:00:00Z", null, null),
            NOW);
  }

  @Test
  void theOldestIsAskedForFirstAndTheNewestTimeIsTheCursor() throws UnusableAnswerException {
    // given
    PollReading reading = timed();

    // when
    read(reading, "{'history':[{'id':'d'},{'id':'c'}],'next':'p'}");
    read(reading, "{'history':[{'id':'b'},{'id':'a'}]}");
    for (String time : List.of("09:10", "09:20", "09:30", "09:40")) {
      read(reading, "{'at':'2026-03-02T" + time + ":00Z'}");
    }

    // then
    assertThat(asked)
        .containsExactly(
            "https://shop.example/history?since=1772441940",
            "https://shop.example/history?since=1772441940&page=p",
            "https://shop.example/things/a",
            "https://shop.example/things/b",
            "https://shop.example/things/c",
            "https://shop.example/things/d");
    assertThat(reading.found().items())
        .extracting(PollSource.Item::id)
        .containsExactly("a", "b", "c", "d");
    assertThat(reading.found().cursor()).isEqualTo("2026-03-02T09:40:00Z");
  }

  @Test
  void theFirstPollBeginsWithTheTimeOfTheClockThatIsBehind() throws UnusableAnswerException {
    // given
    PollReading reading =
        source(TIMED)
            .reading(JsonNodeFactory.instance.objectNode(), PollSource.From.BEGINNING, NOW);
    var _ = reading.request();

    // when
    reading.read(
        new OutboundResponse(
            200, Map.of("date", "Mon, 02 Mar 2026 09:58:00 GMT"), "{}".getBytes(UTF_8)));

    // then
    assertThat(reading.found().cursor()).isEqualTo("2026-03-02T09:58:00Z");
  }

  @Test
  void aCutPollGoesOnBehindTheNewestThatWasAskedFor() throws UnusableAnswerException {
    // given
    PollReading reading = timed();
    read(reading, "{'history':[{'id':'b'},{'id':'a'}]}");
    read(reading, "{'at':'2026-03-02T09:10:00Z'}");

    // when
    reading.cut("more pages than there was time for");

    // then
    assertThat(reading.found().cursor()).isEqualTo("2026-03-02T09:10:00Z");
    assertThat(reading.found().items()).extracting(PollSource.Item::id).containsExactly("a");
  }

  @Test
  void aListThatDoesNotGetBackToTheCursorIsRefused() throws UnusableAnswerException {
    // given
    PollReading reading = timed();
    read(reading, "{'history':[{'id':'d'}],'next':'p'}");

    // when
    boolean more = read(reading, "{'history':[{'id':'c'}],'next':'q'}");

    // then
    assertThat(more).isFalse();
    assertThatThrownBy(reading::found)
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected to get back to 2026-03-02T09:00:00Z");
  }

  @Test
  void lessIsAskedForOfWhatIsTooLong() throws UnusableAnswerException {
    // given
    PollReading reading = timed();
    read(reading, "{'history':[{'id':'a'}]}");

    // when
    boolean more = read(reading, "{'at':'2026-03-02T09:10:00Z','cut");
    boolean last = read(reading, "{'at':'2026-03-02T09:10:00Z'}");

    // then
    assertThat(more).isTrue();
    assertThat(last).isFalse();
    assertThat(asked).last().isEqualTo("https://shop.example/less/a");
    assertThat(reading.found().items()).hasSize(1);
  }

  @Test
  void whatIsNothingEitherTimeIsRefused() throws UnusableAnswerException {
    // given
    PollReading reading = timed();
    read(reading, "{'history':[{'id':'a'}]}");
    read(reading, "cut");

    // when, then
    assertThatThrownBy(() -> read(reading, "cut")).isInstanceOf(UnusableAnswerException.class);
  }

  private boolean read(PollReading reading, String answer) throws UnusableAnswerException {
    asked.add(reading.request().uri().toString());
    return reading.read(
        new OutboundResponse(200, Map.of(), answer.replace('\'', '"').getBytes(UTF_8)));
  }

  private static PollReading reading() {
    return source(MANIFEST)
        .reading(
            JsonNodeFactory.instance.objectNode(), new PollSource.From(2, "10", null, null), NOW);
  }

  private static PollSource source(String manifest) {
    Map<String, String> files =
        Map.of("manifest.yaml", manifest, "sold.schema.json", "{}", "sold.sample.json", "{}");
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
}
