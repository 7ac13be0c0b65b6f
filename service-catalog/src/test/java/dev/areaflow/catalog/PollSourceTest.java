package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.expressions.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PollSourceTest {
  private final Action action = ServiceCatalog.bundled().action("http", "new_item").orElseThrow();
  private final PollSource poll = (PollSource) action.source();
  private final PollSource changes =
      ServiceCatalog.bundled().source("http", "value_changed", PollSource.class).orElseThrow();

  @Test
  void itemsComeInTheOrderOfTheListAndOnceEach() throws UnusableAnswerException {
    // when
    var items = find("[{\"id\":\"b\"},{\"id\":1},{\"id\":\"b\",\"x\":2}]");

    // then
    assertThat(items.stream().map(PollSource.Item::id)).containsExactly("b", "1");
    assertThat(items.getFirst().payload()).isEqualTo(bytes("{\"id\":\"b\"}"));
  }

  @Test
  void anAnswerThatIsNotAsExpectedSaysWhatWasExpected() {
    // then
    assertRefused("[{\"id\":1}", "expected JSON");
    assertRefused("{\"id\":1}", "expected an array at the top");
    assertRefused("[{\"id\":1},{\"name\":2}]", "at /id of item 1");
    assertRefused("[{\"id\":1.5}]", "at /id of item 0");
    assertRefused("[{\"id\":\"\"}]", "at /id of item 0");
  }

  @Test
  void asManyItemsAsCanBeRememberedAreTakenAndNoMore() throws UnusableAnswerException {
    // then
    assertThat(find(list(PollSource.MOST_ITEMS))).hasSize(PollSource.MOST_ITEMS);
    assertThatThrownBy(() -> find(list(PollSource.MOST_ITEMS + 1)))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("at most 1000 items");
  }

  @Test
  void theValidatorsOfTheLastAnswerAreSent() {
    // given
    PollSource.From from = new PollSource.From(2, null, "\"v1\"", "Sat, 1 Aug 2026 10:00:00 GMT");

    // then
    assertThat(reading(poll, inputs(), from).request().headers())
        .containsEntry("If-None-Match", "\"v1\"")
        .containsEntry("If-Modified-Since", "Sat, 1 Aug 2026 10:00:00 GMT");
    assertThat(reading(poll, inputs(), PollSource.From.BEGINNING).request().headers())
        .containsOnlyKeys("Accept");
  }

  @Test
  void howOftenIsPolledTheInputsMaySayWithinBounds() {
    // then
    assertThat(poll.every(inputs())).isEqualTo(Duration.ofMinutes(1));
    assertThat(poll.every(inputs().put("every", "PT5S"))).isEqualTo(Duration.ofSeconds(5));
    for (String wrong : List.of("PT4S", "PT25H", "-PT5S")) {
      assertThat(new InputsValidator().validate(action, inputs().put("every", wrong)))
          .extracting(Problem::pointer)
          .containsExactly("/every");
    }
  }

  @Test
  void aPointerThatIsNoneIsAProblemOfItsInput() {
    // when
    var problems =
        new InputsValidator().validate(action, inputs().put("items", "data").put("id", "id"));

    // then
    assertThat(problems.stream().map(Problem::pointer)).containsExactly("/items", "/id");
  }

  @Test
  void aValueIsAnEventOnlyOnceItIsAnotherOne() throws UnusableAnswerException {
    // given
    PollSource.Found first = value("{\"a\":1.50,\"b\":{\"x\":1,\"y\":2}}", 1, null);

    // when
    PollSource.Found same = value("{\"b\":{\"y\":2,\"x\":1},\"a\":1.5}", 2, first.cursor());
    PollSource.Found other = value("{\"a\":null}", 3, first.cursor());
    PollSource.Found back = value("{\"a\":1.5,\"b\":{\"x\":1,\"y\":2}}", 4, other.cursor());

    // then
    assertThat(first.items()).isEmpty();
    assertThat(same.items()).isEmpty();
    assertThat(same.cursor()).isEqualTo(first.cursor());
    assertThat(payload(other))
        .isEqualTo("{\"value\":{\"a\":null},\"previous\":{\"a\":1.5,\"b\":{\"x\":1,\"y\":2}}}");
    assertThat(back.cursor()).isEqualTo(first.cursor());
    assertThat(back.items().getFirst().id()).startsWith("4-");
  }

  @Test
  void ofALongValueOnlyADigestIsKept() throws UnusableAnswerException {
    // given
    String text = "x".repeat(ValueFinder.LONGEST_KEPT);
    PollSource.Found first = value("\"" + text + "\"", 1, null);

    // when
    PollSource.Found same = value("\"" + text + "\"", 2, first.cursor());
    PollSource.Found other = value("7", 3, first.cursor());

    // then
    assertThat(first.cursor()).hasSizeLessThan(100);
    assertThat(same.items()).isEmpty();
    assertThat(payload(other)).isEqualTo("{\"value\":7,\"previous\":null}");
  }

  @Test
  void aPlaceWithoutAValueIsRefused() {
    // then
    assertThatThrownBy(
            () ->
                find(
                    changes, inputs().put("value", "/a/b"), "{\"a\":7}", PollSource.From.BEGINNING))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("expected a value at /a/b");
  }

  private PollSource.Found value(String body, long number, @Nullable String cursor)
      throws UnusableAnswerException {
    return find(changes, inputs(), body, new PollSource.From(number, cursor, null, null));
  }

  private static String payload(PollSource.Found found) {
    return new String(found.items().getFirst().payload(), UTF_8);
  }

  private List<PollSource.Item> find(String body) throws UnusableAnswerException {
    return find(poll, inputs(), body, PollSource.From.BEGINNING).items();
  }

  private void assertRefused(String body, String message) {
    assertThatThrownBy(() -> find(body))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining(message);
  }

  private static String list(int size) {
    return IntStream.range(0, size)
        .mapToObj(i -> "{\"id\":" + i + "}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static ObjectNode inputs() {
    return JsonNodeFactory.instance.objectNode().put("url", "https://example.org/list");
  }

  private static PollReading reading(PollSource source, ObjectNode inputs, PollSource.From from) {
    return source.reading(inputs, from, Instant.EPOCH);
  }

  private static PollSource.Found find(
      PollSource source, ObjectNode inputs, String body, PollSource.From from)
      throws UnusableAnswerException {
    PollReading reading = reading(source, inputs, from);
    assertThat(reading.read(new OutboundResponse(200, Map.of(), bytes(body)))).isFalse();
    return reading.found();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
