package dev.areaflow.api.http;

import io.helidon.common.uri.UriPath;
import io.helidon.http.PathMatcher;
import io.helidon.http.PathMatchers;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A route's path with parameters in braces. It is matched segment by segment before anything is
 * decoded, so that a parameter may hold a slash, as {@code %2F}. Immutable and safe for several
 * threads.
 */
final class PathTemplate implements PathMatcher {
  private final String text;
  private final List<String> segments;

  PathTemplate(String text) {
    this.text = text;
    this.segments = List.of(text.split("/", -1));
  }

  /** The parameters of a path, decoded; empty where it is another path. */
  Optional<Map<String, String>> parameters(UriPath path) {
    String[] found = path.rawPathNoParams().split("/", -1);
    if (found.length != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> parameters = new HashMap<>();
    for (int i = 0; i < found.length; i++) {
      String expected = segments.get(i);
      String segment = decoded(found[i]);
      if (!expected.startsWith("{")) {
        if (!expected.equals(segment)) {
          return Optional.empty();
        }
      } else if (segment.isEmpty()) {
        return Optional.empty();
      } else {
        parameters.put(expected.substring(1, expected.length() - 1), segment);
      }
    }
    return Optional.of(parameters);
  }

  /** A plus sign is a space in forms, not in paths. */
  private static String decoded(String segment) {
    return segment.indexOf('%') < 0
        ? segment
        : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public PathMatchers.MatchResult match(UriPath path) {
    return parameters(path).isPresent()
        ? PathMatchers.any().match(path)
        : PathMatchers.MatchResult.notAccepted();
  }

  /** Templates are whole paths. */
  @Override
  public PathMatchers.PrefixMatchResult prefixMatch(UriPath path) {
    return PathMatchers.PrefixMatchResult.notAccepted();
  }

  @Override
  public Optional<String> matchingElement() {
    return Optional.of(text);
  }
}
