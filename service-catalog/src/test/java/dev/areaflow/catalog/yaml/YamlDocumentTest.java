package dev.areaflow.catalog.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class YamlDocumentTest {
  @Test
  void eachDocumentOfAFileKnowsTheLinesOfTheFile() {
    // when
    List<YamlDocument> documents =
        YamlDocument.parseAll("f.yaml", "a: 1\n---\n# nothing\n---\nb:\n  - c: 2\n");

    // then
    assertThat(documents).hasSize(2);
    assertThat(documents.getFirst().problem("/a", "is bad")).isEqualTo("f.yaml:1: /a is bad");
    assertThat(documents.getLast().problem("/b/0/c", "is bad"))
        .isEqualTo("f.yaml:6: /b/0/c is bad");
    assertThat(documents.getLast().problem("/b/0/d", "is missing"))
        .isEqualTo("f.yaml:6: /b/0/d is missing");
  }

  @Test
  void aSecondDocumentThatIsNoYamlIsNamedByItsLine() {
    assertThatThrownBy(() -> YamlDocument.parseAll("f.yaml", "a: 1\n---\nb: [\n"))
        .isInstanceOf(UnreadableYamlException.class)
        .hasMessageStartingWith("f.yaml:4: ");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "-12, -12",
    "123456789012345678901234567890, 123456789012345678901234567890",
    "1.5, 1.5",
    "1.5e3, 1.5e3",
    "0x1F, '\"0x1F\"'",
    "1_000, '\"1_000\"'",
    ".5, '\".5\"'",
    "12:30, '\"12:30\"'",
    "2026-03-01, '\"2026-03-01\"'"
  })
  void numbersAreThoseOfJsonAndAllElseIsText(String written, String json) throws Exception {
    // when
    JsonNode read = YamlDocument.parse("f.yaml", "a: " + written).root().path("a");

    // then
    JsonNode expected = new ObjectMapper().readTree(json);
    assertThat(read.isNumber()).isEqualTo(expected.isNumber());
    if (expected.isNumber()) {
      assertThat(read.decimalValue()).isEqualByComparingTo(expected.decimalValue());
    } else {
      assertThat(read).isEqualTo(expected);
    }
  }
}
