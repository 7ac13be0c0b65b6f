package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.areaflow.expressions.AreaExpressions;
import dev.areaflow.expressions.Expressions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the services' pages show as an AREA, or as a reaction of one, can be used as it stands. */
final class DocumentedExamplesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern BLOCK = Pattern.compile("(?s)```json\n(.*?)```");

  private final ServiceCatalog catalog = ServiceCatalog.bundled();
  private final InputsValidator validator = new InputsValidator();

  @Test
  void everyExampleHasInputsThatFit() throws IOException {
    // given
    List<String> seen = new ArrayList<>();

    for (String service : ServiceCatalog.bundledIds()) {
      for (JsonNode example : examples(service)) {
        // when, then
        if (example.has("action")) {
          JsonNode use = example.path("action");
          Action action =
              catalog
                  .action(use.path("service").asText(), use.path("action").asText())
                  .orElseThrow();
          assertThat(validator.validate(action, use.path("inputs"))).isEmpty();
          expressionsFit(example, action);
        }
        for (JsonNode use :
            example.has("reactions") ? example.path("reactions") : List.of(example)) {
          Reaction reaction =
              catalog
                  .reaction(use.path("service").asText(service), use.path("reaction").asText())
                  .orElseThrow();
          assertThat(validator.validate(reaction, use.path("inputs"))).isEmpty();
          seen.add(reaction.id());
        }
      }
    }
    assertThat(seen).contains("add_label", "create_comment", "create_gist", "dispatch_workflow");
  }

  private void expressionsFit(JsonNode example, Action action) {
    AreaExpressions area = new Expressions().ofArea(action.output());
    if (example.has("when")) {
      area.condition(example.path("when").asText());
    }
    for (JsonNode use : example.path("reactions")) {
      Reaction reaction =
          catalog
              .reaction(use.path("service").asText(), use.path("reaction").asText())
              .orElseThrow();
      area.template(use.path("inputs"), reaction.urlInputs());
    }
  }

  private static List<JsonNode> examples(String service) throws IOException {
    String page =
        new String(requireNonNull(ServiceCatalog.bundledFolder(service).read("docs.md")), UTF_8);
    List<JsonNode> examples = new ArrayList<>();
    for (MatchResult block : BLOCK.matcher(page).results().toList()) {
      try (MappingIterator<JsonNode> values =
          JSON.readerFor(JsonNode.class).readValues(block.group(1))) {
        examples.addAll(values.readAll());
      }
    }
    return examples;
  }
}
