package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Actions whose events are delivered and looked for. */
final class BothSourcesTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
  private static final String MANIFEST =
      """
      apiVersion: area/v1
      id: shop
      name: Shop
      version: 1.0.0
      description: Sells things.
      http: {base_url: "https://shop.example/v1"}
      auth: {type: bearer, test: {get: /me, label: /name}}
      actions:
        - id: sold
          description: A thing is sold
          inputs:
            - {key: branch, title: Branch, description: Which branch, type: string}
          webhook:
            accept: {body: {/kind: sold}}
            only: [{input: branch, equals: /shop/branch, ignore_case: false}]
            event_id: [{header: x-delivery}]
            time: /sale/at
          poll:
            request: {method: GET, url: "/${inputs.branch}/sales", query: {since: "${cursor}"}}
            items: {pointer: ""}
            id: {pointer: /id}
            time: /at
            recent: true
            paginate: {type: link}
            cursor: {type: time, init: now, next: {max: /changed}, lookback: PT1M}
            about: {shop: {method: GET, url: "/${inputs.branch}"}}
            detail:
              request: {method: GET, url: /}
              id: /id
              address: /thing
              resume: /changed
            payload:
              kind: sold
              sale: "${item}"
              thing: "${detail}"
              by: "${item/clerk}"
              shop: {branch: "${inputs/branch}", city: "${about/shop/city}"}
            without: [/sale/thing]
            etag: false
            every: PT1M
          canonical_id: "sale:${sale/id}:${sale/at}"
          output: {schema: sold.schema.json, sample: sold.sample.json}
      reactions: []
      tests:
        actions:
          sold:
            headers: {x-delivery: d1}
            answer: sold.answer.json
            detail: thing.answer.json
            about: {shop: shop.answer.json}
            inputs: {branch: north}
            expect: {event_id: d1, canonical_id: "sale:7:2026-03-02T09:59:30Z", time: "2026-03-02T09:59:30Z"}
        reactions: {}
      """;

  private static final String SALE =
      "{'id':7,'at':'2026-03-02T09:59:30Z','changed':'2026-03-02T09:59:40Z','clerk':null,"
          + "'thing':'https://shop.example/v1/things/cup'}";

  @TempDir private Path directory;
  private final Map<String, String> files =
      new HashMap<>(
          Map.of(
              "manifest.yaml",
              MANIFEST,
              "sold.schema.json",
              "{'type':'object','required':['kind','sale','thing','shop']}",
              "sold.sample.json",
              "{'kind':'sold','sale':{'id':7,'at':'2026-03-02T09:59:30Z'},'thing':{'name':'cup'},"
                  + "'shop':{'branch':'north','city':'Oslo'}}",
              "sold.answer.json",
              "[" + SALE + "]",
              "thing.answer.json",
              "{'name':'cup'}",
              "shop.answer.json",
              "{'city':'Oslo','staff':3}"));

  private final List<String> asked = new ArrayList<>();
  private final ObjectNode inputs = JsonNodeFactory.instance.objectNode().put("branch", "north");

  @Test
  void whatAPollFindsBecomesTheEventThatWouldHaveBeenDelivered() throws Exception {
    // given
    PollReading reading = reading();

    // when
    read(reading, "[" + SALE.replace("7", "6").replace("09:59:30", "08:00:00") + "," + SALE + "]");
    read(reading, "{'city':'Oslo','staff':3}");
    boolean more = read(reading, "{'name':'cup'}");

    // then
    assertThat(more).isFalse();
    assertThat(asked)
        .containsExactly(
            "https://shop.example/v1/north/sales?since=2026-03-02T09%3A58%3A00Z",
            "https://shop.example/v1/north", "https://shop.example/v1/things/cup");
    assertThat(reading.found().cursor()).isEqualTo("2026-03-02T09:59:40Z");
    assertThat(reading.found().items())
        .singleElement()
        .satisfies(
            item -> {
              assertThat(item.id()).isEqualTo("sale:7:2026-03-02T09:59:30Z");
              assertThat(item.time()).isEqualTo("2026-03-02T09:59:30Z");
              assertThat(new String(item.payload(), UTF_8).replace('"', '\''))
                  .isEqualTo(
                      "{'kind':'sold','sale':{'id':7,'at':'2026-03-02T09:59:30Z',"
                          + "'changed':'2026-03-02T09:59:40Z','clerk':null},"
                          + "'thing':{'name':'cup'},'by':null,"
                          + "'shop':{'branch':'north','city':'Oslo'}}");
            });
  }

  @Test
  void whatBelongsToTheItemsIsNotAskedForWhereThereAreNone() throws Exception {
    // given
    PollReading reading = reading();

    // when
    boolean more = read(reading, "[]");

    // then
    assertThat(more).isFalse();
    assertThat(reading.found().items()).isEmpty();
  }

  @Test
  void anAddressElsewhereIsNotAskedFor() throws Exception {
    // given
    PollReading reading = reading();
    read(reading, "[" + SALE.replace("https://shop.example", "https://evil.example") + "]");

    // then
    assertThatThrownBy(() -> read(reading, "{'city':'Oslo'}"))
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("found another host");
  }

  @Test
  void anItemWithoutWhatItsIdIsMadeOfIsRefused() throws Exception {
    // given
    PollReading reading = reading();
    read(reading, "[" + SALE + "]");
    read(reading, "{'city':'Oslo'}");
    files.put("manifest.yaml", MANIFEST.replace("${sale/id}", "${sale/number}"));
    PollReading other = reading();

    // when
    read(other, "[" + SALE + "]");
    read(other, "{'city':'Oslo'}");
    read(other, "{'name':'cup'}");

    // then
    assertThatThrownBy(other::found)
        .isInstanceOf(UnusableAnswerException.class)
        .hasMessageContaining("/sale/number");
  }

  @Test
  void aDeliveryHasTheCanonicalIdOnlyWhereItsHookIsPolled() {
    // given
    ActionSource.Both both = both();
    byte[] body = json(files.get("sold.sample.json"));
    Map<String, String> headers = Map.of("content-type", "application/json", "x-delivery", "d1");
    Delivery delivery = new Delivery(headers, body, NOW, "https://hooks.example.org/hooks/token");

    // then
    assertThat(both.webhook(true).accept(delivery, List.of(), inputs))
        .isInstanceOfSatisfying(
            Acceptance.Accepted.class,
            event -> assertThat(event.eventId()).isEqualTo("sale:7:2026-03-02T09:59:30Z"));
    assertThat(both.webhook(false).accept(delivery, List.of(), inputs))
        .isInstanceOfSatisfying(
            Acceptance.Accepted.class, event -> assertThat(event.eventId()).isEqualTo("d1"));
    assertThat(
            both.webhook(true)
                .accept(
                    new Delivery(
                        headers,
                        json("{'kind':'sold','sale':{'id':7},'shop':{'branch':'north'}}"),
                        NOW,
                        delivery.url()),
                    List.of(),
                    inputs))
        .isInstanceOfSatisfying(
            Acceptance.Refused.class,
            refused -> assertThat(refused.detail()).contains("[/sale/id, /sale/at]"));
  }

  @Test
  void pollsAreSlowWhileEventsAreDelivered() {
    // given
    PollSource usual = both().poll();
    files.put(
        "manifest.yaml", MANIFEST.replace("every: PT1M", "every: {usual: PT1M, subscribed: PT5M}"));

    // then
    assertThat(usual.every(inputs)).isEqualTo(Duration.ofMinutes(1));
    assertThat(usual.whileSubscribed(inputs)).isEqualTo(Duration.ofMinutes(15));
    assertThat(both().poll().whileSubscribed(inputs)).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void aServiceWithoutCredentialsIsAlwaysPolled() {
    // given
    boolean withAccount = both().isPolled(false);
    files.put(
        "manifest.yaml",
        MANIFEST
            .replace("auth: {type: bearer, test: {get: /me, label: /name}}", "auth: {type: none}")
            .replace("{key: branch,", "{key: branch, required: true,"));

    // then
    assertThat(withAccount).isFalse();
    assertThat(both().isPolled(false)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "canonical_id: \"sale:${sale/id}:${sale/at}\" | | /actions/0",
        "canonical_id: \"sale:${sale/id}:${sale/at}\" | canonical_id: sale | /actions/0/canonical_id",
        "by: \"${item/clerk}\" | by: \"${item.clerk}\" | /actions/0/poll/payload/by expected one whole",
        "city: \"${about/shop/city}\" | city: \"${about/town}\" | /actions/0/poll/payload/shop/city expected one of the requests of about, [shop]",
        "branch: \"${inputs/branch}\" | branch: \"${inputs/town}\" | /actions/0/poll/payload/shop/branch expected one of the inputs [branch]",
        "url: \"/${inputs.branch}\"} | url: \"/${inputs.town}\"} | /actions/0/poll/about/shop/url expected one of the inputs",
        "type: time, init: now, next: {max: /changed}, lookback: PT1M | type: number, next: {max: /id} | /actions/0/poll/recent expected a cursor of the type time",
      })
  void aManifestThatCannotWorkIsRefused(String part, String instead, String message) {
    // given
    assertThat(MANIFEST).contains(part);
    files.put("manifest.yaml", MANIFEST.replace(part, instead == null ? "" : instead));

    // then
    assertThatThrownBy(this::both)
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theSampleAndWhatAPollFindsHoldAgainstEachOther() throws IOException {
    assertThat(check()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "canonical_id: \"sale:7: | canonical_id: \"sale:8: | /expect the sample's canonical_id is sale:7:2026-03-02T09:59:30Z",
        "kind: sold\\n | kind: given\\n | /answer delivered, what is found were none: Ignored[reason=kind is given, not sold]",
        "            thing: \"${detail}\" | | /answer what is found does not fit the action's schema at \"/thing\": is required",
        "answer: sold.answer.json | | expected answer, what a poll of sold finds its sample in",
        "detail: thing.answer.json | detail: gone.answer.json | /answer a poll cannot use it: expected a file shop/gone.answer.json",
        "max: /changed | max: /sold | /answer a poll cannot use it: expected a time at /sold",
      })
  void whatDoesNotHoldIsTold(String good, String bad, String problem) throws IOException {
    // given
    String part = good.replace("\\n", "\n");
    assertThat(MANIFEST).contains(part);
    files.put("manifest.yaml", MANIFEST.replace(part, bad == null ? "" : bad.replace("\\n", "\n")));

    // then
    assertThat(check())
        .singleElement()
        .satisfies(found -> assertThat(found).contains("/tests/actions/sold").contains(problem));
  }

  private List<String> check() throws IOException {
    Path folder = Files.createDirectories(directory.resolve("shop"));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.write(
          folder.resolve(file.getKey()),
          file.getKey().equals("manifest.yaml")
              ? file.getValue().getBytes(UTF_8)
              : json(file.getValue()));
    }
    return new ManifestCheck().check(folder);
  }

  private boolean read(PollReading reading, String answer) throws UnusableAnswerException {
    asked.add(reading.request().uri().toString());
    return reading.read(new OutboundResponse(200, Map.of(), json(answer)));
  }

  private PollReading reading() {
    return both()
        .poll()
        .reading(inputs, new PollSource.From(2, "2026-03-02T09:59:00Z", null, null), NOW);
  }

  private ActionSource.Both both() {
    Service service =
        new ManifestLoader(ServiceAddresses.asDeclared())
            .load(
                "shop",
                name ->
                    name.equals("manifest.yaml")
                        ? files.get(name).getBytes(UTF_8)
                        : files.containsKey(name) ? json(files.get(name)) : null);
    return service
        .action("sold")
        .orElseThrow()
        .source()
        .part(ActionSource.Both.class)
        .orElseThrow();
  }

  private static byte[] json(String quoted) {
    return quoted.replace('\'', '"').getBytes(UTF_8);
  }
}
