package dev.areaflow.catalog;

import dev.areaflow.catalog.http.OutboundResponse;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where an answer says that its next page is (RFC 8288). */
final class LinkHeader {
  private static final Pattern LINK = Pattern.compile("<([^>]*)>([^<]*)");
  private static final Pattern NEXT =
      Pattern.compile("(?i);\\s*rel\\s*=\\s*(\"([^\"]*\\s)?next(\\s[^\"]*)?\"|next\\b)");

  private LinkHeader() {}

  /** The address of the next page, as it is written; empty where there is none. */
  static Optional<String> next(OutboundResponse response) {
    return LINK.matcher(response.headers().getOrDefault("link", ""))
        .results()
        .filter(link -> NEXT.matcher(link.group(2)).find())
        .map(link -> link.group(1))
        .findFirst();
  }
}
