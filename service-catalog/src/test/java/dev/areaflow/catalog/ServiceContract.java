package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.Manifest.ActionTest;
import dev.areaflow.catalog.Manifest.ReactionTest;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.catalog.yaml.YamlDocument;
import java.io.IOException;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicNode;

/**
 * What every service must keep, whoever wrote its manifest. The manifest's section {@code tests}
 * says how its samples arrive and what they become.
 */
final class ServiceContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant RECEIVED = Instant.parse("2026-06-01T10:00:00Z");

  /** As hooks have them: hexadecimal, so that they are Base64 too. */
  private static final String SECRET = "5ec4e7".repeat(10) + "beef";

  /** The second pair of RFC 8032, chapter 7.1. */
  private static final String PRIVATE_KEY =
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

  private static final String PUBLIC_KEY =
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

  /** The first of them. */
  private static final String ANOTHER_PUBLIC_KEY =
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

  private static final String URL = "https://hooks.example.org/hooks/token";

  private static final String ANOTHER_SECRET = "0ddba11".repeat(9) + "a";

  private final Service service;
  private final Manifest manifest;
  private final ManifestLoader.Folder folder;
  private final InputsValidator validator = new InputsValidator();

  ServiceContract(String id, ManifestLoader.Folder folder) throws IOException {
    ManifestLoader loader = new ManifestLoader(ServiceAddresses.asDeclared());
    this.service = loader.load(id, folder);
    this.folder = folder;
    this.manifest =
        loader.manifest(YamlDocument.parse(id, new String(read(ManifestLoader.MANIFEST), UTF_8)));
  }

  Stream<DynamicNode> tests() {
    List<DynamicNode> tests = new ArrayList<>();
    tests.add(dynamicTest("has a page of documentation", this::hasDocumentation));
    tests.add(dynamicTest("tests all that it has, and no more", this::testsAllThatItHas));
    service.actions().forEach(action -> tests.add(dynamicContainer(action.id(), tests(action))));
    service
        .reactions()
        .forEach(reaction -> tests.add(dynamicContainer(reaction.id(), tests(reaction))));
    return tests.stream();
  }

  private Stream<DynamicNode> tests(Action action) {
    ActionTest test = requireNonNull(manifest.tests().actions().get(action.id()));
    List<DynamicNode> tests = new ArrayList<>();
    tests.add(
        dynamicTest(
            "its sample fits its output schema",
            () -> assertThat(problems(action.output(), action.sample())).isEmpty()));
    tests.add(
        dynamicTest(
            "its test's inputs fit its inputs",
            () -> assertThat(validator.validate(action, test.inputs())).isEmpty()));
    tests.add(
        dynamicTest(
            "unknown inputs are refused", () -> refusesUnknown(action.inputs(), test.inputs())));
    switch (action.source()) {
      case ActionSource.Clock clock ->
          tests.add(
              dynamicTest(
                  "its sample is one of its instants", () -> isInstant(clock, action, test)));
      case PollSource poll -> {
        tests.add(
            dynamicTest(
                "its sample becomes the expected item", () -> becomesItem(poll, action, test)));
        tests.add(refusesCutAnswers(poll, test));
        if (poll.hasInit()) {
          tests.add(
              dynamicTest(
                  "its first answer gives a cursor and no events",
                  () -> startsAtTheFirstCursor(poll, action, test)));
        }
        if (hasAddresses(poll)) {
          tests.add(
              dynamicTest(
                  "an answer leads it to no other host", () -> staysAtItsHost(poll, action, test)));
        }
        tests.add(refusesCutAnswers(poll, test));
      }
      case Webhook webhook -> tests.addAll(tests(webhook, action, test));
      case ActionSource.Both both -> {
        tests.addAll(tests(both.webhook(), action, test));
        tests.add(
            dynamicTest(
                "delivered to a hook that is polled, too, its sample has its canonical id",
                () ->
                    becomesEvent(
                        both.identified(),
                        action,
                        test,
                        requireNonNull(test.expect().canonicalId()))));
        tests.add(
            dynamicTest(
                "a poll finds the same event",
                () ->
                    assertThat(
                            new BothTests(
                                    YamlDocument.parse(
                                        service.id(),
                                        new String(read(ManifestLoader.MANIFEST), UTF_8)),
                                    service,
                                    manifest.tests(),
                                    folder,
                                    validator)
                                .problems())
                        .isEmpty()));
        tests.add(refusesCutAnswers(both.poll(), test));
      }
    }
    return tests.stream();
  }

  private List<DynamicNode> tests(Webhook webhook, Action action, ActionTest test) {
    List<DynamicNode> tests = new ArrayList<>();
    tests.add(
        dynamicTest(
            "its sample becomes the expected event",
            () -> becomesEvent(webhook, action, test, String.valueOf(test.expect().eventId()))));
    tests.add(
        dynamicTest(
            "an unsigned or forged sample is refused", () -> refuses(webhook, action, test)));
    tests.add(dynamicTest("another event is ignored", () -> ignoresOthers(webhook, action, test)));
    if (webhook.challenge().isPresent()) {
      tests.add(
          dynamicTest(
              "its challenge is answered, and is no event",
              () -> answersChallenge(webhook, action, test)));
    }
    return tests;
  }

  private static DynamicNode refusesCutAnswers(PollSource poll, ActionTest test) {
    return dynamicTest(
        "an answer that is cut or empty is refused",
        () ->
            assertThat(Stream.of("{\"a\":", "[7", ""))
                .allSatisfy(
                    answer ->
                        assertThatThrownBy(
                                () ->
                                    find(
                                        poll,
                                        test,
                                        answer.getBytes(UTF_8),
                                        PollSource.From.BEGINNING))
                            .isInstanceOf(UnusableAnswerException.class)));
  }

  private Stream<DynamicNode> tests(Reaction reaction) {
    List<DynamicNode> tests = new ArrayList<>();
    tests.add(
        dynamicTest(
            "its sample fits its output schema",
            () -> assertThat(problems(reaction.output(), reaction.sample())).isEmpty()));
    List<ReactionTest> cases = requireNonNull(manifest.tests().reactions().get(reaction.id()));
    for (int i = 0; i < cases.size(); i++) {
      ReactionTest test = cases.get(i);
      tests.add(dynamicTest("makes request " + (i + 1), () -> makesRequest(reaction, test)));
    }
    tests.add(
        dynamicTest(
            "unknown inputs are refused",
            () -> refusesUnknown(reaction.inputs(), cases.getFirst().inputs())));
    return tests.stream();
  }

  private void hasDocumentation() throws IOException {
    assertThat(new String(read("docs.md"), UTF_8)).isNotBlank();
  }

  private void testsAllThatItHas() {
    assertThat(manifest.tests().actions().keySet())
        .containsExactlyInAnyOrderElementsOf(service.actions().stream().map(Action::id).toList());
    assertThat(manifest.tests().reactions().keySet())
        .containsExactlyInAnyOrderElementsOf(
            service.reactions().stream().map(Reaction::id).toList());
    assertThat(manifest.tests().options() == null ? Set.of() : manifest.tests().options().keySet())
        .isEqualTo(service.options().stream().map(OptionList::name).collect(Collectors.toSet()));
  }

  private void refusesUnknown(JsonNode schema, ObjectNode inputs) {
    assertThat(validator.validate(schema, inputs.deepCopy().put("surprise", 1)))
        .singleElement()
        .satisfies(problem -> assertThat(problem.pointer()).isEqualTo("/surprise"));
  }

  private static void isInstant(ActionSource.Clock clock, Action action, ActionTest test) {
    Instant time = Instant.parse(action.sample().path("scheduledAt").asText());
    assertThat(time).isEqualTo(test.expect().time());
    assertThat(clock.schedule(test.inputs()).newest(time.minusSeconds(1), time)).contains(time);
  }

  /** The sample where the test's inputs, or the manifest, say that the list or the value is. */
  private void becomesItem(PollSource poll, Action action, ActionTest test) throws Exception {
    Manifest.PollPart part = requireNonNull(part(action).poll());
    JsonNode sample = action.sample();
    PollSource.Found found;
    if (part.value() == null) {
      byte[] answer =
          test.answer() == null
              ? answer(
                  requireNonNull(part.items()),
                  JsonNodeFactory.instance.arrayNode().add(sample),
                  test)
              : read(test.answer());
      found =
          poll.detail() == null
              ? find(poll, test, answer, before(poll, part))
              : findInDetail(
                  poll,
                  test,
                  answer,
                  test.detail() == null ? JSON.writeValueAsBytes(sample) : read(test.detail()));
    } else {
      byte[] before = answer(part.value(), sample.path("previous"), test);
      PollSource.Found first = find(poll, test, before, PollSource.From.BEGINNING);
      assertThat(first.items()).isEmpty();
      PollSource.From second = new PollSource.From(2, first.cursor(), null, null);
      assertThat(find(poll, test, before, second).items()).isEmpty();
      found = find(poll, test, answer(part.value(), sample.path("value"), test), second);
    }

    assertThat(found.items())
        .filteredOn(item -> item.id().equals(test.expect().eventId()))
        .singleElement()
        .satisfies(
            item -> {
              assertThat(item.time()).isEqualTo(test.expect().time());
              assertThat(JSON.readTree(item.payload())).isEqualTo(sample);
            });
    assertThat(reading(poll, test, start(poll)).request().method())
        .isEqualTo(part.request().path("method").asText());
  }

  /** Where a poll starts whose items are events. */
  private PollSource.From start(PollSource poll) {
    return poll.hasInit()
        ? new PollSource.From(2, firstCursor(poll), null, null)
        : PollSource.From.BEGINNING;
  }

  private String firstCursor(PollSource poll) {
    return requireNonNull(poll.cursor()).isUrl()
        ? service.endpoint().orElseThrow().baseUrl() + "/next?token=c1"
        : "c1";
  }

  private void startsAtTheFirstCursor(PollSource poll, Action action, ActionTest test)
      throws Exception {
    // given
    Manifest.PollPart part = requireNonNull(part(action).poll());
    String pointer = requireNonNull(part.cursor()).next().pointer().getFirst();
    if (part.cursor().init().next() != null) {
      pointer = part.cursor().init().next();
    }
    ObjectNode answer =
        (ObjectNode)
            JSON.readTree(
                answer(
                    new Manifest.PlacePart(null, pointer),
                    JsonNodeFactory.instance.textNode(firstCursor(poll)),
                    test));
    if (part.cursor().init().remember()) {
      answer.setAll(
          (ObjectNode)
              JSON.readTree(
                  answer(
                      requireNonNull(part.items()), JsonNodeFactory.instance.arrayNode(), test)));
    }

    // when
    PollSource.Found found =
        find(poll, test, JSON.writeValueAsBytes(answer), PollSource.From.BEGINNING);

    // then
    OutboundRequest next = reading(poll, test, start(poll)).request();
    assertThat(found.items()).isEmpty();
    assertThat(found.cursor()).isEqualTo(firstCursor(poll));
    assertThat(next.uri() + next.body().map(body -> new String(body, UTF_8)).orElse(""))
        .contains("c1");
  }

  /** A poll that goes on from a time goes on from one before every sample. */
  private PollSource.From before(PollSource poll, Manifest.PollPart part) {
    return !poll.hasInit() && part.cursor() != null && part.cursor().type().equals("time")
        ? new PollSource.From(2, Instant.EPOCH.toString(), null, null)
        : start(poll);
  }

  private static PollReading reading(PollSource poll, ActionTest test, PollSource.From from) {
    return poll.reading(test.inputs(), from, RECEIVED);
  }

  private static PollSource.Found find(
      PollSource poll, ActionTest test, byte[] body, PollSource.From from)
      throws UnusableAnswerException {
    PollReading reading = reading(poll, test, from);
    reading.request();
    reading.read(new OutboundResponse(200, Map.of(), body));
    return reading.found();
  }

  /** The list, and the sample as the answer to each request for what it names. */
  private PollSource.Found findInDetail(
      PollSource poll, ActionTest test, byte[] list, byte[] sample) throws UnusableAnswerException {
    PollReading reading = reading(poll, test, start(poll));
    reading.request();
    boolean more = reading.read(new OutboundResponse(200, Map.of(), list));
    while (more) {
      assertThat(service.endpoint().orElseThrow().covers(reading.request().uri())).isTrue();
      more = reading.read(new OutboundResponse(200, Map.of(), sample));
    }
    return reading.found();
  }

  /** An answer with something at a place. */
  private static byte[] answer(Manifest.PlacePart where, JsonNode what, ActionTest test)
      throws IOException {
    JsonNode answer = what;
    JsonPointer place = PollFinder.pointer(where, test.inputs());
    for (JsonPointer at = place; !at.matches(); at = at.head()) {
      answer = JsonNodeFactory.instance.objectNode().set(at.last().getMatchingProperty(), answer);
    }
    return JSON.writeValueAsBytes(answer);
  }

  private void becomesEvent(Webhook webhook, Action action, ActionTest test, String id)
      throws IOException {
    // given
    byte[] body = JSON.writeValueAsBytes(action.sample());
    Acceptance.Accepted expected =
        new Acceptance.Accepted(
            id, test.expect().time() == null ? RECEIVED : test.expect().time(), body);

    for (ObjectNode inputs : inEachWay(webhook, test.inputs())) {
      // when
      Acceptance sent = webhook.accept(signed(webhook, inputs, action), List.of(SECRET), inputs);

      // then
      assertEvent(sent, expected);
      if (form(action) != null) {
        byte[] form =
            (form(action) + "=" + URLEncoder.encode(new String(body, UTF_8), UTF_8))
                .getBytes(UTF_8);
        assertEvent(
            webhook.accept(
                signed(webhook, inputs, test, "application/x-www-form-urlencoded", form),
                List.of(ANOTHER_SECRET, SECRET),
                inputs),
            expected);
      }
    }
  }

  private static void assertEvent(Acceptance found, Acceptance.Accepted expected) {
    assertThat(found)
        .isInstanceOfSatisfying(
            Acceptance.Accepted.class,
            event -> {
              assertThat(event.eventId()).isEqualTo(expected.eventId());
              assertThat(event.time()).isEqualTo(expected.time());
              assertThat(event.payload()).isEqualTo(expected.payload());
            });
  }

  private void refuses(Webhook webhook, Action action, ActionTest test) throws IOException {
    for (ObjectNode inputs : inEachWay(webhook, test.inputs())) {
      if (webhook.verification(inputs).isPresent()) {
        refuses(webhook, action, inputs);
      }
    }
  }

  private void refuses(Webhook webhook, Action action, ObjectNode inputs) throws IOException {
    Delivery good = signed(webhook, inputs, action);
    byte[] body = good.body();
    Optional<String> keyInput = webhook.verification(inputs).orElseThrow().scheme().keyInput();
    ObjectNode others = inputs.deepCopy();
    keyInput.ifPresent(key -> others.put(key, ANOTHER_PUBLIC_KEY));
    Map<String, String> unsigned = new HashMap<>(good.headers());
    String header = webhook.verification(inputs).orElseThrow().scheme().header();
    unsigned.remove(header);
    Map<String, String> changed = new HashMap<>(good.headers());
    changed.merge(header, "", (signature, _) -> signature.substring(0, signature.length() - 4));

    assertThat(
            Stream.of(
                webhook.accept(
                    new Delivery(unsigned, body, RECEIVED, URL), List.of(SECRET), inputs),
                webhook.accept(new Delivery(changed, body, RECEIVED, URL), List.of(SECRET), inputs),
                webhook.accept(good, List.of(ANOTHER_SECRET), others),
                webhook.accept(good, List.of(), others)))
        .allSatisfy(
            acceptance ->
                assertThat(acceptance)
                    .isInstanceOfSatisfying(
                        Acceptance.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Refusal.SIGNATURE)));
  }

  private void ignoresOthers(Webhook webhook, Action action, ActionTest test) {
    if (webhookPart(action).accept() == null) {
      return;
    }
    byte[] body = "{\"zen\": \"Keep it logically awesome.\"}".getBytes(UTF_8);
    Map<String, String> headers =
        new HashMap<>(signed(webhook, test.inputs(), test, "application/json", body).headers());
    headers.put("x-github-event", "ping");

    assertThat(
            webhook.accept(
                new Delivery(headers, body, RECEIVED, URL), List.of(SECRET), test.inputs()))
        .isInstanceOf(Acceptance.Ignored.class);
  }

  private void answersChallenge(Webhook webhook, Action action, ActionTest test)
      throws IOException {
    switch (webhook.challenge().orElseThrow()) {
      case Challenge.EchoQuery(var method, var parameter) -> {
        Map<String, String> query = Map.of(parameter, "c-1");
        assertThat(webhook.echo(method, name -> Optional.ofNullable(query.get(name))))
            .contains("c-1");
        assertThat(webhook.echo("PUT", name -> Optional.ofNullable(query.get(name)))).isEmpty();
        assertThat(webhook.echo(method, name -> Optional.empty())).isEmpty();
        assertThat(webhook.echo(method, name -> Optional.of("c".repeat(100_000)))).isEmpty();
      }
      case Challenge.Head() -> assertThat(webhook.answersHead()).isTrue();
      case Challenge.Body body -> {
        ObjectNode asked = challenge(action, "c-1");
        assertThat(taken(webhook, test, asked, SECRET))
            .isEqualTo(
                new Acceptance.Challenged(
                    body.echo().map(echo -> Map.of(echo.field(), "c-1")).orElse(Map.of())));
        if (body.echo().isPresent()) {
          assertThat(taken(webhook, test, challenge(action, "c".repeat(100_000)), SECRET))
              .isInstanceOf(Acceptance.Refused.class);
        }
        if (webhook.verification(test.inputs()).isPresent()) {
          assertThat(taken(webhook, test, asked, ANOTHER_SECRET))
              .isInstanceOf(Acceptance.Refused.class);
        }
      }
    }
    assertThat(webhook.objection(JSON.writeValueAsBytes(action.sample()), test.inputs())).isEmpty();
  }

  /** The body that asks. */
  private ObjectNode challenge(Action action, String echo) {
    Manifest.ChallengePart part = requireNonNull(webhookPart(action).challenge());
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    requireNonNull(part.when()).forEach((pointer, value) -> set(body, pointer, value));
    if (part.echo() != null) {
      set(body, part.echo(), JsonNodeFactory.instance.textNode(echo));
    }
    return body;
  }

  private static void set(ObjectNode body, String pointer, JsonNode value) {
    JsonPointer place = JsonPointer.compile(pointer);
    body.withObject(place.head()).set(place.last().getMatchingProperty(), value);
  }

  /** What becomes of a body of a sender that signs with the hook's secret. */
  private static Acceptance taken(Webhook webhook, ActionTest test, ObjectNode body, String inForce)
      throws IOException {
    ObjectNode inputs = withKey(webhook, test.inputs());
    Delivery delivery =
        signed(webhook, inputs, test, "application/json", JSON.writeValueAsBytes(body));
    if (!inForce.equals(SECRET)) {
      webhook
          .verification(inputs)
          .flatMap(way -> way.scheme().keyInput())
          .ifPresent(key -> inputs.put(key, ANOTHER_PUBLIC_KEY));
    }
    return webhook.accept(delivery, List.of(inForce), inputs);
  }

  private static boolean hasAddresses(PollSource poll) {
    return (poll.paging() != null && poll.paging().part().type().equals("link"))
        || (poll.cursor() != null && poll.cursor().isUrl());
  }

  /** A credential goes with the next request. */
  private void staysAtItsHost(PollSource poll, Action action, ActionTest test) throws Exception {
    Manifest.PollPart part = requireNonNull(part(action).poll());
    for (String elsewhere :
        List.of("https://evil.example/next", "//evil.example/next", "http://169.254.169.254/")) {
      JsonNode answer =
          JSON.readTree(
              answer(requireNonNull(part.items()), JsonNodeFactory.instance.arrayNode(), test));
      Map<String, String> headers = new HashMap<>();
      List<String> pointers = new ArrayList<>();
      if (part.cursor() != null && part.cursor().type().equals("url")) {
        pointers.addAll(requireNonNull(part.cursor().next().pointer()));
      }
      if (part.paginate() != null && part.paginate().next() != null) {
        pointers.add(part.paginate().next());
      } else {
        headers.put("link", "<" + elsewhere + ">; rel=\"next\"");
      }
      pointers.forEach(
          pointer ->
              set((ObjectNode) answer, pointer, JsonNodeFactory.instance.textNode(elsewhere)));
      PollReading reading = reading(poll, test, start(poll));
      reading.request();

      assertThatThrownBy(
              () ->
                  reading.read(new OutboundResponse(200, headers, JSON.writeValueAsBytes(answer))))
          .isInstanceOf(UnusableAnswerException.class)
          .hasMessageContaining("found another host");
    }
  }

  private void makesRequest(Reaction reaction, ReactionTest test) {
    // given
    assertThat(validator.validate(reaction, test.inputs())).isEmpty();

    // when
    OutboundRequest request = reaction.request(test.inputs());

    // then
    assertThat(request.method()).isEqualTo(test.expect().method());
    assertThat(request.uri()).hasToString(test.expect().url());
    assertThat(request.headers()).isEqualTo(test.expect().headers());
    assertThat(request.body().map(body -> new String(body, UTF_8)).orElse(null))
        .isEqualTo(test.expect().body());
    reaction
        .idempotencyHeader()
        .ifPresent(
            header ->
                assertThatThrownBy(
                        () ->
                            reaction.request(
                                test.inputs()
                                    .deepCopy()
                                    .set(
                                        "headers",
                                        JsonNodeFactory.instance.objectNode().put(header, "mine"))))
                    .isInstanceOf(InvalidInputsException.class));
  }

  /** The sample as the service would deliver it, as a form where it does so. */
  private Delivery signed(Webhook webhook, JsonNode inputs, Action action) throws IOException {
    ActionTest test = requireNonNull(manifest.tests().actions().get(action.id()));
    if (!webhookPart(action).formFields()) {
      byte[] body = JSON.writeValueAsBytes(action.sample());
      return signed(webhook, inputs, test, "application/json", body);
    }
    String form =
        action.sample().properties().stream()
            .map(f -> f.getKey() + "=" + URLEncoder.encode(f.getValue().asText(), UTF_8))
            .collect(Collectors.joining("&"));
    return signed(webhook, inputs, test, "application/x-www-form-urlencoded", form.getBytes(UTF_8));
  }

  /** A body as the service would deliver it. */
  private static Delivery signed(
      Webhook webhook, JsonNode inputs, ActionTest test, String contentType, byte[] body) {
    Map<String, String> headers = new HashMap<>();
    if (test.headers() != null) {
      headers.putAll(test.headers());
    }
    headers.put("content-type", contentType);
    Delivery unsigned = new Delivery(Map.copyOf(headers), body, RECEIVED, URL);
    webhook
        .verification(inputs)
        .ifPresent(
            way ->
                headers.putAll(
                    way.scheme()
                        .sign(
                            unsigned, way.scheme().keyInput().isPresent() ? PRIVATE_KEY : SECRET)));
    return new Delivery(headers, body, RECEIVED, URL);
  }

  /** The inputs of the test, and those with each way to sign that the manifest offers. */
  private static List<ObjectNode> inEachWay(Webhook webhook, ObjectNode inputs) {
    return Stream.concat(
            Stream.of(inputs),
            webhook.verifications().stream()
                .filter(way -> way.input() != null)
                .map(way -> inputs.deepCopy().put(way.input(), way.expected())))
        .distinct()
        .map(each -> withKey(webhook, each))
        .toList();
  }

  /** The inputs, with the sender's key where there is one. */
  private static ObjectNode withKey(Webhook webhook, ObjectNode inputs) {
    ObjectNode all = inputs.deepCopy();
    webhook
        .verification(inputs)
        .flatMap(way -> way.scheme().keyInput())
        .ifPresent(key -> all.put(key, PUBLIC_KEY));
    return all;
  }

  private @Nullable String form(Action action) {
    return webhookPart(action).formField();
  }

  private Manifest.WebhookPart webhookPart(Action action) {
    return requireNonNull(part(action).webhook());
  }

  private Manifest.ActionPart part(Action action) {
    return manifest.actions().stream()
        .filter(candidate -> candidate.id().equals(action.id()))
        .findFirst()
        .orElseThrow();
  }

  private List<String> problems(JsonNode schema, JsonNode value) {
    return InputsValidator.problems(validator.compile(schema), value, false).stream()
        .map(problem -> problem.pointer() + " " + problem.detail())
        .toList();
  }

  private byte[] read(String name) throws IOException {
    byte @Nullable [] content = folder.read(name);
    if (content == null) {
      throw new AssertionError(service.id() + " has no file " + name);
    }
    return content;
  }
}
