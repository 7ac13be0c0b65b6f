package dev.areaflow.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.expressions.Problem;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PathBelowTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final URI BASE = URI.create("https://api.shop.example/v1");

  private final PathBelow path =
      new PathBelow(BASE, "/repos/${+inputs.repository}/labels/${inputs.label}");

  @Test
  void inputsAreEncodedBySegment() {
    assertThat(fill("octocat/hello world", "p/1 & é?"))
        .contains(
            "https://api.shop.example/v1/repos/octocat/hello%20world/labels/p%2F1%20%26%20%C3%A9%3F");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", ".", "a/../b", "/a", "a/", "a//b", "..\\..\\a", "a/.\\b"})
  void noInputClimbsOut(String repository) {
    // given
    List<Problem> problems = new ArrayList<>();

    // when
    Optional<String> filled = path.fill(inputs(repository, "bug"), problems);

    // then
    assertThat(filled).isEmpty();
    assertThat(problems).singleElement().returns("/repository", Problem::pointer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", ".", "a/../b", "../a", "a\\.."})
  void noSegmentClimbsOutOnceItIsDecoded(String label) {
    // given
    List<Problem> problems = new ArrayList<>();

    // when
    Optional<String> filled = path.fill(inputs("octocat/hello", label), problems);

    // then
    assertThat(filled).isEmpty();
    assertThat(problems).singleElement().returns("/label", Problem::pointer);
  }

  @Test
  void aTemplateIsNotJudgedBeforeItIsFilled() {
    // given
    List<Problem> problems = new ArrayList<>();

    // when
    path.check(inputs("${event.repository.full_name}", ".."), problems);

    // then
    assertThat(problems).singleElement().returns("/label", Problem::pointer);
  }

  @Property
  void whateverAnInputIsTheAddressStaysBelow(@ForAll String repository, @ForAll String label) {
    fill(repository, label)
        .ifPresent(
            url -> assertThat(Endpoint.at(BASE).covers(URI.create(url))).describedAs(url).isTrue());
  }

  private Optional<String> fill(String repository, String label) {
    return path.fill(inputs(repository, label), new ArrayList<>());
  }

  private static ObjectNode inputs(String repository, String label) {
    return JSON.createObjectNode().put("repository", repository).put("label", label);
  }
}
