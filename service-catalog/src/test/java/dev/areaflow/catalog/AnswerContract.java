package dev.areaflow.catalog;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.Manifest.AnswerTest;
import dev.areaflow.catalog.Manifest.ExpectedResult;
import dev.areaflow.catalog.Manifest.ReactionTest;
import dev.areaflow.catalog.ProviderStub.Answer;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.LoopbackClients;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.schemas.config.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicNode;

/**
 * What every service that has a base URL must keep when its reactions are carried out over HTTP: at
 * a stub that answers as the manifest's section {@code tests} says that the service does, and as
 * any server may.
 */
final class AnswerContract implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant ANSWERED = Instant.parse("2026-06-01T10:00:00Z");
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(200);
  static final List<String> HOSTILE =
      List.of(
          "../../admin",
          "..",
          "octo/..",
          "octo/../..",
          "%2e%2e/%2e%2e/admin",
          "octo/..%2f..%2fadmin",
          "..\\..\\admin",
          "/evil.example/x",
          "//evil.example/x",
          "https://evil.example/x",
          "@evil.example/x",
          "octo/hello@evil.example:80",
          "octo/hello?access_token=x",
          "octo/hello#x",
          "octo/hello\r\nhost: evil.example",
          "octo/hello\nhost: evil.example");

  private final ProviderStub stub = new ProviderStub();
  private final ProviderStub elsewhere = new ProviderStub();
  private final GuardedHttpClient client;
  private final Manifest manifest;
  private final Service service;
  private final Endpoint endpoint;
  private final InputsValidator validator = new InputsValidator();

  /**
   * @param manifest of the service, with a section {@code http}
   */
  AnswerContract(Manifest manifest, ManifestLoader.Folder folder) throws IOException {
    this.client = LoopbackClients.to(LONG, stub.authority(), elsewhere.authority());
    this.manifest = manifest;
    this.service =
        new ManifestLoader(
                ServiceAddresses.from(
                    Settings.of(
                        Map.of(
                            "service." + manifest.id() + ".base-url", stub.baseUrl().toString(),
                            "service." + manifest.id() + ".hosts", hostsAtTheStub())),
                    List.of(manifest.id())))
            .load(manifest.id(), folder);
    this.endpoint = service.endpoint().orElseThrow();
  }

  /** Each of the other hosts has a path of its own there. */
  private String hostsAtTheStub() {
    return declaredHosts().keySet().stream()
        .map(name -> name + "=" + stub.baseUrl() + "/" + name)
        .collect(Collectors.joining(","));
  }

  private Map<String, String> declaredHosts() {
    @Nullable Map<String, String> hosts = requireNonNull(manifest.http()).hosts();
    return hosts == null ? Map.of() : hosts;
  }

  /** What a path at the stub would be at the service. */
  private String declared(String path) {
    for (Map.Entry<String, String> host : declaredHosts().entrySet()) {
      if (path.startsWith("/" + host.getKey() + "/")) {
        return host.getValue() + path.substring(host.getKey().length() + 1);
      }
    }
    return requireNonNull(manifest.http()).baseUrl() + path;
  }

  /** The tests; the stubs are closed with the stream. */
  Stream<DynamicNode> tests() {
    List<DynamicNode> tests = new ArrayList<>();
    service
        .reactions()
        .forEach(reaction -> tests.add(dynamicContainer(reaction.id(), tests(reaction))));
    if (!service.reactions().isEmpty()) {
      tests.add(dynamicTest("documents what answers mean", this::documentsWhatAnswersMean));
      tests.add(dynamicContainer("as documented", answers().stream().map(this::meansAsDocumented)));
      tests.add(dynamicContainer("as any server", asAnyServer()));
    }
    service
        .options()
        .forEach(
            options ->
                tests.add(
                    dynamicContainer(
                        "options " + options.name(),
                        new OptionContract(service, manifest, options, stub, client).tests())));
    endpoint
        .probeRequest()
        .ifPresent(
            probe ->
                tests.add(
                    dynamicTest(
                        "credentials are tested below the base URL", () -> isAsked(probe))));
    return tests.stream().onClose(this::close);
  }

  private void isAsked(OutboundRequest probe) throws Exception {
    stub.answer(new Answer.Whole(200, Map.of(), "{}"));

    OutboundResponse response = client.send(probe);

    assertThat(service.result(response, ANSWERED)).isEqualTo(new CallResult.Succeeded());
    assertThat(stub.requests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.method())
                  .isEqualTo(endpoint.probe().map(Endpoint.Probe::method).orElseThrow());
              assertThat(request.path())
                  .isEqualTo(endpoint.probe().map(Endpoint.Probe::address).orElseThrow());
              assertThat(request.headers()).containsAllEntriesOf(endpoint.headers());
            });
  }

  private Stream<DynamicNode> tests(Reaction reaction) {
    List<DynamicNode> tests = new ArrayList<>();
    List<ReactionTest> cases = requireNonNull(manifest.tests().reactions().get(reaction.id()));
    for (int i = 0; i < cases.size(); i++) {
      ReactionTest test = cases.get(i);
      tests.add(
          dynamicTest("request " + (i + 1) + " is carried out", () -> isDone(reaction, test)));
      tests.add(
          dynamicTest(
              "request " + (i + 1) + " stays below the base URL",
              () -> staysBelow(reaction, test)));
    }
    return tests.stream();
  }

  private void isDone(Reaction reaction, ReactionTest test) throws Exception {
    // given
    assertThat(test.answer()).as("tests.reactions.%s.answer", reaction.id()).isNotNull();
    int status = requireNonNull(test.answer());
    JsonNode output = status == 204 ? JsonNodeFactory.instance.nullNode() : reaction.sample();
    assertThat(
            InputsValidator.problems(validator.compile(reaction.output()), output, false).stream())
        .isEmpty();
    stub.answer(
        new Answer.Whole(
            status,
            Map.of("content-type", "application/json; charset=utf-8"),
            status == 204 ? "" : JSON.writeValueAsString(output)));

    // when
    OutboundResponse response = client.send(reaction.request(test.inputs()));

    // then
    assertThat(service.result(response, ANSWERED)).isEqualTo(new CallResult.Succeeded());
    assertThat(response.body().length == 0 ? null : JSON.readTree(response.body()))
        .isEqualTo(status == 204 ? null : output);
    assertThat(stub.requests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.method()).isEqualTo(test.expect().method());
              assertThat(declared(request.path())).isEqualTo(test.expect().url());
              test.expect()
                  .headers()
                  .forEach(
                      (name, value) ->
                          assertThat(request.headers())
                              .containsEntry(name.toLowerCase(Locale.ROOT), value));
              assertThat(request.headers())
                  .containsKey("user-agent")
                  .doesNotContainKeys("authorization", "cookie");
              assertThat(request.body())
                  .isEqualTo(test.expect().body() == null ? "" : test.expect().body());
            });
  }

  /** Refused, or below: no third way for inputs that try to lead elsewhere. */
  private void staysBelow(Reaction reaction, ReactionTest test) {
    List<OutboundRequest> made = new ArrayList<>();
    for (String key : test.inputs().properties().stream().map(Map.Entry::getKey).toList()) {
      for (String hostile : HOSTILE) {
        ObjectNode inputs = test.inputs().deepCopy().put(key, hostile);
        try {
          made.add(reaction.request(inputs));
        } catch (InvalidInputsException e) {
          assertThat(e).hasMessageContaining("/" + key);
        }
      }
    }

    assertThat(made).extracting(OutboundRequest::uri).allMatch(endpoint::covers);
  }

  private void documentsWhatAnswersMean() {
    assertThat(answers().stream().map(test -> test.expect().result()))
        .contains("unauthorized", "permanent", "retryable");
    assertThat(answers().stream().map(AnswerTest::name)).doesNotHaveDuplicates();
    endpoint
        .quota()
        .ifPresent(
            quota ->
                assertThat(answers())
                    .anySatisfy(
                        test -> {
                          assertThat(test.headers()).containsEntry(quota.remaining(), "0");
                          assertThat(test.headers()).containsKey(quota.reset());
                          assertThat(test.headers()).doesNotContainKey("retry-after");
                          assertThat(test.expect().after()).isNotNull();
                        }));
  }

  private DynamicNode meansAsDocumented(AnswerTest test) {
    return dynamicTest(
        test.status() + " " + test.name(),
        () ->
            assertResult(
                new Answer.Whole(
                    test.status(), test.headers() == null ? Map.of() : test.headers(), test.text()),
                test.at() == null ? ANSWERED : test.at(),
                test.expect()));
  }

  private Stream<DynamicNode> asAnyServer() {
    ExpectedResult unauthorized = new ExpectedResult("unauthorized", null);
    ExpectedResult permanent = new ExpectedResult("permanent", null);
    ExpectedResult retryable = new ExpectedResult("retryable", null);
    Map<String, String> inHalfAMinute = Map.of("retry-after", "30");
    ExpectedResult thirtySeconds = new ExpectedResult("retryable", Duration.ofSeconds(30));
    return Stream.concat(
        Stream.of(
                means(401, Map.of(), unauthorized),
                means(400, Map.of(), permanent),
                means(403, Map.of(), permanent),
                means(404, Map.of(), permanent),
                means(422, Map.of(), permanent),
                means(408, Map.of(), retryable),
                means(429, Map.of(), retryable),
                means(429, inHalfAMinute, thirtySeconds),
                means(429, Map.of("retry-after", "Mon, 01 Jun 2026 10:00:30 GMT"), thirtySeconds),
                means(500, Map.of(), retryable),
                means(502, Map.of(), retryable),
                means(503, inHalfAMinute, thirtySeconds),
                means(504, Map.of(), retryable))
            .flatMap(tests -> tests),
        Stream.of(
            dynamicTest("a redirect is not followed", this::redirectIsNotFollowed),
            dynamicTest("done is done, whatever the body is", this::doneIsDone),
            dynamicTest("a cut answer may be tried again", this::cutMayBeTriedAgain),
            dynamicTest("no answer in time may be tried again", this::silenceMayBeTriedAgain),
            dynamicTest("no connection may be tried again", this::noConnectionMayBeTriedAgain)));
  }

  /** None where the service says itself what the status means, whatever the body is. */
  private Stream<DynamicNode> means(
      int status, Map<String, String> headers, ExpectedResult expected) {
    boolean ruled =
        endpoint.rules().stream()
            .anyMatch(rule -> rule.status() == status && rule.text().isEmpty());
    return ruled
        ? Stream.empty()
        : Stream.of(
            dynamicTest(
                status + " " + headers,
                () ->
                    assertResult(
                        new Answer.Whole(status, headers, "<html>not what was expected"),
                        ANSWERED,
                        expected)));
  }

  private void redirectIsNotFollowed() throws Exception {
    elsewhere.answer(new Answer.Whole(201, Map.of(), "{}"));
    for (int status : List.of(301, 302, 303, 307, 308)) {
      assertResult(
          new Answer.Whole(
              status, Map.of("location", elsewhere.baseUrl() + "/repositories/1"), "{}"),
          ANSWERED,
          new ExpectedResult("permanent", null));
    }
    assertThat(elsewhere.requests()).isEmpty();
  }

  /** Trying again would do it twice. */
  private void doneIsDone() throws Exception {
    for (String body : List.of("", "{\"id\":", "<html>", "[1,2,", "\u0000")) {
      assertResult(
          new Answer.Whole(201, Map.of("content-type", "application/json"), body),
          ANSWERED,
          new ExpectedResult("succeeded", null));
    }
  }

  private void silenceMayBeTriedAgain() throws Exception {
    try (ProviderStub silent = new ProviderStub();
        GuardedHttpClient impatient = LoopbackClients.to(SHORT, silent.authority())) {
      assertRetryable(anyRequestTo(silent.baseUrl()), impatient);
    }
  }

  private void noConnectionMayBeTriedAgain() throws Exception {
    try (Socket deaf = new Socket()) {
      deaf.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      String authority = "127.0.0.1:" + deaf.getLocalPort();
      try (GuardedHttpClient other = LoopbackClients.to(LONG, authority)) {
        assertRetryable(anyRequestTo(URI.create("http://" + authority)), other);
      }
    }
  }

  private void cutMayBeTriedAgain() throws Exception {
    stub.answer(new Answer.Cut());
    assertRetryable(anyRequest(), client);
    assertThat(stub.requests()).hasSize(1);
  }

  private static void assertRetryable(OutboundRequest request, GuardedHttpClient sender)
      throws Exception {
    @Nullable IOException failure = null;
    try {
      sender.send(request);
    } catch (IOException e) {
      failure = e;
    }
    assertThat(failure).isNotNull();
    assertThat(ExpectedResult.of(CallResult.of(requireNonNull(failure))))
        .isEqualTo(new ExpectedResult("retryable", null));
  }

  private void assertResult(Answer answer, Instant at, ExpectedResult expected) throws Exception {
    stub.answer(answer);

    OutboundResponse response = client.send(anyRequest());

    assertThat(ExpectedResult.of(service.result(response, at))).isEqualTo(expected);
    assertThat(stub.requests()).hasSize(1);
  }

  private OutboundRequest anyRequestTo(URI address) {
    OutboundRequest request = anyRequest();
    return new OutboundRequest(request.method(), address, request.headers(), request.body());
  }

  /** What an answer means is the same for all reactions. */
  private OutboundRequest anyRequest() {
    Reaction reaction = service.reactions().getFirst();
    return reaction.request(
        requireNonNull(manifest.tests().reactions().get(reaction.id())).getFirst().inputs());
  }

  private List<AnswerTest> answers() {
    return manifest.tests().answers() == null ? List.of() : manifest.tests().answers();
  }

  @Override
  public void close() {
    client.close();
    stub.close();
    elsewhere.close();
  }
}
