package dev.areaflow.launcher.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DifferenceTest {
  @Test
  void fieldsAreNamedByTheIdsOfWhatTheyAreIn() {
    // when
    List<Difference> differences =
        differences(
            "{when: a, reactions: [{id: x, inputs: {url: u, n: 1}}, {id: y}]}",
            "{when: b, reactions: [{id: x, inputs: {url: v, n: 1}}, {id: z}]}");

    // then
    assertThat(differences)
        .extracting(Difference::field)
        .containsExactly("when", "reactions[x].inputs.url", "reactions[y]", "reactions[z]");
    assertThat(differences.get(2).after().isMissingNode()).isTrue();
    assertThat(differences.get(3).before().isMissingNode()).isTrue();
  }

  @Test
  void anotherOrderIsADifference() {
    // when
    List<Difference> differences =
        differences("{reactions: [{id: x}, {id: y}]}", "{reactions: [{id: y}, {id: x}]}");

    // then
    assertThat(differences).extracting(Difference::field).containsExactly("reactions order");
  }

  @Test
  void elementsWithoutIdsAreComparedInTheirPlaces() {
    assertThat(differences("{a: [1, 2]}", "{a: [1, 3]}"))
        .extracting(Difference::field)
        .containsExactly("a[1]");
    assertThat(differences("{a: [1, 2]}", "{a: [1]}"))
        .extracting(Difference::field)
        .containsExactly("a");
    assertThat(differences("{a: [{id: x}, {id: x}]}", "{a: [{id: x}, {id: x, b: 1}]}"))
        .extracting(Difference::field)
        .containsExactly("a[1].b");
  }

  @Test
  void theOrderOfFieldsAndTheFormOfNumbersAreNone() {
    assertThat(differences("{a: 1, b: 2}", "{b: 2, a: 1}")).isEmpty();
    assertThat(Difference.between(IntNode.valueOf(1), DecimalNode.valueOf(new BigDecimal("1.0"))))
        .isEmpty();
    assertThat(differences("{a: 1}", "{a: '1'}")).hasSize(1);
  }

  private static List<Difference> differences(String before, String after) {
    return Difference.between(Definitions.of(before), Definitions.of(after));
  }
}
