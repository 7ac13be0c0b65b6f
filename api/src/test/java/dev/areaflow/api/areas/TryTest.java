package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.areaflow.api.ContractClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TryTest {
  private static final String PATH = "/api/v1/areas/try";

  private final AreaApi areas = new AreaApi();
  private final ContractClient user = areas.api().newUser();

  @AfterAll
  void close() {
    areas.close();
  }

  @Test
  void aGivenEventShowsVerdictAndRequestsAndLeavesNothing() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none");
    definition.put("when", "event.amount > 5");
    ObjectNode inputs = (ObjectNode) definition.at("/reactions/0/inputs");
    inputs.put("url", "https://example.org/in?for=${event.name}");
    inputs.putObject("body").put("amount", "${event.amount}").put("text", "got ${event.amount}");

    // when
    JsonNode tried =
        user.post(
                PATH,
                Map.of("definition", definition, "event", Map.of("amount", 7, "name", "a b&c")))
            .expect(200)
            .body();

    // then
    assertThat(tried.at("/verdict/result").asText()).isEqualTo("matched");
    JsonNode request = tried.at("/requests/0");
    assertThat(request.path("method").asText()).isEqualTo("POST");
    assertThat(request.path("url").asText()).isEqualTo("https://example.org/in?for=a%20b%26c");
    assertThat(request.path("body")).isEqualTo(AreaApi.json("{\"amount\":7,\"text\":\"got 7\"}"));
    assertThat(user.get("/api/v1/areas").body().path("items")).isEmpty();
    assertThat(user.get("/api/v1/hooks").body().path("items")).isEmpty();
  }

  @Test
  void withoutAnEventTheSampleIsUsed() {
    // given
    ObjectNode definition = AreaApi.bugTriage("sample");
    definition.remove("when");
    definition.remove("name");

    // when
    JsonNode tried = user.post(PATH, Map.of("definition", definition)).expect(200).body();

    // then
    assertThat(tried.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(tried.at("/requests/0/body/number").isIntegralNumber()).isTrue();
  }

  @Test
  void anEventThatIsRefusedOrLacksAFieldSaysSo() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none").put("when", "event.amount > 5");

    // when
    JsonNode refused =
        user.post(PATH, Map.of("definition", definition, "event", Map.of("amount", 1)))
            .expect(200)
            .body();

    // then
    assertThat(refused.at("/verdict/result").asText()).isEqualTo("filtered");
    assertThat(refused.path("requests")).isEmpty();
    JsonNode error =
        user.post(PATH, Map.of("definition", definition, "event", Map.of())).expect(200).body();
    assertThat(error.at("/verdict/result").asText()).isEqualTo("error");
    assertThat(error.at("/verdict/detail").asText()).contains("amount");
  }

  @Test
  void aTemplateWithoutAValueIsShownAtItsReaction() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none");
    ((ObjectNode) definition.at("/reactions/0/inputs")).put("body", "${event.missing}");

    // when
    JsonNode tried =
        user.post(PATH, Map.of("definition", definition, "event", Map.of())).expect(200).body();

    // then
    assertThat(tried.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(tried.at("/requests/0/error").asText()).contains("missing");
  }

  @Test
  void aBodyIsShownAsItIsSent() {
    // given
    ObjectNode definition = AreaApi.webhook("try", "none");
    ObjectNode inputs = (ObjectNode) definition.at("/reactions/0/inputs");
    inputs.putObject("headers").put("content-type", "text/plain");
    inputs.put("body", "${event.count} apples");

    // when
    JsonNode tried =
        user.post(PATH, Map.of("definition", definition, "event", Map.of("count", 5)))
            .expect(200)
            .body();

    // then
    assertThat(tried.at("/requests/0/body")).isEqualTo(TextNode.valueOf("5 apples"));
    inputs.put("body", "5");
    assertThat(
            user.post(PATH, Map.of("definition", definition, "event", Map.of()))
                .expect(200)
                .body()
                .at("/requests/0/body"))
        .isEqualTo(TextNode.valueOf("5"));
  }

  @Test
  void whatIsWrongPointsIntoTheBody() {
    // given
    ObjectNode definition = AreaApi.bugTriage("wrong").put("when", "event.issue.number");

    // when
    var answer = user.post(PATH, Map.of("definition", definition, "event", Map.of()));

    // then
    assertThat(answer.expect(422).pointers()).containsExactly("/definition/when");
    assertThat(user.post(PATH, Map.of("event", 1)).expect(422).pointers())
        .containsExactly("/definition");
    definition.remove("when");
    assertThat(user.post(PATH, Map.of("definition", definition, "event", 1)).expect(422).pointers())
        .containsExactly("/event");
  }

  @Test
  void anEventMayBeAnyJsonWhereTheActionTakesAny() {
    // given
    ObjectNode definition =
        AreaApi.webhook("try", "none").put("when", "event.exists(order, order.total > 5)");
    ((ObjectNode) definition.at("/reactions/0/inputs")).put("body", "${event[0].total}");

    // when
    JsonNode tried =
        user.post(PATH, Map.of("definition", definition, "event", List.of(Map.of("total", 7))))
            .expect(200)
            .body();

    // then
    assertThat(tried.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(tried.at("/requests/0/body").asInt()).isEqualTo(7);
    definition.put("when", "event == 'on'");
    ((ObjectNode) definition.at("/reactions/0/inputs")).put("body", "it is ${event}");
    JsonNode text =
        user.post(PATH, Map.of("definition", definition, "event", "on")).expect(200).body();
    assertThat(text.at("/verdict/result").asText()).isEqualTo("matched");
    assertThat(text.at("/requests/0/body").asText()).isEqualTo("it is on");
  }
}
