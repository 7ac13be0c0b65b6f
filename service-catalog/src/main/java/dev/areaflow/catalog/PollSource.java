package dev.areaflow.catalog;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.expressions.ItemCondition;
import dev.areaflow.expressions.Problem;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Events are what a third party has that it did not have before. Safe for several threads. */
public final class PollSource implements ActionSource {
  /** Most items of one answer, so that all their ids can be remembered. */
  public static final int MOST_ITEMS = 1_000;

  /** Longest id of an item, in characters. */
  public static final int LONGEST_ID = 512;

  private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

  /** While events are delivered, polls only fill gaps. */
  private static final Duration WHILE_SUBSCRIBED = Duration.ofMinutes(15);

  private final RequestTemplate request;
  private final @Nullable PollDetail detail;
  private final ObjectNode defaults;
  private final PollFinder finder;
  private final Map<String, RequestTemplate> about = new TreeMap<>();
  private final PollPayload payload;
  private final boolean isMapped;
  private final @Nullable CanonicalId canonicalId;
  private final boolean recent;
  private final boolean newestFirst;
  private final RequestTemplate initRequest;
  private final @Nullable Endpoint endpoint;
  private final @Nullable Paging paging;
  private final @Nullable PollCursor cursor;
  private final boolean isFeed;
  private final boolean etag;
  private final Manifest.EveryPart every;
  private final @Nullable Webhook wake;

  /**
   * Where a poll starts.
   *
   * @param number counts the polls of a hook
   * @param cursor what the poll before left; null where there was none
   * @param etag the entity tag of the last answer
   * @param lastModified when the last answer was modified, as it said
   */
  public record From(
      long number, @Nullable String cursor, @Nullable String etag, @Nullable String lastModified) {

    /** The first poll of a hook. */
    static final From BEGINNING = new From(1, null, null, null);
  }

  /**
   * What an answer has.
   *
   * @param items the oldest first
   * @param cursor where the next poll starts; null where polls are told nothing
   * @param cut why there is more than this; null where there is not
   */
  public record Found(List<Item> items, @Nullable String cursor, @Nullable String cut) {
    public Found {
      items = List.copyOf(items);
    }
  }

  /**
   * One thing that was found.
   *
   * @param id unique within the hook
   * @param time when it happened; null where the provider does not say
   * @param payload the event's as UTF-8 JSON; not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through uncopied, nobody compares it
  public record Item(String id, @Nullable Instant time, byte[] payload) {}

  /**
   * @param canonicalId what events are known by; null where it is the item's own id
   * @param wake what tells that there is something to look for; null where nothing does
   */
  PollSource(
      Manifest.PollPart part,
      @Nullable ItemCondition where,
      @Nullable PollDetail detail,
      @Nullable CanonicalId canonicalId,
      Inputs inputs,
      @Nullable Endpoint endpoint,
      @Nullable Webhook wake) {
    this.wake = wake;
    this.request = new RequestTemplate(part.request(), endpoint);
    this.detail = detail;
    this.defaults = inputs.defaults();
    this.paging = part.paginate() == null ? null : new Paging(part.paginate());
    this.endpoint = endpoint;
    this.cursor = part.cursor() == null ? null : new PollCursor(part.cursor());
    Manifest.@Nullable InitPart init = cursor == null ? null : cursor.init();
    @Nullable ObjectNode initial = init == null ? null : init.request();
    this.initRequest = initial == null ? request : new RequestTemplate(initial, endpoint);
    this.newestFirst = "newest_first".equals(part.order());
    this.finder =
        part.value() == null
            ? new ListFinder(
                requireNonNull(part.items()),
                requireNonNull(part.id()),
                part.time() == null ? List.of() : part.time(),
                part.again(),
                newestFirst,
                where)
            : new ValueFinder(part.value());
    if (part.about() != null) {
      part.about().forEach((name, asked) -> about.put(name, new RequestTemplate(asked, endpoint)));
    }
    this.payload = PollPayload.of(part);
    this.isMapped = part.payload() != null || part.without() != null || canonicalId != null;
    this.canonicalId = canonicalId;
    this.recent = part.recent();
    this.isFeed = "feed".equals(part.format());
    this.etag = part.etag();
    this.every = part.every();
  }

  @Override
  public <S extends ActionSource> Optional<S> part(Class<S> kind) {
    return ActionSource.super.part(kind).or(() -> wake().flatMap(told -> told.part(kind)));
  }

  /** How the provider tells that there is something to look for; empty if it does not. */
  Optional<Webhook> wake() {
    return Optional.ofNullable(wake);
  }

  /**
   * The time between two polls of a hook where nothing asks for another.
   *
   * @throws IllegalArgumentException if the inputs say one that cannot be
   */
  public Duration every(JsonNode inputs) {
    JsonNode given = every.input() == null ? inputs.path("") : inputs.path(every.input());
    if (given.isMissingNode()) {
      return every.usual();
    }
    Duration least = requireNonNull(every.least());
    try {
      Duration asked = Duration.parse(given.asText());
      if (asked.compareTo(least) >= 0 && asked.compareTo(LONGEST_PAUSE) <= 0) {
        return asked;
      }
    } catch (DateTimeException e) {
      // falls through to the one message below
    }
    throw new IllegalArgumentException(
        "expected a duration from " + least + " to " + LONGEST_PAUSE + ", e.g. PT5M");
  }

  /**
   * The time between two polls of a hook to which events are delivered.
   *
   * @throws IllegalArgumentException if the inputs say one that cannot be
   */
  public Duration whileSubscribed(JsonNode inputs) {
    Duration usual = every(inputs);
    Duration slow = every.subscribed() == null ? WHILE_SUBSCRIBED : every.subscribed();
    return slow.compareTo(usual) > 0 ? slow : usual;
  }

  /** Whether its events may come another way, too, and then have the same ids. */
  public boolean hasCanonicalIds() {
    return canonicalId != null;
  }

  /** What an event is known by; empty where it has not all of that, or items have own ids. */
  Optional<String> canonicalId(JsonNode event) {
    return Optional.ofNullable(canonicalId).flatMap(id -> id.of(event));
  }

  /** Where a poll starts that finds all that there is. */
  From beforeAll() {
    boolean isTime = cursor != null && cursor.isTime();
    return new From(2, isTime ? Instant.EPOCH.plus(LONGEST_PAUSE).toString() : "1", null, null);
  }

  /** The places that are looked at, by their names in the manifest. */
  Map<String, Manifest.PlacePart> places() {
    return finder.places();
  }

  /** Problems of these inputs that their schema cannot find, by pointer; empty if none. */
  public List<Problem> check(JsonNode inputs) {
    List<Problem> problems = new ArrayList<>();
    ObjectNode all = withDefaults(inputs);
    for (Manifest.PlacePart place : places().values()) {
      if (place.input() != null) {
        try {
          PollFinder.pointer(place, all);
        } catch (IllegalArgumentException e) {
          problems.add(
              new Problem("/" + place.input(), "expected a JSON pointer such as /items, or empty"));
        }
      }
    }
    try {
      every(inputs);
    } catch (IllegalArgumentException e) {
      problems.add(new Problem("/" + every.input(), String.valueOf(e.getMessage())));
    }
    if (problems.isEmpty()) {
      try {
        first(all, From.BEGINNING, null, Instant.EPOCH);
        init(all, Instant.EPOCH);
        about.keySet().forEach(name -> about(name, all));
      } catch (InvalidInputsException e) {
        problems.addAll(e.problems());
      }
    }
    return problems;
  }

  /**
   * One poll.
   *
   * @param now when it is carried out
   */
  public PollReading reading(JsonNode inputs, From from, Instant now) {
    return new PollReading(this, withDefaults(inputs), from, now);
  }

  /** The request for the first cursor. */
  OutboundRequest init(ObjectNode inputs, Instant now) {
    return initRequest.fill(values(inputs, null, now));
  }

  /** Whether the first cursor is asked for. */
  boolean hasInit() {
    return cursor != null && cursor.init() != null;
  }

  /** Whether the first poll finds what there is already, of which the newest may become events. */
  public boolean listsWhatIsThere() {
    if (!(finder instanceof ListFinder)) {
      return false;
    }
    return cursor == null || cursor.beginsWithAll();
  }

  /** The first page's request, for the cursor as it is sent. */
  OutboundRequest first(ObjectNode inputs, From from, @Nullable String sent, Instant now) {
    OutboundRequest filled = request.fill(values(inputs, sent, now));
    if (sent != null && cursor != null && cursor.isUrl()) {
      filled = filled.to(URI.create(sent));
    }
    if (etag && from.etag() != null) {
      filled = filled.withHeader("If-None-Match", from.etag());
    }
    return etag && from.lastModified() != null
        ? filled.withHeader("If-Modified-Since", from.lastModified())
        : filled;
  }

  /** What the references of a request stand for. */
  private static ObjectNode values(ObjectNode inputs, @Nullable String cursor, Instant now) {
    ObjectNode values = inputs.deepCopy().put(RequestQuery.NOW, RequestQuery.text(now));
    return cursor == null ? values : values.put(References.CURSOR, cursor);
  }

  /** An address that an answer leads to, as {@link Paging#near}. */
  URI near(URI asked, String address) throws UnusableAnswerException {
    return Paging.near(asked, address, endpoint);
  }

  /** What is asked for besides where there are items, by name. */
  Set<String> about() {
    return about.keySet();
  }

  /** The request for one of {@link #about()}. */
  OutboundRequest about(String name, ObjectNode inputs) {
    return requireNonNull(about.get(name)).fill(inputs);
  }

  /** Whether events are made of more than what was found. */
  boolean isMapped() {
    return isMapped;
  }

  /**
   * The event that something becomes.
   *
   * @param found as it was found
   * @throws UnusableAnswerException if it has not what its id is made of
   */
  Item event(Item found, PollPayload.Sources sources) throws UnusableAnswerException {
    JsonNode event = payload.of(sources);
    String id =
        canonicalId == null
            ? found.id()
            : canonicalId
                .of(event)
                .orElseThrow(
                    () ->
                        new UnusableAnswerException(
                            "expected texts or whole numbers, which the event's id is made of, at "
                                + canonicalId.values()));
    return new Item(id, found.time(), PollFinder.bytes(PollFinder.JSON, event));
  }

  /** Whether only what happened since the poll before is an event, of all that is listed since. */
  boolean isRecent() {
    return recent;
  }

  /** How what the list names is asked for; null where the list has it. */
  @Nullable PollDetail detail() {
    return detail;
  }

  PollFinder finder() {
    return finder;
  }

  boolean newestFirst() {
    return newestFirst;
  }

  /** How the pages of an answer are found; null where it has one only. */
  @Nullable Paging paging() {
    return paging;
  }

  @Nullable PollCursor cursor() {
    return cursor;
  }

  /** Whether a status says that the cursor of a poll is not known any more. */
  public boolean isInvalidCursor(int status, From from) {
    return cursor != null && from.cursor() != null && cursor.isInvalid(status);
  }

  /** The input that may say how often is polled; null where none does. */
  @Nullable String everyInput() {
    return every.input();
  }

  /** Whether answers are asked for only if they changed. */
  public boolean usesEtag() {
    return etag;
  }

  /** A successful answer as JSON. */
  JsonNode answer(OutboundResponse response) throws UnusableAnswerException {
    return isFeed
        ? FeedReader.read(response.body(), response.headers().get("content-type"))
        : PollFinder.json(response.body());
  }

  private ObjectNode withDefaults(JsonNode given) {
    ObjectNode all = defaults.deepCopy();
    given.properties().forEach(input -> all.set(input.getKey(), input.getValue()));
    return all;
  }
}
