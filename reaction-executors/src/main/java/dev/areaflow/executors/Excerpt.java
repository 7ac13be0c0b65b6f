package dev.areaflow.executors;

import dev.areaflow.catalog.http.OutboundRequest;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Cuts texts of a third party down to what may be kept: bounded, valid, printable, and without the
 * secrets that the request carried (an answer can echo them).
 */
final class Excerpt {
  private static final int MOST_BYTES = 2_048;
  private static final int MOST_BYTES_READ = 4 * MOST_BYTES;
  private static final int LEAST_SECRET = 6;
  private static final Pattern SECRET_NAME =
      Pattern.compile("auth|cookie|token|secret|key|password|passwd|signature|credential");
  private static final String MASK = "***";

  private final List<String> secrets;

  private Excerpt(List<String> secrets) {
    this.secrets = secrets;
  }

  /** For the answer to a request. */
  static Excerpt of(OutboundRequest request) {
    Stream<String> headers =
        request.headers().entrySet().stream()
            .filter(header -> isSecret(header.getKey()))
            .flatMap(header -> withAndWithoutScheme(header.getValue()));
    return new Excerpt(
        Stream.concat(headers, secretsOf(request.uri()))
            .filter(secret -> secret.length() >= LEAST_SECRET)
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList());
  }

  /** Of an answer's body, read as UTF-8. */
  String ofBody(byte[] body) {
    return ofText(
        new String(body, 0, Math.min(body.length, MOST_BYTES_READ), StandardCharsets.UTF_8));
  }

  /** Of a message. */
  String ofText(String text) {
    return bounded(masked(text));
  }

  /** A text without the secrets, as long as it is. */
  String masked(String text) {
    String masked = text;
    for (String secret : secrets) {
      masked = masked.replace(secret, MASK);
    }
    return masked;
  }

  /** At most 2 KiB of a text in UTF-8, printable. */
  static String bounded(String text) {
    StringBuilder kept = new StringBuilder(Math.min(text.length(), MOST_BYTES));
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int read = text.codePointAt(i);
      i += Character.charCount(read);
      int codePoint = printable(read);
      bytes += bytesOf(codePoint);
      if (bytes > MOST_BYTES) {
        break;
      }
      kept.appendCodePoint(codePoint);
    }
    return kept.toString();
  }

  private static int printable(int codePoint) {
    boolean surrogate =
        codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    boolean layout = codePoint == '\n' || codePoint == '\t' || codePoint == '\r';
    return surrogate || (Character.isISOControl(codePoint) && !layout) ? 0xFFFD : codePoint;
  }

  private static int bytesOf(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }

  private static boolean isSecret(String name) {
    return !name.equalsIgnoreCase(HttpReactionExecutor.IDEMPOTENCY_KEY)
        && SECRET_NAME.matcher(name.toLowerCase(Locale.ROOT)).find();
  }

  private static Stream<String> withAndWithoutScheme(String value) {
    int blank = value.indexOf(' ');
    return blank < 0 ? Stream.of(value) : Stream.of(value, value.substring(blank + 1).strip());
  }

  private static Stream<String> secretsOf(URI uri) {
    Stream<String> userInfo = Stream.ofNullable(uri.getRawUserInfo());
    Stream<String> parameters =
        Stream.ofNullable(uri.getRawQuery())
            .flatMap(query -> Stream.of(query.split("&", -1)))
            .filter(parameter -> parameter.indexOf('=') > 0)
            .filter(parameter -> isSecret(parameter.substring(0, parameter.indexOf('='))))
            .map(parameter -> parameter.substring(parameter.indexOf('=') + 1))
            .flatMap(value -> Stream.of(value, decoded(value)));
    return Stream.concat(userInfo, parameters);
  }

  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return value; // not percent-encoded: it stands in the answer as it was sent
    }
  }
}
