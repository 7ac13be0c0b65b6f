package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.expressions.Problem;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PollSourceTest {
  private final Action action = ServiceCatalog.bundled().action("http", "new_item").orElseThrow();
  private final PollSource poll = (PollSource) action.source();

  @Test
  void itemsComeInTheOrderOfTheListAndOnceEach() throws UnusableAnswerException {
    // when
    var items = poll.items(inputs(), bytes("[{\"id\":\"b\"},{\"id\":1},{\"id\":\"b\",\"x\":2}]"));

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
    assertThat(poll.items(inputs(), list(PollSource.MOST_ITEMS))).hasSize(PollSource.MOST_ITEMS);
    assertThatThrownBy(() -> poll.items(inputs(), list(PollSource.MOST_ITEMS + 1)))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("at most 1000 items");
  }

  @Test
  void theEntityTagOfTheLastAnswerIsSent() {
    // then
    assertThat(poll.request(inputs(), "\"v1\"").headers()).containsEntry("If-None-Match", "\"v1\"");
    assertThat(poll.request(inputs(), null).headers()).doesNotContainKey("If-None-Match");
    assertThat(poll.every()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void aPointerThatIsNoneIsAProblemOfItsInput() {
    // when
    var problems =
        new InputsValidator().validate(action, inputs().put("items", "data").put("id", "id"));

    // then
    assertThat(problems.stream().map(Problem::pointer)).containsExactly("/items", "/id");
  }

  private void assertRefused(String body, String message) {
    assertThatThrownBy(() -> poll.items(inputs(), bytes(body)))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining(message);
  }

  private static byte[] list(int size) {
    return bytes(
        IntStream.range(0, size)
            .mapToObj(i -> "{\"id\":" + i + "}")
            .collect(Collectors.joining(",", "[", "]")));
  }

  private static ObjectNode inputs() {
    return JsonNodeFactory.instance.objectNode().put("url", "https://example.org/list");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
