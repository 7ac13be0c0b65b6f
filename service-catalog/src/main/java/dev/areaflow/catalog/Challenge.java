package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.catalog.Manifest.ChallengePart;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** How a provider asks whether a hook is there, and what it wants to hear. */
sealed interface Challenge {
  /** The longest value that is sent back, in characters. */
  int LONGEST_ECHO = 1_024;

  /**
   * Makes what a manifest says of it.
   *
   * @param places where among the values of a body that of a pointer is
   */
  static Challenge of(ChallengePart part, ToIntFunction<String> places) {
    return switch (part.type()) {
      case "echo_query" ->
          new EchoQuery(
              Objects.requireNonNull(part.method()), Objects.requireNonNull(part.parameter()));
      case "head_200" -> new Head();
      case "echo_json" -> {
        String echo = Objects.requireNonNull(part.echo());
        yield new Body(
            place(part, places),
            expected(part),
            Optional.of(
                new Echo(places.applyAsInt(echo), echo.substring(echo.lastIndexOf('/') + 1))));
      }
      case "ping_204" -> new Body(place(part, places), expected(part), Optional.empty());
      default -> throw new IllegalStateException("the manifest's JSON Schema knows no such type");
    };
  }

  private static int place(ChallengePart part, ToIntFunction<String> places) {
    return places.applyAsInt(when(part).getKey());
  }

  private static JsonNode expected(ChallengePart part) {
    return when(part).getValue();
  }

  private static Map.Entry<String, JsonNode> when(ChallengePart part) {
    return Objects.requireNonNull(part.when()).entrySet().iterator().next();
  }

  /** A request with a parameter in its query whose value is wanted back as plain text. */
  record EchoQuery(String method, String parameter) implements Challenge {

    Optional<String> answer(String asked, Function<String, Optional<String>> query) {
      return method.equals(asked)
          ? query
              .apply(parameter)
              .filter(value -> !value.isEmpty() && value.length() <= LONGEST_ECHO)
          : Optional.empty();
    }
  }

  /** A HEAD request. */
  record Head() implements Challenge {}

  /**
   * A verified delivery whose body says that it is one.
   *
   * @param value the place of what says so
   * @param expected what it says
   * @param echo what is wanted back; empty where an answer without content is
   */
  record Body(int value, JsonNode expected, Optional<Echo> echo) implements Challenge {

    boolean asks(JsonNode[] values) {
      return expected.equals(values[value]);
    }

    /** The answer to values that ask. */
    Acceptance answer(JsonNode[] values) {
      if (echo.isEmpty()) {
        return new Acceptance.Challenged(Map.of());
      }
      JsonNode wanted = values[echo.get().value()];
      return wanted.isTextual() && wanted.textValue().length() <= LONGEST_ECHO
          ? new Acceptance.Challenged(Map.of(echo.get().field(), wanted.textValue()))
          : new Acceptance.Refused(
              Refusal.JSON,
              "expected a text of %d characters at most in the field %s"
                  .formatted(LONGEST_ECHO, echo.get().field()));
    }
  }

  /**
   * A text that is wanted back.
   *
   * @param value its place
   * @param field its name in the answer
   */
  record Echo(int value, String field) {}
}
