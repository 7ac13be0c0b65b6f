package dev.areaflow.expressions;

import dev.areaflow.expressions.TemplateNode.Piece;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A URL in whose path and query expressions may stand. Scheme, host and port are literal. Of a
 * value every character that is not unreserved is percent-encoded (RFC 3986, section 2.3), so it
 * stays within its path segment or its query value; one that would make a segment {@code .} or
 * {@code ..} is refused, since those move the path whether encoded or not.
 */
final class UrlTemplate {
  private static final Pattern LITERAL_ORIGIN =
      Pattern.compile(
          "https?://[^/?#\\\\]+(?:[/?#].*)?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern ORIGIN_WITH_END =
      Pattern.compile("https?://[^/?#\\\\]+[/?#].*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern DOTS = Pattern.compile("(?:\\.|%2[eE]){1,2}");
  private static final String PLACEHOLDER = "x";

  private final List<Piece> pieces;

  private UrlTemplate(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  /**
   * A template of these pieces.
   *
   * @throws InvalidExpressionException if it is not a URL with a literal scheme and host
   */
  static UrlTemplate of(List<Piece> pieces) {
    String start =
        !pieces.isEmpty() && pieces.getFirst() instanceof Piece.Literal(String text) ? text : "";
    boolean hasValues = pieces.stream().anyMatch(Piece.Value.class::isInstance);
    if (!(hasValues ? ORIGIN_WITH_END : LITERAL_ORIGIN).matcher(start).matches()) {
      throw invalid(
          "expected a URL whose scheme and host are literal, e.g."
              + " https://example.org/issues/${event.issue.number}");
    }
    StringBuilder sample = new StringBuilder();
    for (Piece piece : pieces) {
      sample.append(piece instanceof Piece.Literal(String text) ? text : PLACEHOLDER);
    }
    URI uri;
    try {
      uri = new URI(sample.toString());
    } catch (URISyntaxException e) {
      throw invalid("expected a URL, but " + Messages.shortened(e.getReason()) + " stands in it");
    }
    if (uri.getHost() == null) {
      throw invalid("expected a URL with a host, e.g. https://example.org/path");
    }
    if (uri.getRawUserInfo() != null) {
      throw invalid("a URL may not carry a user name or password; use a header");
    }
    if (uri.getPort() > 65_535) {
      throw invalid("the port " + uri.getPort() + " does not exist");
    }
    return new UrlTemplate(pieces);
  }

  private static InvalidExpressionException invalid(String detail) {
    return new InvalidExpressionException(List.of(new Problem("", detail)));
  }

  /**
   * The URL for an event.
   *
   * @throws EvaluationException if a value has no place in a URL
   */
  String render(TemplateNode.Rendering rendering) {
    StringBuilder url = new StringBuilder();
    boolean inPath = true;
    // Start of the segment that the next value belongs to, and whether it has a value already.
    int segment = 0;
    boolean hasValue = false;
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.Literal(String text) -> {
          for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inPath && (c == '/' || c == '?' || c == '#')) {
              refuseDots(url, segment, hasValue);
              inPath = c == '/';
              segment = url.length() + 1;
              hasValue = false;
            }
            url.append(c);
          }
          rendering.values().charge(text.length());
        }
        case Piece.Value(Expression expression) -> {
          url.append(encoded(text(rendering, expression)));
          hasValue = true;
        }
      }
    }
    if (inPath) {
      refuseDots(url, segment, hasValue);
    }
    return url.toString();
  }

  private static void refuseDots(StringBuilder url, int start, boolean hasValue) {
    if (hasValue && DOTS.matcher(url.substring(start)).matches()) {
      throw new EvaluationException(
          "a value makes \""
              + url.substring(start)
              + "\" of a path segment, which would move the path");
    }
  }

  private static String text(TemplateNode.Rendering rendering, Expression expression) {
    Object value = rendering.value(expression);
    return switch (value) {
      case String text -> rendering.values().text(text);
      case Number number -> rendering.values().text(number);
      case Boolean bool -> rendering.values().text(bool);
      case Instant time -> rendering.values().text(time);
      default ->
          throw new EvaluationException(
              "${"
                  + Messages.excerpt(expression.source())
                  + "}: expected a text, a number or true or false for a URL, found "
                  + Values.kind(value));
    };
  }

  private static String encoded(String value) {
    StringBuilder encoded = new StringBuilder(value.length());
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '-'
          || c == '.'
          || c == '_'
          || c == '~') {
        encoded.append(c);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }
}
