package dev.areaflow.catalog;

import dev.areaflow.catalog.Manifest.EntriesPart;
import dev.areaflow.catalog.Manifest.VerifyPart;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The header that holds a signature, or several.
 *
 * @param name in lower case
 * @param encoding of a signature
 * @param prefix what stands before the signature; empty where it is in {@code entries}
 * @param entries how several named signatures stand in it
 */
record SignatureHeader(
    String name, Encoding encoding, String prefix, Optional<EntriesPart> entries) {

  /** A sender may be changing its secret, and sign with both. */
  private static final int MOST_SIGNATURES = 8;

  enum Encoding {
    HEX,
    BASE64
  }

  static SignatureHeader of(VerifyPart part) {
    return new SignatureHeader(
        part.header(),
        Encoding.valueOf(String.valueOf(part.encoding()).toUpperCase(Locale.ROOT)),
        part.prefix() == null ? "" : part.prefix(),
        Optional.ofNullable(part.entries()));
  }

  /** The signatures of a header's value, those that are none left out. */
  List<byte[]> signatures(String value) {
    List<String> texts;
    if (entries.isPresent()) {
      texts = named(value, entries.get(), entries.get().name());
    } else {
      texts =
          value.startsWith(prefix) ? List.of(value.substring(prefix.length())) : List.<String>of();
    }
    return texts.stream().limit(MOST_SIGNATURES).flatMap(text -> decoded(text).stream()).toList();
  }

  /** The first entry of a name, null where there is none. */
  @Nullable String entry(String value, String name) {
    return entries.flatMap(form -> named(value, form, name).stream().findFirst()).orElse(null);
  }

  /**
   * A value with one signature.
   *
   * @param time the name of the entry with the time of signing, empty where it is elsewhere
   */
  String value(byte[] signature, Optional<String> time, String signedAt) {
    String text =
        switch (encoding) {
          case HEX -> HexFormat.of().formatHex(signature);
          case BASE64 -> Base64.getEncoder().encodeToString(signature);
        };
    return entries
        .map(
            form -> {
              String entry = form.name() + form.afterName() + text;
              return time.map(name -> name + form.afterName() + signedAt + form.between() + entry)
                  .orElse(entry);
            })
        .orElse(prefix + text);
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
}
