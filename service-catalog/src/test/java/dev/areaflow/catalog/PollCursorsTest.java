package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cursors that a provider gives: asked for first, as addresses, in bodies. */
final class PollCursorsTest {
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
            - {key: url, title: URL, description: Where, type: string}
            - {key: ahead, title: Ahead, description: How far, type: string}
          poll:
      POLL
          output: {schema: sold.schema.json, sample: sold.sample.json}
      reactions: []
      tests: {actions: {}, reactions: {}}
      """;
  private static final String REST =
      """
      items: {pointer: /value}
      id: {pointer: /id}
      etag: false
      every: PT1M
      """;
  private static final String DELTA =
      """
      request: {method: GET, url: "${inputs.url}", headers: {Prefer: odata.maxpagesize=50}, query: {$filter: "receivedDateTime ge ${now}"}}
      paginate: {type: link, next: /@odata.nextLink, most: 2}
      cursor:
        type: url
        init: {}
        next: {pointer: [/@odata.deltaLink, /@odata.nextLink]}
        on_invalid: [410]
      """
          + REST;
  private static final String CONTINUE =
      """
      request: {method: POST, url: "${inputs.url}", body: {cursor: "${cursor}"}}
      paginate: {type: cursor, next: /cursor, more: /has_more}
      cursor:
        type: token
        init: {request: {method: POST, url: "${inputs.url}", body: {path: /in}}, next: /latest}
        next: {pointer: /cursor}
        on_invalid: [409]
      """
          + REST;

  @Test
  void anAddressIsTheNextRequestAndTheFirstAnswerMakesNoItems() throws UnusableAnswerException {
    // given
    PollSource source = source(DELTA);
    PollReading first = source.reading(inputs(), from(null), NOW);

    // when
    String asked = first.request().uri().toString();
    boolean more =
        first.read(answer("{'value':[{'id':1}],'@odata.nextLink':'https://a.example/d?skip=1'}"));
    String page = first.request().uri().toString();
    boolean evenMore =
        first.read(answer("{'value':[{'id':2}],'@odata.deltaLink':'https://a.example/d?delta=2'}"));
    PollSource.Found start = first.found();
    OutboundRequest next = source.reading(inputs(), from(start.cursor()), NOW).request();

    // then
    assertThat(asked)
        .isEqualTo(
            "https://a.example/d?%24filter=receivedDateTime%20ge%202026-03-02T10%3A00%3A00Z");
    assertThat(more).isTrue();
    assertThat(page).isEqualTo("https://a.example/d?skip=1");
    assertThat(evenMore).isFalse();
    assertThat(start.items()).isEmpty();
    assertThat(next.uri()).hasToString("https://a.example/d?delta=2");
    assertThat(next.headers()).containsEntry("Prefer", "odata.maxpagesize=50");
  }

  @Test
  void aPollThatIsCutGoesOnWithItsNextPage() throws UnusableAnswerException {
    // given
    PollReading reading = source(DELTA).reading(inputs(), from("https://a.example/d?delta=2"), NOW);

    // when
    reading.request();
    reading.read(answer("{'value':[{'id':1}],'@odata.nextLink':'https://a.example/d?skip=1'}"));
    reading.request();
    reading.read(answer("{'value':[{'id':2}],'@odata.nextLink':'https://a.example/d?skip=2'}"));

    // then
    assertThat(reading.found().cut()).isEqualTo("more than 2 pages");
    assertThat(reading.found().cursor()).isEqualTo("https://a.example/d?skip=2");
    assertThat(reading.found().items()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "https://evil.example/d?delta=2, found another host",
    "http://a.example/d?delta=2, found another host",
    "https://a.example:444/d, found another host",
    "https://me@a.example/d, found another host",
    "https://[, expected the address",
  })
  void anAddressElsewhereIsRefused(String address, String message) {
    // given
    PollReading reading = source(DELTA).reading(inputs(), from(null), NOW);
    reading.request();

    // then
    assertThatThrownBy(
            () -> reading.read(answer("{'value':[],'@odata.deltaLink':'" + address + "'}")))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining(message);
  }

  @Test
  void anAddressOfBeforeTheServiceWasMovedStartsAnew() {
    // given
    PollReading reading =
        source(DELTA).reading(inputs(), from("https://old.example/d?delta=2"), NOW);

    // then
    assertThat(reading.request().uri().toString()).startsWith("https://a.example/d?%24filter=");
  }

  @Test
  void aCursorInTheBodyIsAskedForFirstAndMovesWithEachPage() throws UnusableAnswerException {
    // given
    PollSource source = source(CONTINUE);
    PollReading first = source.reading(inputs(), from(null), NOW);

    // when
    String asked = body(first.request());
    boolean more = first.read(answer("{'latest':'c${inputs.url}'}"));
    PollSource.Found start = first.found();
    PollReading second = source.reading(inputs(), from(start.cursor()), NOW);
    String page = body(second.request());
    boolean hasMore = second.read(answer("{'value':[{'id':1}],'cursor':'c2','has_more':true}"));
    String nextPage = body(second.request());
    boolean evenMore = second.read(answer("{'value':[{'id':2}],'cursor':'c3','has_more':false}"));

    // then
    assertThat(asked).isEqualTo("{\"path\":\"/in\"}");
    assertThat(more).isFalse();
    assertThat(start.items()).isEmpty();
    assertThat(page).isEqualTo("{\"cursor\":\"c${inputs.url}\"}");
    assertThat(hasMore).isTrue();
    assertThat(nextPage).isEqualTo("{\"cursor\":\"c2\"}");
    assertThat(evenMore).isFalse();
    assertThat(second.found().items()).hasSize(2);
    assertThat(second.found().cursor()).isEqualTo("c3");
  }

  @Test
  void aFirstListMayBeLongerThanAPollsAndGivesItsCursorLast() throws UnusableAnswerException {
    // given
    PollSource source =
        source(
            """
            request: {method: GET, url: "${inputs.url}", query: {syncToken: "${cursor}", single: true}}
            paginate: {type: cursor, next: /nextPageToken, param: pageToken, most: 1}
            cursor:
              type: token
              init: {request: {method: GET, url: "${inputs.url}", query: {from: "${now+inputs.ahead}"}}}
              next: {pointer: /nextSyncToken}
            """
                + REST);
    PollReading first = source.reading(inputs().put("ahead", "PT1H"), from(null), NOW);

    // when
    String asked = first.request().uri().getQuery();
    String list = "{'id':1},".repeat(999) + "{'id':2}";
    first.read(answer("{'value':[" + list + "],'nextPageToken':'p2'}"));
    String page = first.request().uri().getQuery();
    first.read(answer("{'value':[{'id':3}],'nextSyncToken':'s1'}"));
    PollSource.Found start = first.found();

    // then
    assertThat(asked).isEqualTo("from=2026-03-02T11:00:00Z");
    assertThat(page).isEqualTo("from=2026-03-02T11:00:00Z&pageToken=p2");
    assertThat(start.items()).isEmpty();
    assertThat(start.cursor()).isEqualTo("s1");
    assertThat(source.reading(inputs(), from("s1"), NOW).request().uri().getQuery())
        .isEqualTo("syncToken=s1&single=true");
  }

  @Test
  void whatIsThereAtFirstMayBeRememberedUpToAThousand() throws UnusableAnswerException {
    // given
    PollSource source =
        source(CONTINUE.replace("next: /latest}", "remember: true}").replace("/has_more", "/more"));
    PollReading few = source.reading(inputs(), from(null), NOW);
    PollReading many = source.reading(inputs(), from(null), NOW);

    // when
    few.request();
    boolean more = few.read(answer("{'value':[{'id':1}],'cursor':'c1','more':true}"));
    String page = body(few.request());
    few.read(answer("{'value':[{'id':2}],'cursor':'c2','more':false}"));
    many.request();
    many.read(
        answer("{'value':[" + "{'id':1},".repeat(999) + "{'id':2}],'cursor':'c','more':true}"));
    many.request();

    // then
    assertThat(more).isTrue();
    assertThat(page).isEqualTo("{\"cursor\":\"c1\"}");
    assertThat(few.found().items().stream().map(PollSource.Item::id)).containsExactly("1", "2");
    assertThat(few.found().cursor()).isEqualTo("c2");
    assertThatThrownBy(() -> many.read(answer("{'value':[{'id':3}],'cursor':'c3'}")))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected at most 1000 items to begin with");
  }

  @Test
  void anItemThatComesBackMayBeAnotherEvent() throws UnusableAnswerException {
    // given
    PollSource source = source(CONTINUE + "again: true\n");
    String id = "x".repeat(600);
    List<String> ids = new ArrayList<>();

    // when
    for (long number : new long[] {2, 2, 3}) {
      PollReading reading =
          source.reading(inputs(), new PollSource.From(number, "c", null, null), NOW);
      reading.request();
      reading.read(answer("{'value':[{'id':'" + id + "'},{'id':'" + id + "'}],'cursor':'d'}"));
      ids.add(reading.found().items().getFirst().id());
      assertThat(reading.found().items()).hasSize(1);
    }

    // then
    assertThat(ids.get(0)).isEqualTo(ids.get(1)).startsWith("2-").isNotEqualTo(ids.get(2));
  }

  @Test
  void withoutAFirstCursorNothingGoesOn() throws UnusableAnswerException {
    // given
    PollReading none = source(CONTINUE).reading(inputs(), from(null), NOW);
    PollReading endless = source(DELTA).reading(inputs(), from(null), NOW);

    // when
    none.request();
    none.read(answer("{'latest':''}"));
    int pages = 0;
    do {
      endless.request();
      pages++;
    } while (endless.read(answer("{'value':[],'@odata.nextLink':'/d?skip=" + pages + "'}")));

    // then
    assertThat(pages).isEqualTo(50);
    assertThatThrownBy(none::found).hasMessageContaining("expected a cursor for the next poll");
    assertThatThrownBy(endless::found)
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected to come to the first cursor, found more than 50 pages");
  }

  @Test
  void aTimeMayStandWithinAText() {
    // given
    PollSource source =
        source(
            """
            request: {method: GET, url: "${inputs.url}", query: {$filter: "createdDateTime ge ${cursor}", until: "${now}"}}
            cursor: {type: time, init: now, next: {max: /at}}
            """
                + REST);

    // then
    assertThat(source.reading(inputs(), from(null), NOW).request().uri().getQuery())
        .isEqualTo("$filter=createdDateTime ge 2026-03-02T10:00:00Z&until=2026-03-02T10:00:00Z");
  }

  @Test
  void whatIsAddedToTheTimeIsADuration() {
    // given
    PollSource source =
        source(
            "request: {method: GET, url: \"${inputs.url}\", query: {to: \"${now+inputs.ahead}\"}}\n"
                + REST);

    // then
    assertThat(source.check(inputs().put("ahead", "PT15M"))).isEmpty();
    assertThat(source.check(inputs().put("ahead", "soon"))).hasSize(1);
    assertThatThrownBy(
            () -> source.reading(inputs().put("ahead", "soon"), from(null), NOW).request())
        .isInstanceOf(InvalidInputsException.class)
        .hasMessageContaining("inputs/ahead: expected a duration of at most 366 days");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "init: {} | | /cursor/init",
        "init: now | init: {} | /cursor/init",
        "type: url | type: token | /cursor/init expected ${cursor} in the request",
        "${now}\" | ${cursor}\" | /cursor/type expected no ${cursor}",
        "${now}\" | ${then}\" | /request/query/$filter expected ${inputs.KEY}",
        "${now}\" | ${now+inputs.no}\" | /request/query/$filter expected one of the inputs",
        "init: {} | init: {request: {method: GET, url: \"${inputs.url}\", query: {a: \"${cursor}\"}}} | /cursor/init/request/query/a there is no cursor",
        "init: {} | init: {request: {method: GET, url: /a}} | /cursor/init/request/url",
        "init: {} | init: {remember: true} | /cursor/init/remember expected a cursor of the type token",
        "type: link, next: /@odata.nextLink | type: cursor, next: /n | /paginate expected param",
      })
  void aManifestThatCannotWorkIsRefused(String part, @Nullable String instead, String message) {
    String poll =
        part.equals("init: now")
            ? DELTA.replace("init: {}", part)
            : DELTA.replace(part, instead == null ? "" : instead);

    assertThatThrownBy(() -> source(poll))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("/actions/0/poll" + message);
  }

  private static PollSource source(String poll) {
    Map<String, String> files =
        Map.of(
            "manifest.yaml",
            SERVICE.replace("POLL\n", poll.indent(6)),
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
    return JsonNodeFactory.instance.objectNode().put("url", "https://a.example/d");
  }

  private static OutboundResponse answer(String body) {
    return new OutboundResponse(200, Map.of(), body.replace('\'', '"').getBytes(UTF_8));
  }

  private static String body(OutboundRequest request) {
    return new String(request.body().orElseThrow(), UTF_8);
  }
}
