package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.expressions.Problem;
import java.net.URI;
import java.net.URLEncoder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request's URL. One whose whole value is a reference has what that stands for,
 * several times where it is a list; within a text the cursor, the time and inputs are spliced. A
 * parameter without a value is left out. Safe for several threads.
 */
final class RequestQuery {
  /** The time when a request is made, RFC 3339 in whole seconds. */
  static final String NOW = "${now}";

  private static final Pattern SPLICED =
      Pattern.compile(
          "\\$\\{(?:inputs\\.([a-z][A-Za-z0-9]{0,63})"
              + "|(cursor|q|now)|now\\+inputs\\.([a-z][A-Za-z0-9]{0,63}))}");

  /** What a text that has it in it is nothing without. */
  private static final Set<String> NEEDED = Set.of("cursor", "q");

  private static final Duration FURTHEST = Duration.ofDays(366);

  private final JsonNode parameters;

  /**
   * @param parameters by name; missing where there are none
   */
  RequestQuery(JsonNode parameters) {
    this.parameters = parameters;
  }

  /** A time as it stands in a text. */
  static String text(Instant now) {
    return now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /**
   * Notes what is wrong of which the manifest's author is the cause.
   *
   * @param pointer where the parameters are
   * @param known keys of inputs, and the other names that there is something for
   */
  static void lint(String pointer, JsonNode parameters, Set<String> known, List<Problem> problems) {
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      String at = pointer + "/" + References.escaped(parameter.getKey());
      String text = parameter.getValue().asText();
      if (References.key(parameter.getValue()).isPresent()) {
        References.lint(at, parameter.getValue(), known, problems);
      } else if (SPLICED.matcher(text).replaceAll("").contains("${")) {
        problems.add(
            new Problem(
                at,
                "expected ${inputs.KEY}, ${cursor}, ${now} or ${now+inputs.KEY}, in a text or alone"));
      } else {
        SPLICED
            .matcher(text)
            .results()
            .flatMap(RequestQuery::names)
            .filter(name -> !known.contains(name))
            .findFirst()
            .ifPresent(name -> problems.add(References.unknown(at, name, known)));
      }
    }
  }

  private static Stream<String> names(MatchResult spliced) {
    if (spliced.group(3) != null) {
      return Stream.of(NOW, spliced.group(3));
    }
    return Stream.of(spliced.group(1) == null ? "${" + spliced.group(2) + "}" : spliced.group(1));
  }

  /**
   * A URL with these parameters, in the place of those of the same names.
   *
   * @param values what references stand for, without templates
   */
  String on(String url, JsonNode values, List<Problem> problems) {
    Map<String, List<String>> pairs = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      List<String> texts = new ArrayList<>();
      for (JsonNode one : list(value(parameter.getValue(), values, problems))) {
        if (one.isContainerNode()) {
          problems.add(
              new Problem(
                  References.pointer(parameter.getValue()),
                  "expected a plain value or a list of them: it stands in the URL"));
        } else if (!one.isNull() && !one.isMissingNode()) {
          texts.add(one.asText());
        }
      }
      if (!texts.isEmpty()) {
        pairs.put(parameter.getKey(), texts);
      }
    }
    return with(url, pairs);
  }

  private static Iterable<JsonNode> list(JsonNode value) {
    return value instanceof ArrayNode several ? several : List.of(value);
  }

  private static JsonNode value(JsonNode parameter, JsonNode values, List<Problem> problems) {
    if (!parameter.isTextual() || References.key(parameter).isPresent()) {
      return References.resolve(parameter, values, true);
    }
    Matcher spliced = SPLICED.matcher(parameter.textValue());
    StringBuilder text = new StringBuilder();
    while (spliced.find()) {
      Optional<String> found = spliced(spliced.toMatchResult(), values, problems);
      if (found.isEmpty()) {
        return JsonNodeFactory.instance.missingNode();
      }
      spliced.appendReplacement(text, Matcher.quoteReplacement(found.get()));
    }
    return JsonNodeFactory.instance.textNode(spliced.appendTail(text).toString());
  }

  /** What one reference in a text becomes; empty where the text is nothing without it. */
  private static Optional<String> spliced(
      MatchResult reference, JsonNode values, List<Problem> problems) {
    if (reference.group(3) != null) {
      return Optional.of(later(reference.group(3), values, problems));
    }
    @Nullable String own = reference.group(2);
    JsonNode value = values.path(own == null ? reference.group(1) : "${" + own + "}");
    if (value.isMissingNode() && own != null && NEEDED.contains(own)) {
      return Optional.empty();
    }
    if (value.isContainerNode()) {
      problems.add(new Problem("/" + reference.group(1), "expected a text: it is part of one"));
    }
    return Optional.of(value.isNull() ? "" : value.asText());
  }

  private static String later(String key, JsonNode values, List<Problem> problems) {
    try {
      Duration later = Duration.parse(values.path(key).asText());
      if (later.compareTo(FURTHEST) <= 0) {
        return text(Instant.parse(values.path(NOW).asText()).plus(later));
      }
    } catch (DateTimeException e) {
      // falls through to the one message below
    }
    problems.add(new Problem("/" + key, "expected a duration of at most 366 days, e.g. PT15M"));
    return "";
  }

  /** The request with another value of a parameter. */
  static OutboundRequest with(OutboundRequest request, String name, String value) {
    return request.to(URI.create(with(request.uri().toString(), Map.of(name, List.of(value)))));
  }

  private static String with(String url, Map<String, List<String>> pairs) {
    if (pairs.isEmpty()) {
      return url;
    }
    Set<String> replaced =
        pairs.keySet().stream().map(RequestQuery::encoded).collect(Collectors.toSet());
    int question = url.indexOf('?');
    List<String> all = new ArrayList<>();
    if (question >= 0 && question < url.length() - 1) {
      for (String pair : url.substring(question + 1).split("&", -1)) {
        if (!replaced.contains(pair.split("=", 2)[0])) {
          all.add(pair);
        }
      }
    }
    pairs.forEach(
        (name, values) -> values.forEach(value -> all.add(encoded(name) + "=" + encoded(value))));
    return (question < 0 ? url : url.substring(0, question)) + "?" + String.join("&", all);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }
}
