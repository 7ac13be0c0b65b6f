package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.ProviderStub.Answer;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;

/** What options of every service must keep: at a stub that answers as the manifest documents. */
final class OptionContract {
  private final Service service;
  private final Manifest manifest;
  private final OptionList options;
  private final Manifest.OptionsTest test;
  private final ProviderStub stub;
  private final GuardedHttpClient client;

  /**
   * @param service at the stub
   */
  OptionContract(
      Service service,
      Manifest manifest,
      OptionList options,
      ProviderStub stub,
      GuardedHttpClient client) {
    this.service = service;
    this.manifest = manifest;
    this.options = options;
    this.test =
        requireNonNull(
            requireNonNull(manifest.tests().options(), "tests.options").get(options.name()),
            "tests.options." + options.name());
    this.stub = stub;
    this.client = client;
  }

  Stream<DynamicNode> tests() {
    return Stream.of(
        dynamicTest("are found in the documented answer", this::areFound),
        dynamicTest("are asked for below the base URL", this::stayBelow),
        dynamicTest("are not asked for at another host", this::stayAtTheirHost),
        dynamicTest("are not found in what is no such answer", this::areNotFoundElsewhere));
  }

  private Map<String, String> inputs() {
    Map<String, String> inputs = new HashMap<>();
    test.inputs().properties().forEach(i -> inputs.put(i.getKey(), i.getValue().asText()));
    return inputs;
  }

  private OptionReading reading() {
    return options.reading(inputs(), test.q() == null ? "" : test.q());
  }

  private void areFound() throws Exception {
    // given
    assertThat(inputs().keySet()).isEqualTo(options.inputs());
    assertThat(options.searches()).isEqualTo(test.q() != null);
    stub.answer(new Answer.Whole(200, Map.of(), test.answer().toString()));
    OptionReading reading = reading();

    // when
    boolean more = reading.read(client.send(reading.request()));

    // then
    assertThat(more).isFalse();
    assertThat(reading.found()).isEqualTo(test.expect());
    assertThat(requireNonNull(manifest.http()).baseUrl() + stub.requests().getFirst().path())
        .isEqualTo(test.url());
  }

  private void stayBelow() {
    for (String key : options.inputs()) {
      for (String hostile : AnswerContract.HOSTILE) {
        Map<String, String> inputs = inputs();
        inputs.put(key, hostile);
        try {
          assertThat(options.reading(inputs, "").request().uri())
              .matches(service.endpoint().orElseThrow()::covers);
        } catch (InvalidInputsException e) {
          assertThat(e).hasMessageContaining("/" + key);
        }
      }
    }
    assertThat(reading().request().uri()).matches(service.endpoint().orElseThrow()::covers);
  }

  /** Where an answer has the address of the next page, it leads nowhere else. */
  private void stayAtTheirHost() throws Exception {
    if (options.paging() == null || !options.paging().part().type().equals("link")) {
      return;
    }
    String elsewhere = "https://evil.example/next";
    Map<String, String> headers = new HashMap<>();
    String body = test.answer().toString();
    if (options.paging().part().next() == null) {
      headers.put("link", "<" + elsewhere + ">; rel=\"next\"");
    } else {
      ObjectNode answer = test.answer().deepCopy();
      JsonPointer next = JsonPointer.compile(options.paging().part().next());
      answer.withObject(next.head()).put(next.last().getMatchingProperty(), elsewhere);
      body = answer.toString();
    }
    OptionReading reading = reading();
    OutboundRequest first = reading.request();
    OutboundResponse response = new OutboundResponse(200, headers, body.getBytes(UTF_8));

    assertThatThrownBy(() -> reading.read(response))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("found another host");
    assertThat(URI.create(first.uri().toString())).isEqualTo(reading.request().uri());
  }

  private void areNotFoundElsewhere() {
    for (String body : List.of("", "{", "[1,", "<html>", "\"text\"", "{\"error\":1}")) {
      OptionReading reading = reading();
      reading.request();
      try {
        reading.read(new OutboundResponse(200, Map.of(), body.getBytes(UTF_8)));
        assertThat(reading.found()).isEmpty();
      } catch (UnusableAnswerException e) {
        assertThat(e).hasMessageStartingWith("expected ");
      }
    }
  }
}
