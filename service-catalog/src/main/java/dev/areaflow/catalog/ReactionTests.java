package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.networknt.schema.Schema;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.yaml.YamlDocument;
import dev.areaflow.expressions.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest's section {@code tests} says of reactions and answers, held against the code that
 * makes requests and judges answers.
 */
final class ReactionTests {
  private static final int NO_CONTENT = 204;

  private final YamlDocument document;
  private final Service service;
  private final Manifest.Tests tests;
  private final InputsValidator validator;
  private final List<String> problems = new ArrayList<>();

  /**
   * @param service made of the manifest
   */
  ReactionTests(
      YamlDocument document, Service service, Manifest.Tests tests, InputsValidator validator) {
    this.document = document;
    this.service = service;
    this.tests = tests;
    this.validator = validator;
  }

  /** What does not hold, each with file and line; empty if all does. */
  List<String> problems() {
    for (Reaction reaction : service.reactions()) {
      @Nullable List<Manifest.ReactionTest> cases = tests.reactions().get(reaction.id());
      if (cases == null) {
        note("/tests/reactions", "expected a test of the reaction " + reaction.id());
        continue;
      }
      for (int i = 0; i < cases.size(); i++) {
        check(reaction, cases.get(i), "/tests/reactions/" + reaction.id() + "/" + i);
      }
    }
    for (String id : tests.reactions().keySet()) {
      if (service.reaction(id).isEmpty()) {
        note("/tests/reactions/" + id, "is not a reaction of this manifest");
      }
    }
    List<Manifest.AnswerTest> answers = tests.answers() == null ? List.of() : tests.answers();
    for (int i = 0; i < answers.size(); i++) {
      check(answers.get(i), "/tests/answers/" + i + "/expect");
    }
    return List.copyOf(problems);
  }

  private void check(Reaction reaction, Manifest.ReactionTest test, String at) {
    @Nullable Integer answer = test.answer();
    if (service.endpoint().isPresent() && answer == null) {
      note(at, "expected answer, the status that the service answers with");
    }
    if (answer != null && answer == NO_CONTENT && !takesNull(reaction)) {
      note(at + "/answer", "204 has no body: expected an output schema that takes null");
    }
    try {
      compare(test.expect(), reaction.request(test.inputs()), at + "/expect");
    } catch (InvalidInputsException e) {
      for (Problem problem : e.problems()) {
        note(at + "/inputs" + problem.pointer(), problem.detail());
      }
    }
  }

  private boolean takesNull(Reaction reaction) {
    Schema schema = validator.compile(reaction.output());
    return InputsValidator.problems(schema, JsonNodeFactory.instance.nullNode(), false).isEmpty();
  }

  private void compare(Manifest.ExpectedRequest expected, OutboundRequest request, String at) {
    compare(expected.method(), request.method(), at + "/method");
    compare(expected.url(), request.uri().toString(), at + "/url");
    compare(expected.headers(), request.headers(), at + "/headers");
    compare(
        expected.body(),
        request.body().map(body -> new String(body, StandardCharsets.UTF_8)).orElse(null),
        at + "/body");
  }

  private void compare(@Nullable Object expected, @Nullable Object made, String at) {
    if (!Objects.equals(expected, made)) {
      note(at, "the request has " + (made == null ? "none" : made));
    }
  }

  private void check(Manifest.AnswerTest test, String at) {
    Instant when = test.at() == null ? Instant.EPOCH : test.at();
    Manifest.ExpectedResult found =
        Manifest.ExpectedResult.of(service.result(test.response(), when));
    if (!found.equals(test.expect())) {
      note(at, "the answer \"" + test.name() + "\" means " + found);
    }
  }

  private void note(String at, String detail) {
    problems.add(document.problem(at, detail));
  }
}
