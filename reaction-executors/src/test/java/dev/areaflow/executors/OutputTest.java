package dev.areaflow.executors;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.Reaction;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ServiceCatalog CATALOG = ServiceCatalog.bundled();
  private static final Reaction REQUEST = CATALOG.reaction("http", "request").orElseThrow();
  private static final Reaction CREATE_ISSUE =
      CATALOG.reaction("github", "create_issue").orElseThrow();
  private static final Excerpt EXCERPT =
      Excerpt.of(
          new OutboundRequest(
              "GET",
              URI.create("https://a.example/"),
              Map.of("Authorization", "Bearer s3cr3t-token"),
              Optional.empty()));
  private static final Map<String, String> IS_JSON = Map.of("content-type", "application/json");

  @Test
  void ofAServiceItIsTheBodyAsItIs() {
    // given
    String body =
        " {\"n\": 12345678901234567890, \"f\": 0.10, \"e\": 1e400, \"u\": \"\\u00e9\\n\", \"l\":"
            + " [true, null]} ";

    // when
    Output output = Output.of(CREATE_ISSUE, answer(201, IS_JSON, body), EXCERPT);

    // then
    assertThat(text(output))
        .isEqualTo(
            "{\"n\":12345678901234567890,\"f\":0.10,\"e\":1e400,\"u\":\"é\\n\",\"l\":[true,null]}");
    assertThat(output.note()).isEmpty();
  }

  @Test
  void ofAServiceWithoutABodyThereIsNone() {
    // when
    Output output = Output.of(CREATE_ISSUE, answer(204, Map.of(), " \n"), EXCERPT);

    // then
    assertThat(output.json()).isEmpty();
    assertThat(output.note()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<html>", "{\"a\":", "{} {}", "{\"a\":1,\"a\":2}", "[1,2,", "{\"a\":NaN}"})
  void ofAServiceThatAnswersNoJsonThereIsNoneAndTheNoteSaysSo(String body) {
    // when
    Output output = Output.of(CREATE_ISSUE, answer(200, IS_JSON, body), EXCERPT);

    // then
    assertThat(output.json()).isEmpty();
    assertThat(output.note()).contains("the answer is no JSON that steps can read");
  }

  @Test
  void whatExpressionsCannotReadIsNotHandedToThem() {
    // given
    String deep = "[".repeat(64) + "]".repeat(64);
    String longNumber = "1".repeat(101);

    // when, then
    assertThat(Output.of(CREATE_ISSUE, answer(200, IS_JSON, deep), EXCERPT).note()).isPresent();
    assertThat(Output.of(CREATE_ISSUE, answer(200, IS_JSON, longNumber), EXCERPT).note())
        .isPresent();
    assertThat(
            Output.of(CREATE_ISSUE, answer(200, IS_JSON, "[".repeat(63) + "]".repeat(63)), EXCERPT)
                .note())
        .isEmpty();
  }

  @Test
  void ofAServiceNothingIsCutWhatIsTooLongIsLeftOutAndTheNoteSaysSo() {
    // when
    Output fits = Output.of(CREATE_ISSUE, answer(200, IS_JSON, list(256 * 1024)), EXCERPT);
    Output isLonger = Output.of(CREATE_ISSUE, answer(200, IS_JSON, list(256 * 1024 + 1)), EXCERPT);

    // then
    assertThat(text(fits)).hasSize(256 * 1024);
    assertThat(isLonger.json()).isEmpty();
    assertThat(isLonger.note().orElseThrow()).contains("longer than 256 KiB");
  }

  /** A JSON list of so many bytes. */
  private static String list(int bytes) {
    return "[\"" + "x".repeat(bytes - 4) + "\"]";
  }

  @Test
  void secretsOfTheRequestAreMaskedInNamesAndValuesHoweverTheyAreWritten() {
    // given
    String body = "{\"s3cr3t-token\":\"a s3cr3t\\u002dtoken b\",\"l\":[\"s3cr3t-token\"]}";

    // when
    Output output = Output.of(CREATE_ISSUE, answer(200, IS_JSON, body), EXCERPT);

    // then
    assertThat(text(output)).isEqualTo("{\"***\":\"a *** b\",\"l\":[\"***\"]}");
  }

  @Test
  void ofARequestItIsStatusHeadersAndBody() throws Exception {
    // when
    Output json =
        Output.of(
            REQUEST,
            answer(201, Map.of("content-type", "application/vnd.a+json", "x-a", "1"), "{\"a\":1}"),
            EXCERPT);
    Output plain =
        Output.of(REQUEST, answer(200, Map.of("content-type", "text/plain"), "{\"a\":1}"), EXCERPT);
    Output empty = Output.of(REQUEST, answer(204, Map.of(), ""), EXCERPT);
    Output noJson = Output.of(REQUEST, answer(200, IS_JSON, "{\"a\":"), EXCERPT);

    // then
    assertThat(tree(json))
        .isEqualTo(
            JSON.readTree(
                "{\"status\":201,\"headers\":{\"content-type\":\"application/vnd.a+json\","
                    + "\"x-a\":\"1\"},\"body\":{\"a\":1}}"));
    assertThat(tree(plain).path("body").textValue()).isEqualTo("{\"a\":1}");
    assertThat(text(empty)).isEqualTo("{\"status\":204,\"headers\":{},\"body\":null}");
    assertThat(tree(noJson).path("body").textValue()).isEqualTo("{\"a\":");
    assertThat(tree(noJson).has("truncated")).isFalse();
  }

  @Test
  void aTextIsReadInItsCharset() throws Exception {
    // given
    OutboundResponse latin =
        new OutboundResponse(
            200,
            Map.of("content-type", "text/html; charset=\"ISO-8859-1\""),
            "grün\0\"\\".getBytes(ISO_8859_1));

    // when
    Output output = Output.of(REQUEST, latin, EXCERPT);

    // then
    assertThat(tree(output).path("body").textValue()).isEqualTo("grün\0\"\\");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "\0", "é", "𝄞", "\""})
  void ofALongTextTheEndIsMissingAndTheOutputSaysSo(String letter) throws Exception {
    // given
    String body = letter.repeat(300 * 1024);

    // when
    Output output = Output.of(REQUEST, answer(200, Map.of(), body), EXCERPT);

    // then
    assertThat(text(output).getBytes(UTF_8)).hasSizeBetween(230 * 1024, 256 * 1024);
    assertThat(body).startsWith(tree(output).path("body").textValue());
    assertThat(tree(output).path("truncated").booleanValue()).isTrue();
  }

  @Test
  void aLongDocumentIsNullAndTheOutputSaysSo() throws Exception {
    // when
    Output output = Output.of(REQUEST, answer(200, IS_JSON, list(250 * 1024)), EXCERPT);
    Output cut =
        Output.of(
            REQUEST, new OutboundResponse(200, IS_JSON, "[1,".getBytes(UTF_8), true), EXCERPT);

    // then
    assertThat(tree(output).path("body").isNull()).isTrue();
    assertThat(tree(output).path("truncated").booleanValue()).isTrue();
    assertThat(tree(cut).path("body").isNull()).isTrue();
    assertThat(tree(cut).path("truncated").booleanValue()).isTrue();
  }

  @Test
  void manyHeadersAreBoundedToo() throws Exception {
    // given
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      headers.put("x-" + i, "\t".repeat(1_000));
    }

    // when
    Output output = Output.of(REQUEST, answer(200, headers, "ok"), EXCERPT);

    // then
    assertThat(tree(output).path("headers").size()).isBetween(1, 10);
    assertThat(tree(output).path("body").textValue()).isEqualTo("ok");
    assertThat(tree(output).path("truncated").booleanValue()).isTrue();
    assertThat(text(output)).hasSizeLessThan(20 * 1024);
  }

  private static OutboundResponse answer(int status, Map<String, String> headers, String body) {
    return new OutboundResponse(status, headers, body.getBytes(UTF_8));
  }

  private static String text(Output output) {
    return UTF_8.decode(output.json().orElseThrow().duplicate()).toString();
  }

  private static JsonNode tree(Output output) throws Exception {
    return JSON.readTree(text(output));
  }
}
