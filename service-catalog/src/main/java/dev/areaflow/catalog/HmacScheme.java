package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.areaflow.catalog.Manifest.EntriesPart;
import dev.areaflow.catalog.Manifest.TimestampPart;
import dev.areaflow.catalog.Manifest.VerifyPart;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A keyed hash (HMAC, RFC 2104) of the body, alone or together with a timestamp and headers, in a
 * header: of GitHub, Slack, Stripe, Standard Webhooks and many others.
 *
 * @param header its name in lower case
 * @param algorithm as Java names it
 * @param encoding of the signature
 * @param prefix what stands before the signature; empty where it is in {@code entries}
 * @param entries how several named signatures stand in the header
 * @param signed what is signed, in its order
 * @param key how the secret becomes the key
 * @param timestamp when it was signed, for those that say so
 */
record HmacScheme(
    String header,
    String algorithm,
    Encoding encoding,
    String prefix,
    Optional<EntriesPart> entries,
    List<Piece> signed,
    Key key,
    Optional<TimestampPart> timestamp)
    implements SignatureScheme {

  /** A sender may be changing its secret, and sign with both. */
  private static final int MOST_SIGNATURES = 8;

  private static final Pattern PLACEHOLDER =
      Pattern.compile("\\$\\{(body|timestamp|headers\\.([a-z0-9-]+))}");

  enum Encoding {
    HEX,
    BASE64
  }

  enum Key {
    TEXT,
    BASE64
  }

  /** A part of what is signed. */
  sealed interface Piece {
    record Literal(String text) implements Piece {}

    record Body() implements Piece {}

    record Timestamp() implements Piece {}

    record Header(String name) implements Piece {}
  }

  HmacScheme {
    signed = List.copyOf(signed);
  }

  static HmacScheme of(VerifyPart part) {
    return new HmacScheme(
        part.header(),
        "Hmac" + String.valueOf(part.hash()).toUpperCase(Locale.ROOT),
        Encoding.valueOf(String.valueOf(part.encoding()).toUpperCase(Locale.ROOT)),
        part.prefix() == null ? "" : part.prefix(),
        Optional.ofNullable(part.entries()),
        pieces(part.signed() == null ? "${body}" : part.signed()),
        part.key() == null ? Key.TEXT : Key.valueOf(part.key().toUpperCase(Locale.ROOT)),
        Optional.ofNullable(part.timestamp()));
  }

  private static List<Piece> pieces(String text) {
    List<Piece> pieces = new ArrayList<>();
    Matcher placeholder = PLACEHOLDER.matcher(text);
    int from = 0;
    for (; placeholder.find(); from = placeholder.end()) {
      if (placeholder.start() > from) {
        pieces.add(new Piece.Literal(text.substring(from, placeholder.start())));
      }
      pieces.add(
          switch (placeholder.group(1)) {
            case "body" -> new Piece.Body();
            case "timestamp" -> new Piece.Timestamp();
            default -> new Piece.Header(placeholder.group(2));
          });
    }
    if (from < text.length()) {
      pieces.add(new Piece.Literal(text.substring(from)));
    }
    return pieces;
  }

  @Override
  public boolean verifies(Delivery delivery, List<String> secrets) {
    String value = delivery.headers().get(header);
    if (value == null) {
      return false;
    }
    @Nullable String signedAt = null;
    if (timestamp.isPresent()) {
      signedAt = signedAt(timestamp.get(), delivery, value);
      if (signedAt == null || !isRecent(signedAt, timestamp.get(), delivery.receivedAt())) {
        return false;
      }
    }
    List<byte[]> given = signatures(value);
    boolean matches = false;
    for (String secret : secrets) {
      Optional<byte[]> expected = hmac(delivery, signedAt, secret);
      for (byte[] signature : given) {
        matches |= expected.isPresent() && MessageDigest.isEqual(expected.get(), signature);
      }
    }
    return matches;
  }

  private @Nullable String signedAt(TimestampPart part, Delivery delivery, String value) {
    if (part.header() != null) {
      return delivery.headers().get(part.header());
    }
    return entries
        .flatMap(form -> named(value, form, String.valueOf(part.entry())).stream().findFirst())
        .orElse(null);
  }

  private static boolean isRecent(String seconds, TimestampPart part, Instant receivedAt) {
    try {
      Instant at = Instant.ofEpochSecond(Long.parseLong(seconds));
      return Duration.between(at, receivedAt).abs().compareTo(part.tolerance()) <= 0;
    } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
      return false;
    }
  }

  private List<byte[]> signatures(String value) {
    List<String> texts;
    if (entries.isPresent()) {
      texts = named(value, entries.get(), entries.get().name());
    } else {
      texts =
          value.startsWith(prefix) ? List.of(value.substring(prefix.length())) : List.<String>of();
    }
    return texts.stream().limit(MOST_SIGNATURES).flatMap(text -> decoded(text).stream()).toList();
  }

  private static List<String> named(String value, EntriesPart form, String name) {
    String start = name + form.afterName();
    List<String> found = new ArrayList<>();
    for (String entry : value.split(Pattern.quote(form.between()), -1)) {
      String trimmed = entry.strip();
      if (trimmed.startsWith(start)) {
        found.add(trimmed.substring(start.length()));
      }
    }
    return found;
  }

  private Optional<byte[]> decoded(String text) {
    try {
      return Optional.of(
          switch (encoding) {
            case HEX -> HexFormat.of().parseHex(text);
            case BASE64 -> Base64.getDecoder().decode(text);
          });
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Empty where a header that is signed is missing, or the secret can be no key. */
  private Optional<byte[]> hmac(Delivery delivery, @Nullable String signedAt, String secret) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(keyBytes(secret), algorithm));
      for (Piece piece : signed) {
        byte @Nullable [] bytes = bytes(piece, delivery, signedAt);
        if (bytes == null) {
          return Optional.empty();
        }
        mac.update(bytes);
      }
      return Optional.of(mac.doFinal());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + algorithm, e);
    }
  }

  private byte[] keyBytes(String secret) {
    return switch (key) {
      case TEXT -> secret.getBytes(UTF_8);
      case BASE64 -> Base64.getDecoder().decode(secret);
    };
  }

  private static byte @Nullable [] bytes(
      Piece piece, Delivery delivery, @Nullable String signedAt) {
    return switch (piece) {
      case Piece.Literal(String text) -> text.getBytes(UTF_8);
      case Piece.Body() -> delivery.body();
      case Piece.Timestamp() -> signedAt == null ? null : signedAt.getBytes(UTF_8);
      case Piece.Header(String name) -> {
        String value = delivery.headers().get(name);
        yield value == null ? null : value.getBytes(UTF_8);
      }
    };
  }

  @Override
  public Map<String, String> sign(Delivery delivery, String secret) {
    Map<String, String> headers = new HashMap<>();
    String now = Long.toString(delivery.receivedAt().getEpochSecond());
    @Nullable String inHeader = timestamp.map(TimestampPart::header).orElse(null);
    String signedAt = inHeader == null ? now : delivery.headers().getOrDefault(inHeader, now);
    if (inHeader != null) {
      headers.put(inHeader, signedAt);
    }
    byte[] hmac =
        hmac(delivery, signedAt, secret)
            .orElseThrow(() -> new IllegalArgumentException("a signed header is missing"));
    String text =
        switch (encoding) {
          case HEX -> HexFormat.of().formatHex(hmac);
          case BASE64 -> Base64.getEncoder().encodeToString(hmac);
        };
    headers.put(
        header,
        entries
            .map(
                form -> {
                  String signature = form.name() + form.afterName() + text;
                  return timestamp
                      .map(TimestampPart::entry)
                      .map(name -> name + form.afterName() + signedAt + form.between() + signature)
                      .orElse(signature);
                })
            .orElse(prefix + text));
    return headers;
  }
}
