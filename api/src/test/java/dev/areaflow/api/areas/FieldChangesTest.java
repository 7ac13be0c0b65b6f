package dev.areaflow.api.areas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FieldChangesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | {} | []",
        "{'a': 1} | {'a': 2} | [{'field': '/a', 'before': 1, 'after': 2}]",
        "{'a': {'b/c': 1}} | {'a': {}} | [{'field': '/a/b~1c', 'before': 1}]",
        "{} | {'when': 'true'} | [{'field': '/when', 'after': 'true'}]",
        "{'a': null} | {} | [{'field': '/a', 'before': null}]",
        "{'a': [1, 2]} | {'a': [2, 1]} | [{'field': '/a', 'before': [1, 2], 'after': [2, 1]}]",
        "{'r': [{'id': 'x', 'n': 1}, {'id': 'y'}]} | {'r': [{'id': 'w'}, {'id': 'x', 'n': 2}]}"
            + " | [{'field': '/r/x/n', 'before': 1, 'after': 2}, {'field': '/r/y', 'before':"
            + " {'id': 'y'}}, {'field': '/r/w', 'after': {'id': 'w'}}]",
        "{'r': [{'id': 'x'}, {'id': 'y'}]} | {'r': [{'id': 'y'}, {'id': 'x'}]}"
            + " | [{'field': '/r', 'before': ['x', 'y'], 'after': ['y', 'x']}]",
        "{'r': [{'id': 'x'}, {'id': 'x'}]} | {'r': [{'id': 'x'}]}"
            + " | [{'field': '/r', 'before': [{'id': 'x'}, {'id': 'x'}], 'after': [{'id': 'x'}]}]",
      })
  void whatIsOtherIsNamedByItsField(String before, String after, String changes) {
    // when
    JsonNode found = FieldChanges.between(json(before), json(after));

    // then
    assertThat(found).isEqualTo(json(changes));
  }

  private static JsonNode json(String text) {
    return AreaApi.tree(text.replace('\'', '"'));
  }
}
