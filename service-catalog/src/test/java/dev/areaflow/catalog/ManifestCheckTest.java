package dev.areaflow.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestCheckTest {
  private static final String GOOD =
      """
      apiVersion: area/v1
      id: shop
      name: Shop
      version: 1.0.0
      description: Sells things.
      http: {base_url: "https://shop.example/v1", quota: {remaining: x-left, reset: x-reset}}
      actions: []
      reactions:
        - id: order
          description: Order a thing
          inputs:
            - {key: thing, required: true, title: Thing, description: Which thing, type: string}
          request: {method: POST, url: "/orders/${inputs.thing}", body: {count: 1}}
          output: {schema: order.schema.json, sample: order.sample.json}
          idempotency: none
          replay_safe: false
      tests:
        actions: {}
        reactions:
          order:
            - inputs: {thing: cup}
              answer: 201
              expect:
                method: POST
                url: https://shop.example/v1/orders/cup
                headers: {Content-Type: application/json}
                body: '{"count":1}'
        answers:
          - name: used up
            status: 403
            headers: {x-left: "0", x-reset: "1780308060"}
            body: {message: Later}
            at: "2026-06-01T10:00:00Z"
            expect: {result: retryable, after: PT1M}
          - {name: gone, status: 410, body: Gone, expect: {result: permanent}}
          - {name: who, status: 401, expect: {result: unauthorized}}
          - {name: done, status: 202, expect: {result: succeeded}}
      """;

  @TempDir private Path directory;

  @Test
  void aManifestWhoseTestsHoldHasNoProblems() throws IOException {
    assertThat(check(GOOD)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "answer: 201 | answer: 204 | :22: /tests/reactions/order/0/answer 204 has no body: expected an output schema that takes null",
        "answer: 201 | `` | :21: /tests/reactions/order/0 expected answer, the status that the service answers with",
        "orders/cup | orders/mug | :25: /tests/reactions/order/0/expect/url the request has https://shop.example/v1/orders/cup",
        "application/json | text/plain | :26: /tests/reactions/order/0/expect/headers the request has {Content-Type=application/json}",
        "'{\"count\":1}' | '{\"count\":2}' | :27: /tests/reactions/order/0/expect/body the request has {\"count\":1}",
        "{method: POST | {method: PUT | :24: /tests/reactions/order/0/expect/method the request has PUT",
        "thing: cup | thing: .. | :21: /tests/reactions/order/0/inputs/thing expected a text",
        "thing: cup | thing: 7 | :21: /tests/reactions/order/0/inputs/thing expected string, found number",
        "after: PT1M | after: PT2M | :34: /tests/answers/0/expect the answer \"used up\" means retryable after PT1M",
        "result: permanent | result: retryable | :35: /tests/answers/1/expect the answer \"gone\" means permanent",
        "status: 202 | status: 302 | :37: /tests/answers/3/expect the answer \"done\" means permanent",
      })
  void whatDoesNotHoldIsToldWithItsLine(String good, String bad, String problem)
      throws IOException {
    assertThat(check(GOOD.replace(good, bad)))
        .singleElement()
        .satisfies(found -> assertThat(found).startsWith("shop/manifest.yaml" + problem));
  }

  @Test
  void eachReactionHasATestAndNoOtherHas() throws IOException {
    assertThat(check(GOOD.replace("    order:\n", "    sell:\n")))
        .containsExactly(
            "shop/manifest.yaml:19: /tests/reactions expected a test of the reaction order",
            "shop/manifest.yaml:20: /tests/reactions/sell is not a reaction of this manifest");
  }

  private List<String> check(String manifest) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("shop"));
    Files.writeString(folder.resolve("manifest.yaml"), manifest);
    Files.writeString(folder.resolve("order.schema.json"), "{\"type\": \"object\"}");
    Files.writeString(folder.resolve("order.sample.json"), "{\"id\": 7}");
    return new ManifestCheck().check(folder);
  }
}
