package dev.areaflow.expressions;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelFunctionDecl;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CheckerTest {
  private static final String TOO_MANY = String.join(", ", Collections.nCopies(9, "event"));

  @ParameterizedTest
  @MethodSource("functions")
  void aFunctionThatIsDeclaredIsKnownWhereItIsCalled(String name) {
    assertThatThrownBy(() -> new Expressions().condition(name + "(" + TOO_MANY + ")"))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageContaining("'" + name + "' does not apply to");
  }

  static Stream<String> functions() {
    return Stream.concat(
            CelStandardDeclarations.getAllFunctionNames().stream(),
            Language.FUNCTIONS.stream().map(CelFunctionDecl::name))
        .filter(name -> name.matches("[a-zA-Z.]+"))
        .filter(name -> !name.equals("in"))
        .distinct()
        .sorted();
  }
}
