package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.catalog.yaml.YamlDocument;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestLoaderTest {
  private static final String GOOD =
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
            - {key: branch, title: Branch, description: Which branch, type: string}
          webhook:
            accept: {body: {/kind: sold}}
            only: [{input: branch, equals: /branch, ignore_case: false}]
            event_id: [{header: x-id}]
          output: {schema: sold.schema.json, sample: sold.sample.json}
      reactions:
        - id: order
          description: Order a thing
          inputs:
            - {key: thing, required: true, title: Thing, description: Which thing, type: string}
          request:
            method: POST
            url: https://shop.example/orders
            headers: {X-Source: areaflow}
            body: {thing: "${inputs.thing}"}
          output: {schema: sold.schema.json, sample: sold.sample.json}
          idempotency: none
          replay_safe: false
      tests: {actions: {}, reactions: {}}
      """;

  private final Map<String, String> files =
      new HashMap<>(Map.of("sold.schema.json", "{}", "sold.sample.json", "{}"));

  @Test
  void aGoodManifestIsAService() {
    // when
    Service service = load(GOOD);

    // then
    assertThat(service.name()).isEqualTo("Shop");
    assertThat(service.action("sold").orElseThrow().inputs().at("/properties/branch/type").asText())
        .isEqualTo("string");
    Reaction order = service.reaction("order").orElseThrow();
    assertThat(order.inputs().at("/required/0").asText()).isEqualTo("thing");
    assertThat(order.idempotencyHeader()).isEmpty();
    assertThat(
            order
                .request(JsonNodeFactory.instance.objectNode().put("thing", "a \"cup\""))
                .body()
                .map(body -> new String(body, UTF_8)))
        .contains("{\"thing\":\"a \\\"cup\\\"\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version: 1.0.0         | version: one           | shop/manifest.yaml:4: /version",
        "name: Shop             | nam: Shop              | shop/manifest.yaml:3: /nam is not known",
        "name: Shop             | nam: Shop              | shop/manifest.yaml:1: /name is required",
        "id: shop               | id: stop               | shop/manifest.yaml:2: /id expected the folder's name",
        "name: Shop             | id: twice              | shop/manifest.yaml:3: /id is given twice",
        "name: Shop             | name: [                | shop/manifest.yaml:5: ",
        "name: Shop             | name: 7                | shop/manifest.yaml:3: /name expected string",
        "{header: x-id}         | {header: X-Id}         | shop/manifest.yaml:14: /actions/0/webhook/event_id/0/header",
        "input: branch          | input: brunch          | shop/manifest.yaml:13: /actions/0/webhook/only/0/input expected one of the inputs [branch]",
        "/kind: sold            | kind: sold             | shop/manifest.yaml:12: /actions/0/webhook/accept/body",
        "${inputs.thing}        | ${inputs.thong}        | shop/manifest.yaml:25: /reactions/0/request/body/thing expected one of the inputs [thing]",
        "${inputs.thing}        | a ${inputs.thing}      | shop/manifest.yaml:25: /reactions/0/request/body/thing expected one whole",
        "${inputs.thing}        | ${mail(inputs)}        | shop/manifest.yaml:25: /reactions/0/request/body/thing expected the inputs [body, subject] for it",
        "schema: sold           | schema: bought         | shop/manifest.yaml:15: /actions/0/output/schema expected a file shop/bought.schema.json",
        "idempotency: none      | idempotency: maybe     | shop/manifest.yaml:27: /reactions/0/idempotency",
      })
  void aProblemHasItsFileAndLine(String good, String bad, String message) {
    assertThatThrownBy(() -> load(GOOD.replace(good.strip(), bad.strip())))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(message.strip());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "webhook: {mode: wake} | expected mode: wake beside a poll without canonical_id, and nowhere else",
        "webhook: {mode: wake, event_id: [{generated: uuid}]} | /event_id",
        "webhook: {mode: deliver} | /event_id",
      })
  void aWakeIsBesideAPollAndHasNoId(String webhook, String message) {
    // given
    int from = GOOD.indexOf("webhook:");
    String manifest =
        GOOD.substring(0, from) + webhook + "\n" + GOOD.substring(GOOD.indexOf("    output:"));

    // when, then
    assertThatThrownBy(() -> load(manifest))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("shop/manifest.yaml:11: /actions/0/webhook")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "replay_safe: false | replay_safe: no | shop/manifest.yaml:28: /reactions/0/replay_safe expected true or false",
        "required: true | required: yes | shop/manifest.yaml:20: /reactions/0/inputs/0/required expected true or false",
        "required: true | required: on | shop/manifest.yaml:20: /reactions/0/inputs/0/required expected true or false",
        "name: Shop | ? [a] : b | shop/manifest.yaml:3: has a key that is no text",
        "name: Shop | name: &x [*x] | shop/manifest.yaml:3: /name/0 refers to what it is a part of",
        "name: Shop | name: a\u0007b | shop/manifest.yaml:3: expected text, found the control character U+0007",
        "name: Shop | <<: {name: Shop} | shop/manifest.yaml:3: /<< is not supported",
        "body: {thing: `${inputs.thing}`} | body: {things: [a, `${inputs.thong}`]} | shop/manifest.yaml:25: /reactions/0/request/body/things/1 expected one of the inputs [thing]",
        "body: {thing: `${inputs.thing}`} | body: {a/b~c: `${inputs.thong}`} | shop/manifest.yaml:25: /reactions/0/request/body/a~1b~0c expected one of the inputs [thing]",
        "{key: branch, | {key: branch, default: 7, | shop/manifest.yaml:10: /actions/0/inputs/0/default does not fit its own input: expected string",
      })
  void whatYamlReadsDifferentlyThanItLooksIsAProblem(String good, String bad, String message) {
    assertThat(GOOD).contains(good.replace('`', '"'));
    assertThatThrownBy(() -> load(GOOD.replace(good.replace('`', '"'), bad.replace('`', '"'))))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aRequestHasABodyOrParts() {
    assertThatThrownBy(
            () ->
                load(
                    GOOD.replace(
                        "      body: {thing", "      parts: [{content: 7}]\n      body: {thing")))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("/reactions/0/request");
  }

  @Test
  void aliasesOfAliasesDoNotMakeAFileEndless() {
    // given
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 30; i++) {
      yaml.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }

    // then
    assertThatThrownBy(() -> load(yaml.toString()))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("shop/manifest.yaml:");
  }

  @Test
  void anInputGivenTwiceIsAProblem() {
    String input =
        "        - {key: branch, title: Branch, description: Which branch, type: string}\n";
    assertThat(GOOD).contains(input.strip());
    assertThatThrownBy(
            () -> load(GOOD.replace(input.substring(2), input.substring(2) + input.substring(2))))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(
            "shop/manifest.yaml:11: /actions/0/inputs/1/key expected a key that is not taken: branch");
  }

  @Test
  void aConditionOfVerificationIsAChoiceThatCanBeMade() {
    // given
    String manifest =
        GOOD.replace("type: string}\n    webhook:", "type: string, enum: [a, b]}\n    webhook:")
            .replace(
                "    webhook:\n",
                "    webhook:\n      verify: {type: hmac, hash: sha256, encoding: hex, header: x-s,"
                    + " prefix: \"\", when: {input: branch, equals: c}}\n");

    // then
    assertThatThrownBy(() -> load(manifest))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(
            "shop/manifest.yaml:12: /actions/0/webhook/verify/when/equals expected one of [a, b]");
  }

  @Test
  void anEmptyFileBesideTheManifestIsNamed() {
    // given
    files.put("sold.sample.json", "");

    // then
    assertThatThrownBy(() -> load(GOOD))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("shop/sold.sample.json:1: is empty");
  }

  @Test
  void allProblemsAreReportedTogether() {
    assertThatThrownBy(
            () -> load(GOOD.replace("version: 1.0.0", "version: 1").replace("Shop", "''")))
        .hasMessageContaining("/version")
        .hasMessageContaining("/name");
  }

  @Test
  void anActionWithTwoSourcesIsAProblem() {
    assertThatThrownBy(() -> load(GOOD.replace("    webhook:", "    clock: cron\n    webhook:")))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("/actions/0");
  }

  @Test
  void aBrokenFileBesideTheManifestHasItsLine() {
    // given
    files.put("sold.sample.json", "{\n  \"a\": 1,\n}");

    // then
    assertThatThrownBy(() -> load(GOOD))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("shop/sold.sample.json:3: ");
  }

  @Test
  void theSameIdTwiceIsAProblem() {
    String action =
        GOOD.substring(GOOD.indexOf("  - id: sold"), GOOD.indexOf("reactions:\n  - id"));
    assertThatThrownBy(() -> load(GOOD.replace(action, action + action)))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("/actions/1/id");
  }

  @Test
  void aMissingOrEmptyManifestIsNamed() {
    assertThatThrownBy(
            () -> new ManifestLoader(ServiceAddresses.asDeclared()).load("shop", name -> null))
        .hasMessage("shop/manifest.yaml: there is no such file");
    assertThatThrownBy(() -> load("")).hasMessage("shop/manifest.yaml:1: is empty");
  }

  @Test
  void aliasesStandForWhatTheyReferTo() {
    // when
    YamlDocument document =
        YamlDocument.parse("f", "a: &x {b: [1, true, null, 1.5, text]}\nc: *x\n");

    // then
    assertThat(document.root().get("c")).isEqualTo(document.root().get("a"));
    assertThat(document.root())
        .hasToString(
            "{\"a\":{\"b\":[1,true,null,1.5,\"text\"]},\"c\":{\"b\":[1,true,null,1.5,\"text\"]}}");
    assertThat(List.of(document.problem("/c/z", "p"))).containsExactly("f:2: /c/z p");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type: strng | shop/manifest.yaml:20: /reactions/0/inputs/0/type",
        "type: array, items: {type: strng} | shop/manifest.yaml:20: /reactions/0/inputs/0/items/type",
        "type: object, additionalProperties: {minLength: -1} | shop/manifest.yaml:20: /reactions/0/inputs/0/additionalProperties/minLength",
        "type: string, minLength: 0 | shop/manifest.yaml:20: /reactions/0/inputs/0/minLength",
      })
  void theSchemaOfAnInputIsOne(String input, String problem) {
    assertThatThrownBy(
            () ->
                load(
                    GOOD.replace(
                        "description: Which thing, type: string", "description: Which, " + input)))
        .hasMessageContaining(problem);
  }

  @Test
  void aBadBaseUrlIsTheOnlyProblemOfThePathsBelowIt() {
    assertThatThrownBy(
            () ->
                load(
                    GOOD.replace(
                            "description: Sells things.",
                            "description: Sells.\nhttp: {base_url: 'http://shop.example'}")
                        .replace("https://shop.example/orders", "/orders")))
        .hasMessage(
            "shop/manifest.yaml:6: /http/base_url expected https://HOST, without user information"
                + " and fragment");
  }

  private Service load(String manifest) {
    files.put(ManifestLoader.MANIFEST, manifest);
    return new ManifestLoader(ServiceAddresses.asDeclared())
        .load(
            "shop",
            name -> {
              @Nullable String content = files.get(name);
              return content == null ? null : content.getBytes(UTF_8);
            });
  }
}
