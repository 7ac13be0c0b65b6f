package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.net.URI;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the next page of a list that comes in pages. Safe for several threads. */
record Paging(Manifest.PaginatePart part) {
  private static final Pattern LINK = Pattern.compile("<([^>]*)>([^<]*)");
  private static final Pattern NEXT =
      Pattern.compile("(?i);\\s*rel\\s*=\\s*(\"([^\"]*\\s)?next(\\s[^\"]*)?\"|next\\b)");

  /** What leads to a page. */
  sealed interface Next {
    /** Its address, as it was answered. */
    record At(String address) implements Next {}

    /** What its request is told. */
    record With(String value) implements Next {}
  }

  /**
   * What leads to the next page; null where there is none.
   *
   * @param size how many items the page has
   * @param pages how many pages were read, with this one
   * @param items how many items they have
   */
  @Nullable Next next(OutboundResponse response, JsonNode answer, int size, int pages, int items) {
    if (part.more() != null && !answer.at(part.more()).asBoolean()) {
      return null;
    }
    return switch (part.type()) {
      case "link" -> {
        String address = part.next() == null ? link(response) : answer.at(part.next()).asText("");
        yield address.isEmpty() ? null : new Next.At(address);
      }
      case "cursor" -> {
        JsonNode token = answer.at(Objects.requireNonNull(part.next()));
        yield token.isNull() || token.asText().isEmpty() ? null : new Next.With(token.asText());
      }
      case "page" -> isLast(size) ? null : new Next.With(Integer.toString(number() + pages));
      default -> isLast(size) ? null : new Next.With(Integer.toString(items));
    };
  }

  private boolean isLast(int size) {
    return size == 0 || (part.size() != null && size < part.size());
  }

  private int number() {
    return part.first() == null ? 1 : part.first();
  }

  /** The first page's request, with its number where pages are counted. */
  OutboundRequest first(OutboundRequest plain) {
    return part.type().equals("page")
        ? RequestQuery.with(plain, Objects.requireNonNull(part.param()), Integer.toString(number()))
        : plain;
  }

  private static String link(OutboundResponse response) {
    return LINK.matcher(response.headers().getOrDefault("link", ""))
        .results()
        .filter(link -> NEXT.matcher(link.group(2)).find())
        .map(link -> link.group(1))
        .findFirst()
        .orElse("");
  }

  /**
   * An address that an answer leads to. A credential goes with the request, and so to no other
   * place.
   *
   * @param asked what was answered
   * @param endpoint where the service is; null if each request has an address of its own
   * @throws UnusableAnswerException if it is elsewhere
   */
  static URI near(URI asked, String address, @Nullable Endpoint endpoint)
      throws UnusableAnswerException {
    URI next;
    try {
      next = asked.resolve(address);
    } catch (IllegalArgumentException e) {
      throw new UnusableAnswerException("expected the address of what comes next", e);
    }
    if (!Objects.equals(next.getScheme(), asked.getScheme())
        || !Objects.equals(next.getRawAuthority(), asked.getRawAuthority())) {
      throw new UnusableAnswerException(
          "expected what comes next at " + asked.getRawAuthority() + ", found another host");
    }
    if (endpoint != null && endpoint.covers(asked) && !endpoint.covers(next)) {
      throw new UnusableAnswerException(
          "expected what comes next below " + endpoint.baseUrl() + ", found another path");
    }
    return next;
  }
}
