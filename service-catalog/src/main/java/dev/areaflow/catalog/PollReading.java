package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One poll: the request of one page after the other, and what their answers have. For one thread.
 */
public final class PollReading {
  private static final int MOST_PAGES = 10;
  private static final Pattern LINK = Pattern.compile("<([^>]*)>([^<]*)");
  private static final Pattern NEXT =
      Pattern.compile("(?i);\\s*rel\\s*=\\s*(\"([^\"]*\\s)?next(\\s[^\"]*)?\"|next\\b)");

  private final PollSource source;
  private final ObjectNode inputs;
  private final PollSource.From from;
  private final Instant now;
  private final List<PollSource.Found> pages = new ArrayList<>();
  private final List<JsonNode> items = new ArrayList<>();
  private @Nullable OutboundRequest first;
  private @Nullable OutboundRequest request;
  private @Nullable String cursor;
  private @Nullable String cut;

  /** What is older was looked at before; null where the order does not tell. */
  private final @Nullable Instant oldest;

  PollReading(PollSource source, ObjectNode inputs, PollSource.From from, Instant now) {
    this.source = source;
    this.inputs = inputs;
    this.from = from;
    this.now = now;
    @Nullable PollCursor kind = source.cursor();
    this.cursor = from.cursor() == null && kind != null ? kind.initial(now) : from.cursor();
    this.oldest =
        kind != null && kind.isTime() && cursor != null && source.newestFirst()
            ? kind.start(cursor)
            : null;
  }

  /**
   * The request of the next page, at first of the first.
   *
   * @throws InvalidInputsException if the inputs do not fit; trying again cannot help
   */
  public OutboundRequest request() {
    OutboundRequest next = request;
    if (next == null) {
      @Nullable PollCursor kind = source.cursor();
      @Nullable String sent = kind == null || cursor == null ? null : kind.sent(cursor);
      next = numbered(source.first(inputs, from, sent));
      request = next;
      first = next;
    }
    return next;
  }

  /**
   * Takes what a successful answer to the last request has.
   *
   * @return whether there is another page to ask for
   * @throws UnusableAnswerException saying what was expected, without anything of the answer
   */
  public boolean read(OutboundResponse response) throws UnusableAnswerException {
    JsonNode answer = source.answer(response);
    boolean reached = withoutOlder(answer);
    PollSource.Found found = source.finder().find(answer, inputs, from);
    JsonNode list =
        source.finder() instanceof ListFinder lists
            ? answer.at(PollFinder.pointer(lists.items(), inputs))
            : JsonNodeFactory.instance.arrayNode();
    if (items.size() + list.size() > PollSource.MOST_ITEMS) {
      cut("more than " + PollSource.MOST_ITEMS + " items");
      return false; // of the first page the finder refuses so many
    }
    list.forEach(items::add);
    pages.add(found);
    @Nullable PollCursor kind = source.cursor();
    cursor = kind == null ? found.cursor() : kind.after(cursor, answer, list, now);
    @Nullable OutboundRequest next = next(response, answer, list.size());
    Manifest.@Nullable PaginatePart part = source.paginate();
    if (next == null || part == null || reached) {
      return false;
    }
    int most = part.most() == null ? MOST_PAGES : part.most();
    if (pages.size() >= most) {
      cut("more than " + most + " pages");
      return false;
    }
    request = next;
    return true;
  }

  /**
   * Takes the items out of the list that are older than what this poll goes on from.
   *
   * @return whether there were any, so that no later page has anything newer
   */
  private boolean withoutOlder(JsonNode answer) throws UnusableAnswerException {
    @Nullable PollCursor kind = source.cursor();
    if (oldest == null
        || kind == null
        || !(source.finder() instanceof ListFinder lists)
        || !(answer.at(PollFinder.pointer(lists.items(), inputs)) instanceof ArrayNode list)) {
      return false;
    }
    boolean any = false;
    for (int i = list.size() - 1; i >= 0; i--) {
      if (kind.time(list.get(i)).isBefore(oldest)) {
        list.remove(i);
        any = true;
      }
    }
    return any;
  }

  /** Leaves the pages that were not read to the next poll. */
  public void cut(String why) {
    cut = why;
  }

  /**
   * What all pages have; of items with the same id only the first.
   *
   * @throws UnusableAnswerException if there is more, and the next poll could not go on with it
   */
  public PollSource.Found found() throws UnusableAnswerException {
    @Nullable PollCursor kind = source.cursor();
    if (oldest != null && cut != null) {
      throw new UnusableAnswerException(
          "expected to get back to "
              + oldest
              + ", found "
              + cut
              + " that are newer; disable the hook and enable it to begin anew");
    }
    if (kind != null && cut != null && Objects.equals(cursor, from.cursor())) {
      throw new UnusableAnswerException(
          "expected to get on, found " + cut + " before there was another cursor");
    }
    if (kind != null && cut != null && !kind.isOrdered(items)) {
      throw new UnusableAnswerException(
          "expected the oldest first, because there is " + cut + ", found another order");
    }
    if (kind != null && cursor == null && !items.isEmpty()) {
      throw new UnusableAnswerException("expected a cursor for the next poll, found none");
    }
    Map<String, PollSource.Item> byId = new LinkedHashMap<>();
    (source.newestFirst() ? pages.reversed() : pages)
        .forEach(page -> page.items().forEach(item -> byId.putIfAbsent(item.id(), item)));
    return new PollSource.Found(List.copyOf(byId.values()), cursor, cut);
  }

  private @Nullable OutboundRequest next(OutboundResponse response, JsonNode answer, int size)
      throws UnusableAnswerException {
    Manifest.@Nullable PaginatePart part = source.paginate();
    if (part == null || (part.more() != null && !answer.at(part.more()).asBoolean())) {
      return null;
    }
    return switch (part.type()) {
      case "link" -> {
        String address = part.next() == null ? link(response) : answer.at(part.next()).asText("");
        yield address.isEmpty() ? null : linked(address);
      }
      case "cursor" -> {
        JsonNode token = answer.at(Objects.requireNonNull(part.next()));
        yield token.isNull() || token.asText().isEmpty() ? null : counted(part, token.asText());
      }
      case "page" ->
          isLast(part, size) ? null : counted(part, Integer.toString(number(part) + pages.size()));
      default -> isLast(part, size) ? null : counted(part, Integer.toString(items.size()));
    };
  }

  private static boolean isLast(Manifest.PaginatePart part, int size) {
    return size == 0 || (part.size() != null && size < part.size());
  }

  private static int number(Manifest.PaginatePart part) {
    return part.first() == null ? 1 : part.first();
  }

  private OutboundRequest numbered(OutboundRequest plain) {
    Manifest.@Nullable PaginatePart part = source.paginate();
    return part != null && part.type().equals("page")
        ? PollQuery.with(
            plain, Map.of(Objects.requireNonNull(part.param()), Integer.toString(number(part))))
        : plain;
  }

  private OutboundRequest counted(Manifest.PaginatePart part, String value) {
    return withoutValidators(
        PollQuery.with(
            Objects.requireNonNull(first), Map.of(Objects.requireNonNull(part.param()), value)));
  }

  /** A credential goes with the request, and so to no other host. */
  private OutboundRequest linked(String address) throws UnusableAnswerException {
    OutboundRequest last = Objects.requireNonNull(request);
    URI next;
    try {
      next = last.uri().resolve(address);
    } catch (IllegalArgumentException e) {
      throw new UnusableAnswerException("expected the address of the next page", e);
    }
    if (!Objects.equals(next.getScheme(), last.uri().getScheme())
        || !Objects.equals(next.getRawAuthority(), last.uri().getRawAuthority())) {
      throw new UnusableAnswerException(
          "expected the next page at " + last.uri().getRawAuthority() + ", found another host");
    }
    return withoutValidators(new OutboundRequest(last.method(), next, last.headers(), last.body()));
  }

  private static OutboundRequest withoutValidators(OutboundRequest request) {
    Map<String, String> headers = new LinkedHashMap<>(request.headers());
    headers.remove("If-None-Match");
    headers.remove("If-Modified-Since");
    return new OutboundRequest(request.method(), request.uri(), headers, request.body());
  }

  private static String link(OutboundResponse response) {
    return LINK.matcher(response.headers().getOrDefault("link", ""))
        .results()
        .filter(link -> NEXT.matcher(link.group(2)).find())
        .map(link -> link.group(1))
        .findFirst()
        .orElse("");
  }
}
