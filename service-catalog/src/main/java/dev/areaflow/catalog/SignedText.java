package dev.areaflow.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.areaflow.catalog.Manifest.TimestampPart;
import dev.areaflow.catalog.Manifest.VerifyPart;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a sender signs, put together again from the delivery.
 *
 * @param pieces in their order
 * @param timestamp when it was signed, for those that say so
 */
record SignedText(List<Piece> pieces, Optional<TimestampPart> timestamp) {
  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "\\$\\{(body|timestamp|url|form|headers\\.([a-z0-9-]+)|hashed_url\\.([A-Za-z0-9_-]+))}");

  /** A part of what is signed. */
  sealed interface Piece {
    record Literal(String text) implements Piece {}

    record Body() implements Piece {}

    record Timestamp() implements Piece {}

    record Url() implements Piece {}

    /** The URL, in whose query a parameter is the SHA-256 of the body in hexadecimal. */
    record HashedUrl(String parameter) implements Piece {}

    /** The fields of a form one after the other, sorted, as {@link FormPayload#sorted} says. */
    record Form() implements Piece {}

    record Header(String name) implements Piece {}
  }

  SignedText {
    pieces = List.copyOf(pieces);
  }

  /** As manifests write it. */
  String text() {
    return pieces.stream()
        .map(
            piece ->
                switch (piece) {
                  case Piece.Literal(String literal) -> literal;
                  case Piece.Body() -> "${body}";
                  case Piece.Timestamp() -> "${timestamp}";
                  case Piece.Url() -> "${url}";
                  case Piece.HashedUrl(String parameter) -> "${hashed_url." + parameter + "}";
                  case Piece.Form() -> "${form}";
                  case Piece.Header(String name) -> "${headers." + name + "}";
                })
        .collect(Collectors.joining());
  }

  static SignedText of(VerifyPart part) {
    String text = part.signed() == null ? "${body}" : part.signed();
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
            case "url" -> new Piece.Url();
            case "form" -> new Piece.Form();
            default ->
                placeholder.group(2) == null
                    ? new Piece.HashedUrl(placeholder.group(3))
                    : new Piece.Header(placeholder.group(2));
          });
    }
    if (from < text.length()) {
      pieces.add(new Piece.Literal(text.substring(from)));
    }
    return new SignedText(pieces, Optional.ofNullable(part.timestamp()));
  }

  /**
   * The bytes that must be signed, piece by piece; empty where one is missing, or it was signed
   * longer before or after the receipt than is tolerated.
   *
   * @param value of the header with the signatures
   */
  Optional<List<byte[]>> fresh(Delivery delivery, SignatureHeader header, String value) {
    if (timestamp.isEmpty()) {
      return bytes(delivery, null);
    }
    TimestampPart part = timestamp.get();
    @Nullable String signedAt =
        part.header() == null
            ? header.entry(value, String.valueOf(part.entry()))
            : delivery.headers().get(part.header());
    return signedAt != null && isRecent(signedAt, part.tolerance(), delivery.receivedAt())
        ? bytes(delivery, signedAt)
        : Optional.empty();
  }

  private static boolean isRecent(String seconds, Duration tolerance, Instant receivedAt) {
    try {
      Instant at = Instant.ofEpochSecond(Long.parseLong(seconds));
      return Duration.between(at, receivedAt).abs().compareTo(tolerance) <= 0;
    } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
      return false;
    }
  }

  /**
   * The headers of a sender that signs a delivery when it arrives, or when it says already.
   *
   * @throws IllegalArgumentException if a piece is missing
   */
  Map<String, String> headers(
      Delivery delivery, SignatureHeader header, Function<List<byte[]>, byte[]> signer) {
    Map<String, String> headers = new HashMap<>();
    String now = Long.toString(delivery.receivedAt().getEpochSecond());
    @Nullable String inHeader = timestamp.map(TimestampPart::header).orElse(null);
    String signedAt = inHeader == null ? now : delivery.headers().getOrDefault(inHeader, now);
    if (inHeader != null) {
      headers.put(inHeader, signedAt);
    }
    List<byte[]> text =
        bytes(delivery, signedAt)
            .orElseThrow(() -> new IllegalArgumentException("a signed piece is missing"));
    headers.put(
        header.name(),
        header.value(signer.apply(text), timestamp.map(TimestampPart::entry), signedAt));
    return headers;
  }

  /** The bytes that are signed, piece by piece; empty where one is missing. */
  private Optional<List<byte[]>> bytes(Delivery delivery, @Nullable String signedAt) {
    List<byte[]> all = new ArrayList<>();
    for (Piece piece : pieces) {
      byte @Nullable [] bytes =
          switch (piece) {
            case Piece.Literal(String text) -> text.getBytes(UTF_8);
            case Piece.Body() -> delivery.body();
            case Piece.Timestamp() -> encoded(signedAt);
            case Piece.Url() -> encoded(delivery.url());
            case Piece.HashedUrl(String parameter) ->
                hasHash(delivery, parameter) ? encoded(delivery.url()) : null;
            case Piece.Form() ->
                FormPayload.isForm(delivery)
                    ? FormPayload.sorted(delivery.body()).orElse(null)
                    : null;
            case Piece.Header(String name) -> encoded(delivery.headers().get(name));
          };
      if (bytes == null) {
        return Optional.empty();
      }
      all.add(bytes);
    }
    return Optional.of(all);
  }

  /** Whether the signed URL says what the body is: one that it is not of was put under it. */
  private static boolean hasHash(Delivery delivery, String parameter) {
    String expected = parameter + "=" + sha256(delivery.body());
    String query = delivery.url().substring(delivery.url().indexOf('?') + 1);
    return Arrays.asList(query.split("&", -1)).contains(expected);
  }

  private static String sha256(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Whether the sender signs the URL that it calls. */
  boolean hasUrl() {
    return pieces.stream().anyMatch(p -> p instanceof Piece.Url || p instanceof Piece.HashedUrl);
  }

  private static byte @Nullable [] encoded(@Nullable String text) {
    return text == null ? null : text.getBytes(UTF_8);
  }
}
