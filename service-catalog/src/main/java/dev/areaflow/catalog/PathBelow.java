package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.expressions.Problem;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A path below a service's base URL, with inputs in it: {@code ${inputs.KEY}} is one segment, whose
 * slashes are percent-encoded too, {@code ${+inputs.KEY}} one or several with slashes between them
 * (after RFC 6570's {@code {+var}}). No input can climb out of the path.
 */
final class PathBelow {
  private static final Pattern REFERENCE =
      Pattern.compile(
          "\\$\\{(\\+?)(?:inputs\\.([a-z][A-Za-z0-9]{0,63})|((?:hook|saved)\\.[a-z][A-Za-z0-9]{0,63}))}");
  private static final Pattern LITERAL = Pattern.compile("[A-Za-z0-9/._~:@!$&'()*+,;=-]*");
  private static final String UNRESERVED = "-._~";

  private final URI base;
  private final List<Part> parts = new ArrayList<>();

  private sealed interface Part {
    record Literal(String text) implements Part {}

    record Input(String key, boolean several) implements Part {}
  }

  PathBelow(URI base, String template) {
    this.base = base;
    Matcher reference = REFERENCE.matcher(template);
    int from = 0;
    while (reference.find()) {
      parts.add(new Part.Literal(template.substring(from, reference.start())));
      parts.add(new Part.Input(key(reference.toMatchResult()), !reference.group(1).isEmpty()));
      from = reference.end();
    }
    parts.add(new Part.Literal(template.substring(from)));
  }

  /** Whether a request's URL is a path and not a URL of its own. */
  static boolean isOne(String url) {
    return url.startsWith("/");
  }

  /**
   * What the manifest's author did wrong.
   *
   * @param references what may stand in it besides inputs
   * @param mayLackInputs whether inputs that are not required may, too
   */
  static List<String> lint(
      String template, Inputs inputs, Set<String> references, boolean mayLackInputs) {
    List<String> problems = new ArrayList<>();
    if (!LITERAL.matcher(REFERENCE.matcher(template).replaceAll("x")).matches()) {
      problems.add("expected a path with ${inputs.KEY} or ${+inputs.KEY} in it");
    }
    Set<String> keys = new TreeSet<>(inputs.keys());
    keys.addAll(references);
    REFERENCE
        .matcher(template)
        .results()
        .map(PathBelow::key)
        .forEach(
            key -> {
              if (!keys.contains(key)) {
                problems.add("expected one of the inputs " + keys);
              } else if (!mayLackInputs && !inputs.isAlwaysThere(key)) {
                problems.add("expected the input " + key + " to be required or to have a default");
              }
            });
    return problems;
  }

  private static String key(MatchResult reference) {
    return reference.group(2) == null ? reference.group(3) : reference.group(2);
  }

  /** The URL; empty where a problem was noted. */
  Optional<String> fill(JsonNode inputs, List<Problem> problems) {
    StringBuilder url = new StringBuilder(base.toString());
    int before = problems.size();
    for (Part part : parts) {
      switch (part) {
        case Part.Literal(var text) -> url.append(text);
        case Part.Input input -> {
          @Nullable String text = text(inputs.path(input.key()), input.several());
          if (text == null) {
            problems.add(problem(input));
          } else {
            url.append(text);
          }
        }
      }
    }
    return problems.size() == before ? Optional.of(url.toString()) : Optional.empty();
  }

  /** Notes what is wrong with inputs that hold no template. */
  void check(JsonNode inputs, List<Problem> problems) {
    for (Part part : parts) {
      if (part instanceof Part.Input input
          && !Templates.holds(inputs.path(input.key()))
          && text(inputs.path(input.key()), input.several()) == null) {
        problems.add(problem(input));
      }
    }
  }

  private static Problem problem(Part.Input input) {
    return new Problem(
        "/" + input.key(),
        input.several()
            ? "expected names with a slash between them, none of them empty, \".\" or \"..\""
            : "expected a text or a whole number that is not empty, without \".\" and \"..\" as a"
                + " name in a path");
  }

  private static @Nullable String text(JsonNode value, boolean several) {
    if (!value.isTextual() && !value.isIntegralNumber()) {
      return null;
    }
    List<String> segments = new ArrayList<>();
    for (String segment : several ? value.asText().split("/", -1) : new String[] {value.asText()}) {
      if (segment.isEmpty() || climbs(segment)) {
        return null;
      }
      segments.add(encoded(segment));
    }
    return String.join("/", segments);
  }

  /** Some servers decode a segment before they split the path, and take a backslash for a slash. */
  private static boolean climbs(String segment) {
    for (String part : segment.split("[/\\\\]", -1)) {
      if (part.equals(".") || part.equals("..")) {
        return true;
      }
    }
    return false;
  }

  private static String encoded(String segment) {
    StringBuilder encoded = new StringBuilder();
    for (byte octet : segment.getBytes(UTF_8)) {
      char character = (char) (octet & 0xff);
      boolean plain =
          (character >= 'a' && character <= 'z')
              || (character >= 'A' && character <= 'Z')
              || (character >= '0' && character <= '9')
              || UNRESERVED.indexOf(character) >= 0;
      if (plain) {
        encoded.append(character);
      } else {
        encoded.append('%').append("%02X".formatted(octet & 0xff));
      }
    }
    return encoded.toString();
  }
}
