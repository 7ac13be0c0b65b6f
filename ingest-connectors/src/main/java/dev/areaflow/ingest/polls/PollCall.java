package dev.areaflow.ingest.polls;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.areaflow.catalog.InvalidInputsException;
import dev.areaflow.catalog.PollReading;
import dev.areaflow.catalog.PollSource;
import dev.areaflow.catalog.Service;
import dev.areaflow.catalog.ServiceCatalog;
import dev.areaflow.catalog.UnusableAnswerException;
import dev.areaflow.catalog.connections.Authorized;
import dev.areaflow.catalog.connections.Credentials;
import dev.areaflow.catalog.http.CallBudgets;
import dev.areaflow.catalog.http.CallResult;
import dev.areaflow.catalog.http.GuardedHttpClient;
import dev.areaflow.catalog.http.OutboundRequest;
import dev.areaflow.catalog.http.OutboundResponse;
import dev.areaflow.schemas.avro.Poll;
import dev.areaflow.schemas.avro.PollItem;
import dev.areaflow.schemas.avro.PollResult;
import dev.areaflow.schemas.avro.PollVerdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries one poll out. Safe for several threads; a call occupies its thread. */
final class PollCall {
  static final int MOST_PER_HOST = 16;

  private static final Logger LOG = LoggerFactory.getLogger(PollCall.class);

  /** Bytes of payload of one page, far below the largest message. */
  static final int PAGE_BYTES = 1024 * 1024;

  private static final int MOST_ITEM_BYTES = 3 * 1024 * 1024;
  private static final int LONGEST_VALIDATOR = 1_000;

  /** A page is asked for only if there is as much time left until the poll is issued again. */
  private static final Duration FOR_ONE_MORE = Duration.ofSeconds(20);

  private static final Duration WAIT_FOR_HOST = Duration.ofSeconds(10);
  private static final Duration HOST_IS_BUSY = Duration.ofSeconds(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServiceCatalog catalog;
  private final GuardedHttpClient client;
  private final Credentials credentials;
  private final CallBudgets budgets;
  private final Clock clock;
  private final LoadingCache<String, Semaphore> hosts =
      Caffeine.newBuilder()
          .expireAfterAccess(Duration.ofMinutes(10))
          .build(host -> new Semaphore(MOST_PER_HOST));

  PollCall(
      ServiceCatalog catalog,
      GuardedHttpClient client,
      Credentials credentials,
      CallBudgets budgets,
      Clock clock) {
    this.catalog = catalog;
    this.client = client;
    this.credentials = credentials;
    this.budgets = budgets;
    this.clock = clock;
  }

  /**
   * The pages of its result, in order; none where it is too late for the poll.
   *
   * @throws InterruptedException if the caller was interrupted; the call is given up
   */
  List<PollResult> carryOut(Poll poll) throws InterruptedException {
    if (!clock.instant().isBefore(poll.getNotAfter())) {
      return List.of();
    }
    Optional<PollSource> source =
        catalog.source(poll.getService(), poll.getAction(), PollSource.class);
    if (source.isEmpty()) {
      return failure(
          poll,
          PollVerdict.PERMANENT,
          poll.getService() + "." + poll.getAction() + " is not polled");
    }
    try {
      return carryOut(poll, source.get(), JSON.readTree(poll.getInputs()));
    } catch (JsonProcessingException e) {
      return failure(poll, PollVerdict.PERMANENT, "inputs: expected a JSON object");
    } catch (InvalidInputsException | UnusableAnswerException e) {
      return failure(poll, PollVerdict.PERMANENT, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return failed(poll, CallResult.of(e));
    } catch (RuntimeException e) {
      LOG.error("poll of hook {} failed", poll.getHookId(), e);
      return failure(
          poll, PollVerdict.PERMANENT, "internal error: " + e.getClass().getSimpleName());
    }
  }

  private List<PollResult> carryOut(Poll poll, PollSource source, JsonNode inputs)
      throws IOException, InterruptedException, UnusableAnswerException {
    PollSource.From from = from(poll);
    PollReading reading = source.reading(inputs, from, clock.instant());
    Service service = catalog.service(poll.getService()).orElseThrow();
    @Nullable OutboundResponse first = null;
    while (true) {
      if (first == null) {
        Optional<Duration> wait =
            budgets.take(poll.getService(), service.limits(), poll.getConnectionId());
        if (wait.isPresent()) {
          return deferred(poll, "all calls that the service takes", wait.get());
        }
      } else { // a poll that was begun comes to its end, or it would never get on
        budgets.owe(poll.getService(), service.limits(), poll.getConnectionId());
      }
      OutboundRequest request = reading.request();
      Optional<Authorized.Lease> lease = Optional.empty();
      if (poll.getConnectionId().isPresent()) {
        switch (authorized(poll, request)) {
          case Authorized.Ready(var ready, var its) -> {
            request = ready;
            lease = Optional.of(its);
          }
          case Authorized.Away(var message) -> {
            return failure(poll, PollVerdict.RETRYABLE, message);
          }
          case Authorized.Reconnect(var message) -> {
            return failure(poll, PollVerdict.PERMANENT, message);
          }
          case Authorized.Gone(var message) -> {
            return failure(poll, PollVerdict.PERMANENT, message);
          }
          case Authorized.Foreign(var message) -> {
            return failure(poll, PollVerdict.PERMANENT, message);
          }
        }
      }
      Optional<OutboundResponse> sent = send(request);
      if (sent.isEmpty()) {
        return deferred(poll, "as many polls of this host at a time as there may be", HOST_IS_BUSY);
      }
      OutboundResponse response = sent.get();
      if (response.status() == 401 && lease.isPresent()) {
        return refused(poll, lease.get());
      }
      if (first == null) {
        first = response;
        if (response.status() == 304
            && source.usesEtag()
            && (from.etag() != null || from.lastModified() != null)) {
          return List.of(
              result(poll, PollVerdict.NOT_MODIFIED)
                  .setRetryAfterMillis(pollInterval(response))
                  .build());
        }
      }
      boolean gone = reading.isGone(response.status());
      if (!gone && source.isInvalidCursor(response.status(), from)) {
        return failure(
            poll,
            PollVerdict.INVALID_CURSOR,
            "answered with status " + response.status() + ": the cursor is not known any more");
      }
      CallResult call = service.result(response, clock.instant());
      service
          .refusal(response, call)
          .ifPresent(wait -> budgets.refused(poll.getService(), poll.getConnectionId(), wait));
      if (!gone && !(call instanceof CallResult.Succeeded)) {
        return failed(poll, call);
      }
      boolean more = gone ? reading.skip() : reading.read(response);
      if (more && !clock.instant().isBefore(poll.getNotAfter().minus(FOR_ONE_MORE))) {
        reading.cut("more pages than there was time for");
        more = false;
      }
      if (!more) {
        return pages(poll, reading.found(), source, first);
      }
    }
  }

  private Authorized authorized(Poll poll, OutboundRequest request) {
    return credentials.authorize(
        poll.getOwnerId(), poll.getConnectionId().orElseThrow(), poll.getService(), request);
  }

  private List<PollResult> refused(Poll poll, Authorized.Lease lease) {
    String message = poll.getService() + " answered with status 401";
    return failure(
        poll,
        credentials.refused(lease, message) ? PollVerdict.RETRYABLE : PollVerdict.PERMANENT,
        message);
  }

  private Optional<OutboundResponse> send(OutboundRequest request)
      throws IOException, InterruptedException {
    String host = String.valueOf(request.uri().getAuthority()).toLowerCase(Locale.ROOT);
    Semaphore room = hosts.get(host);
    if (!room.tryAcquire(WAIT_FOR_HOST.toMillis(), TimeUnit.MILLISECONDS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(client.send(request));
    } finally {
      room.release();
    }
  }

  private static List<PollResult> pages(
      Poll poll, PollSource.Found found, PollSource source, OutboundResponse first) {
    List<List<PollItem>> pages = new ArrayList<>();
    pages.add(new ArrayList<>());
    int bytes = 0;
    for (PollSource.Item item : found.items()) {
      int size = item.payload().length;
      if (size > MOST_ITEM_BYTES) {
        return failure(
            poll, PollVerdict.PERMANENT, "expected items of at most " + MOST_ITEM_BYTES + " bytes");
      }
      if (bytes > 0 && bytes + size > PAGE_BYTES) {
        pages.add(new ArrayList<>());
        bytes = 0;
      }
      bytes += size;
      pages
          .getLast()
          .add(
              PollItem.newBuilder()
                  .setId(item.id())
                  .setTime(item.time())
                  .setPayload(ByteBuffer.wrap(item.payload()))
                  .build());
    }
    int after = found.items().size();
    // What was not modified since would hide what was cut.
    boolean whole = found.cut() == null;
    String attempt = UUID.randomUUID().toString();
    List<PollResult> results = new ArrayList<>();
    for (int page = 0; page < pages.size(); page++) {
      after -= pages.get(page).size();
      results.add(
          result(poll, PollVerdict.FOUND)
              .setCursor(found.cursor())
              .setAttempt(attempt)
              .setEtag(whole ? validator(source, first, "etag") : null)
              .setLastModified(whole ? validator(source, first, "last-modified") : null)
              .setItems(pages.get(page))
              .setCanonical(source.hasCanonicalIds())
              .setPage(page)
              .setPages(pages.size())
              .setItemsAfter(after)
              .setRetryAfterMillis(pollInterval(first))
              .setMessage(found.cut())
              .build());
    }
    return results;
  }

  private static PollSource.From from(Poll poll) {
    return new PollSource.From(
        poll.getNumber(),
        poll.getCursor().orElse(null),
        poll.getEtag().orElse(null),
        poll.getLastModified().orElse(null));
  }

  /** A header that the next poll sends back, where it can be sent. */
  private static @Nullable String validator(
      PollSource source, OutboundResponse response, String header) {
    @Nullable String value = response.headers().get(header);
    return source.usesEtag()
            && value != null
            && value.matches("[\\x20-\\x7e]{1," + LONGEST_VALIDATOR + "}")
        ? value
        : null;
  }

  /** GitHub's way of saying how often a list may be polled, in seconds. */
  private static @Nullable Long pollInterval(OutboundResponse response) {
    String seconds = response.headers().getOrDefault("x-poll-interval", "").strip();
    return seconds.matches("\\d{1,9}")
        ? Math.min(
            Duration.ofSeconds(Long.parseLong(seconds)).toMillis(),
            CallResult.LONGEST_RETRY_AFTER.toMillis())
        : null;
  }

  private static List<PollResult> failed(Poll poll, CallResult call) {
    return switch (call) {
      case CallResult.Retryable(var message, var retryAfter) ->
          List.of(
              result(poll, PollVerdict.RETRYABLE)
                  .setMessage(message)
                  .setRetryAfterMillis(retryAfter.map(Duration::toMillis).orElse(null))
                  .build());
      case CallResult.Unauthorized(var message) -> failure(poll, PollVerdict.PERMANENT, message);
      case CallResult.Permanent(var message) -> failure(poll, PollVerdict.PERMANENT, message);
      case CallResult.Succeeded() -> throw new IllegalArgumentException("is no failure");
    };
  }

  private static List<PollResult> deferred(Poll poll, String used, Duration wait) {
    return List.of(
        result(poll, PollVerdict.DEFERRED)
            .setMessage("put off: there were " + used)
            .setRetryAfterMillis(wait.toMillis())
            .build());
  }

  private static List<PollResult> failure(Poll poll, PollVerdict verdict, String message) {
    return List.of(result(poll, verdict).setMessage(message).build());
  }

  private static PollResult.Builder result(Poll poll, PollVerdict verdict) {
    return PollResult.newBuilder()
        .setHookId(poll.getHookId())
        .setNumber(poll.getNumber())
        .setStartedFrom(poll.getCursor().orElse(null))
        .setVerdict(verdict);
  }
}
