package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parameters of a poll's URL. Safe for several threads. */
final class PollQuery {
  private static final String CURSOR = "${cursor}";
  private static final Pattern INPUT = Pattern.compile("\\$\\{inputs\\.([a-z][A-Za-z0-9]{0,63})}");
  private static final Pattern NOW =
      Pattern.compile("\\$\\{now(?:\\+inputs\\.([a-z][A-Za-z0-9]{0,63}))?}");

  private static final Duration FURTHEST = Duration.ofDays(366);

  private final ObjectNode parameters;

  PollQuery(@Nullable ObjectNode parameters) {
    this.parameters = parameters == null ? JsonNodeFactory.instance.objectNode() : parameters;
  }

  /** The problems of which the manifest's author is the cause; empty if none. */
  static List<Problem> lint(ObjectNode parameters, Set<String> inputs, boolean hasCursor) {
    List<Problem> problems = new ArrayList<>();
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      String text = parameter.getValue().asText();
      String at = "/" + parameter.getKey().replace("~", "~0").replace("/", "~1");
      Matcher input = INPUT.matcher(text);
      if (input.matches()) {
        if (!inputs.contains(input.group(1))) {
          problems.add(new Problem(at, "expected one of the inputs " + new TreeSet<>(inputs)));
        }
        continue;
      }
      NOW.matcher(text)
          .results()
          .map(now -> now.group(1))
          .filter(key -> key != null && !inputs.contains(key))
          .forEach(
              key ->
                  problems.add(
                      new Problem(at, "expected one of the inputs " + new TreeSet<>(inputs))));
      if (text.contains(CURSOR) && !hasCursor) {
        problems.add(new Problem(at, "there is no cursor here; add the part cursor"));
      } else if (NOW.matcher(text.replace(CURSOR, "")).replaceAll("").contains("${")) {
        problems.add(
            new Problem(
                at,
                "expected one whole ${inputs.KEY}, or a text with ${cursor}, ${now} or"
                    + " ${now+inputs.KEY}"));
      }
    }
    return problems;
  }

  /** Whether the cursor is among the parameters. */
  boolean hasCursor() {
    return parameters.properties().stream().anyMatch(p -> p.getValue().asText().contains(CURSOR));
  }

  /**
   * The request with the parameters that there is something for.
   *
   * @throws InvalidInputsException if an input is added to the time and is no duration
   */
  OutboundRequest on(
      OutboundRequest request, JsonNode inputs, @Nullable String cursor, Instant now) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
      String text = parameter.getValue().asText();
      Matcher input = INPUT.matcher(text);
      if (input.matches()) {
        JsonNode value = inputs.path(input.group(1));
        if (value.isValueNode() && !value.isNull()) {
          pairs.put(parameter.getKey(), value.asText());
        }
      } else if (!text.contains(CURSOR)) {
        pairs.put(parameter.getKey(), timed(text, inputs, now));
      } else if (cursor != null) {
        pairs.put(parameter.getKey(), timed(text, inputs, now).replace(CURSOR, cursor));
      }
    }
    return with(request, pairs);
  }

  private static String timed(String text, JsonNode inputs, Instant now) {
    return NOW.matcher(text)
        .replaceAll(
            found -> {
              @Nullable String key = found.group(1);
              Duration later = key == null ? Duration.ZERO : duration(key, inputs);
              return now.plus(later).truncatedTo(ChronoUnit.SECONDS).toString();
            });
  }

  private static Duration duration(String key, JsonNode inputs) {
    try {
      Duration later = Duration.parse(inputs.path(key).asText());
      if (later.compareTo(FURTHEST) <= 0) {
        return later;
      }
    } catch (DateTimeException e) {
      // falls through to the one message below
    }
    throw new InvalidInputsException(
        List.of(new Problem("/" + key, "expected a duration of at most 366 days, e.g. PT15M")));
  }

  /** The request with more parameters; those of the same name are replaced. */
  static OutboundRequest with(OutboundRequest request, Map<String, String> pairs) {
    if (pairs.isEmpty()) {
      return request;
    }
    List<String> all = new ArrayList<>();
    @Nullable String given = request.uri().getRawQuery();
    if (given != null && !given.isEmpty()) {
      for (String pair : given.split("&", -1)) {
        if (pairs.keySet().stream()
            .noneMatch(name -> pair.split("=", 2)[0].equals(encoded(name)))) {
          all.add(pair);
        }
      }
    }
    pairs.forEach((name, value) -> all.add(encoded(name) + "=" + encoded(value)));
    String uri = request.uri().toString();
    int question = uri.indexOf('?');
    String base = question < 0 ? uri : uri.substring(0, question);
    return new OutboundRequest(
        request.method(),
        URI.create(base + "?" + String.join("&", all)),
        request.headers(),
        request.body());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }
}
