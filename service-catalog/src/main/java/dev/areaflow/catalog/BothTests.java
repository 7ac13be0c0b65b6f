package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.catalog.yaml.YamlDocument;
import dev.areaflow.expressions.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a poll finds against what a webhook delivers, for the actions that have both: the
 * answer that a manifest names and the action's sample must become the same event. For one thread.
 */
final class BothTests {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final YamlDocument document;
  private final Service service;
  private final Manifest.Tests tests;
  private final ManifestLoader.Folder folder;
  private final InputsValidator validator;
  private final List<String> problems = new ArrayList<>();

  /**
   * @param service made of the manifest
   * @param folder where the answers are
   */
  BothTests(
      YamlDocument document,
      Service service,
      Manifest.Tests tests,
      ManifestLoader.Folder folder,
      InputsValidator validator) {
    this.document = document;
    this.service = service;
    this.tests = tests;
    this.folder = folder;
    this.validator = validator;
  }

  /** What does not hold, each with file and line; empty if all does. */
  List<String> problems() {
    for (Action action : service.actions()) {
      if (action.source() instanceof ActionSource.Both both) {
        Manifest.@Nullable ActionTest test = tests.actions().get(action.id());
        if (test == null || test.answer() == null) {
          note(
              "/tests/actions" + (test == null ? "" : "/" + action.id()),
              "expected answer, what a poll of " + action.id() + " finds its sample in");
        } else {
          check(action, both, test, "/tests/actions/" + action.id());
        }
      }
    }
    return List.copyOf(problems);
  }

  private void check(Action action, ActionSource.Both both, Manifest.ActionTest test, String at) {
    Optional<String> id = both.poll().canonicalId(action.sample());
    if (!id.equals(Optional.ofNullable(test.expect().canonicalId()))) {
      note(at + "/expect", "the sample's canonical_id is " + id.orElse("none: a value is missing"));
      return;
    }
    try {
      List<PollSource.Item> items = found(both.poll(), test);
      items.stream()
          .filter(item -> item.id().equals(id.orElseThrow()))
          .findFirst()
          .ifPresentOrElse(
              item -> check(action, both.webhook(), test, item, at),
              () ->
                  note(
                      at + "/answer",
                      "expected an item that becomes "
                          + id.orElseThrow()
                          + ", found "
                          + items.stream().map(PollSource.Item::id).toList()));
    } catch (UnusableAnswerException | InvalidInputsException e) {
      note(at + "/answer", "a poll cannot use it: " + e.getMessage());
    }
  }

  private void check(
      Action action, Webhook webhook, Manifest.ActionTest test, PollSource.Item item, String at) {
    JsonNode event = json(item.payload());
    for (Problem problem :
        InputsValidator.problems(validator.compile(action.output()), event, false)) {
      note(
          at + "/answer",
          "what is found does not fit the action's schema at \"%s\": %s"
              .formatted(problem.pointer(), problem.detail()));
    }
    webhook
        .objection(item.payload(), test.inputs())
        .ifPresent(
            objection -> note(at + "/answer", "delivered, what is found were none: " + objection));
    if (!Objects.equals(item.time(), test.expect().time())) {
      note(at + "/expect/time", "what is found has " + item.time());
    }
  }

  /** What a poll finds that goes on from before everything. */
  private List<PollSource.Item> found(PollSource poll, Manifest.ActionTest test)
      throws UnusableAnswerException {
    Deque<String> answers = new ArrayDeque<>();
    answers.add(Objects.requireNonNull(test.answer()));
    Map<String, String> about = test.about() == null ? Map.of() : test.about();
    poll.about().forEach(name -> answers.add(about.getOrDefault(name, name + ".answer.json")));
    PollReading reading = poll.reading(test.inputs(), poll.beforeAll(), Instant.now());
    boolean more = true;
    while (more) {
      var _ = reading.request();
      String file = answers.isEmpty() ? String.valueOf(test.detail()) : answers.remove();
      more = reading.read(new OutboundResponse(200, Map.of(), read(file)));
    }
    return reading.found().items();
  }

  private byte[] read(String file) throws UnusableAnswerException {
    try {
      byte @Nullable [] content = folder.read(file);
      if (content == null) {
        throw new UnusableAnswerException("expected a file " + service.id() + "/" + file);
      }
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException(service.id() + "/" + file + " cannot be read", e);
    }
  }

  private static JsonNode json(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (IOException e) {
      throw new UncheckedIOException("JSON that was written cannot be read", e);
    }
  }

  private void note(String at, String detail) {
    problems.add(document.problem(at, detail));
  }
}
