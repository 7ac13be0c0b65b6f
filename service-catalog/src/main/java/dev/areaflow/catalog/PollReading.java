package dev.areaflow.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One poll: the request of one page after the other, and what their answers have. For one thread.
 */
public final class PollReading {
  private static final int MOST_PAGES = 10;

  /** Most things of one poll that are asked for one by one; the rest is left to the next. */
  private static final int MOST_DETAILS = 100;

  /** Most pages before the first cursor; what they have is not kept. */
  private static final int MOST_INITIAL_PAGES = 50;

  /** Less is the time of the call, and of the header's whole seconds. */
  private static final Duration LEAST_SKEW = Duration.ofSeconds(2);

  /** A time that is further off is no clock's. */
  private static final Duration MOST_SKEW = Duration.ofMinutes(15);

  private final PollSource source;
  private final ObjectNode inputs;
  private final PollSource.From from;
  private final Instant now;
  private final List<PollSource.Found> pages = new ArrayList<>();
  private final List<JsonNode> items = new ArrayList<>();
  private final boolean isInitial;
  private final ObjectNode about = JsonNodeFactory.instance.objectNode();
  private final Deque<String> aboutToAsk = new ArrayDeque<>();
  private final List<PollDetail.Wanted> wanted = new ArrayList<>();
  private final List<Detailed> details = new ArrayList<>();
  private final List<JsonNode> answers = new ArrayList<>();

  /** Whether the next poll goes on from the newest time of what was asked for one by one. */
  private final boolean isTimedByDetail;

  private Phase phase = Phase.LIST;
  private boolean isOtherwise;
  private int asked;
  private int pagesRead;
  private int itemsRead;
  private @Nullable OutboundRequest first;
  private @Nullable OutboundRequest request;
  private @Nullable String cursor;
  private @Nullable String cut;

  /** What is older was looked at before; null where the order does not tell. */
  private final @Nullable Instant oldest;

  /** What happened before is no event, though it is listed again; null where all is. */
  private final @Nullable Instant since;

  /** What is being asked for. */
  private enum Phase {
    LIST,
    ABOUT,
    DETAIL
  }

  /** What an item of the list names, and that item. */
  private record Detailed(PollSource.Item found, JsonNode item) {}

  PollReading(PollSource source, ObjectNode inputs, PollSource.From from, Instant now) {
    this.source = source;
    this.inputs = inputs;
    this.from = from;
    this.now = now;
    @Nullable PollCursor kind = source.cursor();
    @Nullable String last = source.hasInit() ? usable(from.cursor()) : from.cursor();
    this.isInitial = last == null && source.hasInit();
    this.cursor = last == null && kind != null ? kind.initial(now) : last;
    this.isTimedByDetail = kind != null && source.detail() != null && !source.detail().isResumed();
    this.oldest =
        kind != null && kind.isTime() && !isTimedByDetail && cursor != null && source.newestFirst()
            ? kind.start(cursor)
            : null;
    this.since =
        kind != null && kind.isTime() && cursor != null && source.isRecent()
            ? kind.start(cursor)
            : null;
  }

  /** A cursor that leads elsewhere, because the operator moved the service, is as good as none. */
  private @Nullable String usable(@Nullable String last) {
    @Nullable PollCursor kind = source.cursor();
    if (last == null || kind == null || !kind.isUrl()) {
      return last;
    }
    try {
      return source.near(source.init(inputs, now).uri(), last).toString();
    } catch (UnusableAnswerException e) {
      return null;
    }
  }

  /**
   * The request of the next page, at first of the first.
   *
   * @throws InvalidInputsException if the inputs do not fit; trying again cannot help
   */
  public OutboundRequest request() {
    OutboundRequest next = request;
    if (next == null && isInitial) {
      next = source.init(inputs, now);
    } else if (next == null) {
      @Nullable PollCursor kind = source.cursor();
      @Nullable String sent = kind == null || cursor == null ? null : kind.sent(cursor);
      next = numbered(source.first(inputs, from, sent, now));
    }
    if (first == null) {
      first = next;
    }
    request = next;
    return next;
  }

  /**
   * Takes what a successful answer to the last request has.
   *
   * @return whether there is another page to ask for
   * @throws UnusableAnswerException saying what was expected, without anything of the answer
   */
  public boolean read(OutboundResponse response) throws UnusableAnswerException {
    return switch (phase) {
      case LIST -> {
        JsonNode answer = source.answer(response);
        pagesRead++;
        yield isInitial ? readInitial(response, answer) : readPage(response, answer);
      }
      case ABOUT -> {
        about.set(aboutToAsk.remove(), source.answer(response));
        yield nextAbout();
      }
      case DETAIL -> readDetail(response);
    };
  }

  private boolean readPage(OutboundResponse response, JsonNode answer)
      throws UnusableAnswerException {
    boolean reached = withoutOlder(answer);
    PollSource.Found found = source.finder().find(answer, inputs, from);
    JsonNode list =
        source.finder() instanceof ListFinder lists
            ? answer.at(PollFinder.pointer(lists.items(), inputs))
            : JsonNodeFactory.instance.arrayNode();
    if (itemsRead + list.size() > PollSource.MOST_ITEMS) {
      cut("more than " + PollSource.MOST_ITEMS + " items");
      return endList(); // of the first page the finder refuses so many
    }
    list.forEach(items::add);
    itemsRead += list.size();
    pages.add(recent(found));
    @Nullable PollCursor kind = source.cursor();
    JsonNode timed = isTimedByDetail ? JsonNodeFactory.instance.arrayNode() : list;
    cursor = kind == null ? found.cursor() : led(after(kind, answer, timed, present(response)));
    @Nullable OutboundRequest next = next(response, answer, list.size());
    @Nullable Paging paging = source.paging();
    if (next == null || paging == null || reached) {
      return endList();
    }
    int most = paging.part().most() == null ? MOST_PAGES : paging.part().most();
    if (pagesRead >= most) {
      cut("more than " + most + " pages");
      return endList();
    }
    request = next;
    return true;
  }

  private @Nullable String after(PollCursor kind, JsonNode answer, JsonNode list, Instant present)
      throws UnusableAnswerException {
    boolean begins = from.cursor() == null && kind.isTime();
    @Nullable String last =
        begins && cursor != null ? PollCursor.notAfter(present, cursor) : cursor;
    return kind.after(last, answer, list, present);
  }

  /**
   * The earlier of our time and the provider's: where our clock is ahead, a poll that began with
   * our time would miss what happens until the provider's comes to it.
   */
  private Instant present(OutboundResponse response) {
    return response
        .date(now)
        .filter(there -> there.isBefore(now.minus(LEAST_SKEW)))
        .filter(there -> there.isAfter(now.minus(MOST_SKEW)))
        .orElse(now);
  }

  /** Without what happened before, and was listed because something else of it changed. */
  private PollSource.Found recent(PollSource.Found page) {
    @Nullable Instant start = since;
    return start == null
        ? page
        : new PollSource.Found(
            page.items().stream()
                .filter(item -> item.time() != null && !item.time().isBefore(start))
                .toList(),
            page.cursor(),
            page.cut());
  }

  /** What stands in all events is asked for once, and only where there are any. */
  private boolean endList() throws UnusableAnswerException {
    phase = Phase.ABOUT;
    if (pages.stream().anyMatch(page -> !page.items().isEmpty())) {
      aboutToAsk.addAll(source.about());
    }
    return nextAbout();
  }

  private boolean nextAbout() throws UnusableAnswerException {
    @Nullable String name = aboutToAsk.peek();
    if (name == null) {
      return beginDetails();
    }
    request = source.about(name, inputs);
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
      if (kind.hasTime(list.get(i)) && kind.time(list.get(i)).isBefore(oldest)) {
        list.remove(i);
        any = true;
      }
    }
    return any;
  }

  /** What the list only names is asked for when all of it is known. */
  private boolean beginDetails() throws UnusableAnswerException {
    @Nullable PollDetail detail = source.detail();
    boolean lacksOldest = source.newestFirst() && cut != null;
    if (detail == null || lacksOldest) {
      return false;
    }
    for (PollSource.Found page : source.newestFirst() ? pages.reversed() : pages) {
      for (PollSource.Item item : page.items()) {
        wanted.addAll(detail.wanted(json(item)));
      }
    }
    phase = Phase.DETAIL;
    return nextDetail(detail);
  }

  private boolean nextDetail(PollDetail detail) throws UnusableAnswerException {
    if (asked == wanted.size()) {
      return false;
    }
    if (asked >= MOST_DETAILS) {
      cut("more than " + MOST_DETAILS + " items");
      return false;
    }
    PollDetail.Wanted next = wanted.get(asked);
    OutboundRequest filled = detail.request(inputs, next);
    request =
        next.address() == null
            ? filled
            : filled.to(source.near(Objects.requireNonNull(first).uri(), next.address()));
    return true;
  }

  private boolean readDetail(OutboundResponse response) throws UnusableAnswerException {
    PollDetail detail = Objects.requireNonNull(source.detail());
    PollDetail.Wanted thing = wanted.get(asked);
    JsonNode answer;
    try {
      answer = detail.read(source.answer(response));
    } catch (UnusableAnswerException e) {
      Optional<OutboundRequest> less = detail.otherwise(inputs, thing);
      if (isOtherwise || less.isEmpty()) {
        throw e;
      }
      request = less.get();
      isOtherwise = true;
      return true;
    }
    isOtherwise = false;
    if (isTimedByDetail) {
      JsonNode one = JsonNodeFactory.instance.arrayNode().add(answer);
      cursor = after(Objects.requireNonNull(source.cursor()), answer, one, present(response));
      answers.add(answer);
    }
    detail
        .item(thing, answer, inputs)
        .ifPresent(found -> details.add(new Detailed(found, thing.item())));
    asked++;
    return nextDetail(detail);
  }

  /** Whether this status says that what was asked for is gone since the list named it. */
  public boolean isGone(int status) {
    return phase == Phase.DETAIL && PollDetail.isGone(status);
  }

  /**
   * Goes on without what is gone.
   *
   * @return whether there is another thing to ask for
   */
  public boolean skip() throws UnusableAnswerException {
    isOtherwise = false;
    asked++;
    return nextDetail(Objects.requireNonNull(source.detail()));
  }

  /** Where a poll that was cut goes on: behind the last item all of which was asked for. */
  private @Nullable String resumed(PollDetail detail) throws UnusableAnswerException {
    if (phase == Phase.DETAIL && asked == wanted.size()) {
      return items.isEmpty() ? from.cursor() : detail.resume(items.getLast());
    }
    for (int i = asked - 1; i >= 0; i--) {
      if (wanted.get(i).endsItem()) {
        return wanted.get(i).resume();
      }
    }
    return from.cursor();
  }

  private static JsonNode json(PollSource.Item item) {
    try {
      return PollFinder.JSON.readTree(item.payload());
    } catch (IOException e) {
      throw new UncheckedIOException("JSON that was written cannot be read", e);
    }
  }

  /** Of all that there is already only the end is of interest, and the ids where they are few. */
  private boolean readInitial(OutboundResponse response, JsonNode answer)
      throws UnusableAnswerException {
    PollCursor kind = Objects.requireNonNull(source.cursor());
    boolean remember = kind.init() != null && kind.init().remember();
    int size =
        source.finder() instanceof ListFinder lists
            ? answer.at(PollFinder.pointer(lists.items(), inputs)).size()
            : 0;
    itemsRead += size;
    if (remember) {
      if (itemsRead > PollSource.MOST_ITEMS) {
        throw new UnusableAnswerException(
            "expected at most " + PollSource.MOST_ITEMS + " items to begin with, found more");
      }
      pages.add(source.finder().find(answer, inputs, from));
    }
    cursor = led(kind.first(answer));
    @Nullable OutboundRequest next = next(response, answer, size);
    if (next == null) {
      return false;
    }
    if (pagesRead >= MOST_INITIAL_PAGES) {
      cut("more than " + MOST_INITIAL_PAGES + " pages");
      return false;
    }
    request = next;
    return true;
  }

  /** A cursor as it was answered, whole where it is an address. */
  private @Nullable String led(@Nullable String answered) throws UnusableAnswerException {
    @Nullable PollCursor kind = source.cursor();
    return answered == null || kind == null || !kind.isUrl()
        ? answered
        : source.near(Objects.requireNonNull(request).uri(), answered).toString();
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
    boolean lacksOldest = isTimedByDetail && source.newestFirst() && phase != Phase.DETAIL;
    if (cut != null && (oldest != null || lacksOldest)) {
      throw new UnusableAnswerException(
          "expected to get back to "
              + (oldest == null ? from.cursor() : oldest)
              + ", found "
              + cut
              + " that are newer; disable the hook and enable it to begin anew");
    }
    if (isInitial && cut != null) {
      throw new UnusableAnswerException(
          "expected to come to the first cursor, found " + cut + " before it");
    }
    if (!aboutToAsk.isEmpty()) {
      throw new UnusableAnswerException(
          "expected time to ask for what belongs to the items, found " + cut);
    }
    @Nullable PollDetail detail = source.detail();
    if (cut != null && detail != null && !isTimedByDetail) {
      cursor = resumed(detail);
    }
    if (kind != null && cut != null && Objects.equals(cursor, from.cursor())) {
      throw new UnusableAnswerException(
          "expected to get on, found " + cut + " before there was another cursor");
    }
    if (kind != null && cut != null && !kind.isOrdered(isTimedByDetail ? answers : items)) {
      throw new UnusableAnswerException(
          "expected the oldest first, because there is " + cut + ", found another order");
    }
    if (kind != null && cursor == null && (isInitial || !items.isEmpty())) {
      throw new UnusableAnswerException("expected a cursor for the next poll, found none");
    }
    Map<String, PollSource.Item> byId = new LinkedHashMap<>();
    if (detail != null) {
      for (Detailed thing : details) {
        PollSource.Item event =
            source.isMapped()
                ? source.event(
                    thing.found(),
                    new PollPayload.Sources(thing.item(), json(thing.found()), inputs, about))
                : thing.found();
        byId.putIfAbsent(event.id(), event);
      }
      return new PollSource.Found(List.copyOf(byId.values()), cursor, cut);
    }
    for (PollSource.Found page : source.newestFirst() ? pages.reversed() : pages) {
      for (PollSource.Item item : page.items()) {
        PollSource.Item event =
            source.isMapped()
                ? source.event(item, new PollPayload.Sources(json(item), null, inputs, about))
                : item;
        byId.putIfAbsent(event.id(), event);
      }
    }
    return new PollSource.Found(List.copyOf(byId.values()), cursor, cut);
  }

  private @Nullable OutboundRequest next(OutboundResponse response, JsonNode answer, int size)
      throws UnusableAnswerException {
    @Nullable Paging paging = source.paging();
    if (paging == null) {
      return null;
    }
    return switch (paging.next(response, answer, size, pagesRead, itemsRead)) {
      case null -> null;
      case Paging.Next.At(var address) -> linked(address);
      case Paging.Next.With(var value) -> counted(paging.part(), value);
    };
  }

  private OutboundRequest numbered(OutboundRequest plain) {
    @Nullable Paging paging = source.paging();
    return paging == null ? plain : paging.first(plain);
  }

  private OutboundRequest counted(Manifest.PaginatePart part, String value) {
    return withoutValidators(
        part.param() == null
            ? source.first(inputs, from, value, now)
            : RequestQuery.with(Objects.requireNonNull(first), part.param(), value));
  }

  private OutboundRequest linked(String address) throws UnusableAnswerException {
    OutboundRequest last = Objects.requireNonNull(request);
    return withoutValidators(last.to(source.near(last.uri(), address)));
  }

  private static OutboundRequest withoutValidators(OutboundRequest request) {
    Map<String, String> headers = new LinkedHashMap<>(request.headers());
    headers.remove("If-None-Match");
    headers.remove("If-Modified-Since");
    return new OutboundRequest(request.method(), request.uri(), headers, request.body());
  }
}
