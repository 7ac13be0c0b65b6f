package dev.areaflow.catalog;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where polls go on from, as a manifest says it. A time is kept as RFC 3339, a number as digits,
 * whatever the provider writes. Safe for several threads.
 */
final class PollCursor {
  private static final int LONGEST = 8 * 1024;

  private final Manifest.CursorPart part;
  private final Duration lookback;

  PollCursor(Manifest.CursorPart part) {
    this.part = part;
    this.lookback = part.lookback() == null ? Duration.ZERO : part.lookback();
  }

  boolean isInvalid(int status) {
    return part.onInvalid() != null && part.onInvalid().contains(status);
  }

  /** Whether it is a whole address, which is asked for instead of the request's. */
  boolean isUrl() {
    return part.type().equals("url");
  }

  /** How the provider is asked for the first cursor; null where it is not. */
  Manifest.@Nullable InitPart init() {
    return part.init() == null || part.init().now() ? null : part.init();
  }

  /** The cursor of a time, not after another time. */
  static String notAfter(Instant bound, String cursor) {
    return Instant.parse(cursor).isAfter(bound) ? bound.toString() : cursor;
  }

  /** Whether the first poll's items are kept: all that there are, or those of the first answer. */
  boolean beginsWithAll() {
    return part.init() == null || part.init().remember();
  }

  /** The cursor of the first poll, where it is not asked for. */
  @Nullable String initial(Instant now) {
    return part.init() == null || !part.init().now() ? null : now.toString();
  }

  /**
   * The first cursor, or null where this page of the answer has none.
   *
   * @throws UnusableAnswerException if it cannot be one
   */
  @Nullable String first(JsonNode answer) throws UnusableAnswerException {
    Manifest.@Nullable InitPart init = init();
    return init == null || init.next() == null
        ? token(null, answer, requireNonNull(part.next().pointer()))
        : token(null, answer, List.of(init.next()));
  }

  /** A cursor as it is sent. */
  String sent(String cursor) {
    if (!part.type().equals("time")) {
      return cursor;
    }
    Instant from = start(cursor);
    return "seconds".equals(part.format()) ? Long.toString(from.getEpochSecond()) : from.toString();
  }

  boolean isTime() {
    return part.type().equals("time");
  }

  /** The time that a poll with this cursor asks from. */
  Instant start(String cursor) {
    return Instant.parse(cursor).minus(lookback).truncatedTo(ChronoUnit.SECONDS);
  }

  /**
   * The cursor after a page.
   *
   * @param last the one before it
   * @param list the page's items
   * @param now no time is later: one that an item has by mistake would hide all that comes
   * @throws UnusableAnswerException if it is not where it should be
   */
  @Nullable String after(@Nullable String last, JsonNode answer, JsonNode list, Instant now)
      throws UnusableAnswerException {
    return switch (part.type()) {
      case "time" -> newest(last, list, now);
      case "number" -> highest(last, list);
      default -> token(last, answer, requireNonNull(part.next().pointer()));
    };
  }

  /** Pages but the last need not have one. */
  private static @Nullable String token(
      @Nullable String last, JsonNode answer, List<String> pointers)
      throws UnusableAnswerException {
    for (String pointer : pointers) {
      JsonNode token = answer.at(pointer);
      if (token.isContainerNode() || token.asText().length() > LONGEST) {
        throw new UnusableAnswerException(
            "expected a cursor of at most " + LONGEST + " characters at " + pointer);
      }
      if (!token.isMissingNode() && !token.isNull() && !token.asText().isEmpty()) {
        return token.asText();
      }
    }
    return last;
  }

  private @Nullable String newest(@Nullable String last, JsonNode list, Instant now)
      throws UnusableAnswerException {
    @Nullable Instant newest = last == null ? null : Instant.parse(last);
    for (JsonNode item : list) {
      if (hasTime(item)) {
        Instant time = time(item);
        Instant bounded = time.isAfter(now) ? now : time;
        newest = newest == null || bounded.isAfter(newest) ? bounded : newest;
      }
    }
    return newest == null ? null : newest.toString();
  }

  private @Nullable String highest(@Nullable String last, JsonNode list)
      throws UnusableAnswerException {
    @Nullable BigInteger highest = last == null ? null : new BigInteger(last);
    for (JsonNode item : list) {
      BigInteger number = number(item);
      highest = highest == null ? number : highest.max(number);
    }
    return highest == null ? null : highest.toString();
  }

  /** Whether all that comes after these items is at or after the cursor that they make. */
  boolean isOrdered(List<JsonNode> items) throws UnusableAnswerException {
    for (int i = 1; i < items.size(); i++) {
      boolean ordered =
          switch (part.type()) {
            case "time" ->
                hasTime(items.get(i))
                    && hasTime(items.get(i - 1))
                    && !time(items.get(i)).isBefore(time(items.get(i - 1)));
            case "number" -> number(items.get(i)).compareTo(number(items.get(i - 1))) >= 0;
            default -> true;
          };
      if (!ordered) {
        return false;
      }
    }
    return true;
  }

  /** Whether an item happened already; one whose time is null has yet to. */
  boolean hasTime(JsonNode item) {
    return !item.at(part.next().max()).isNull();
  }

  /** When an item says that it happened. */
  Instant time(JsonNode item) throws UnusableAnswerException {
    @Nullable Instant time = ListFinder.instant(item.at(part.next().max()));
    if (time == null) {
      throw unusable("a time");
    }
    return time;
  }

  private BigInteger number(JsonNode item) throws UnusableAnswerException {
    String digits = item.at(part.next().max()).asText();
    if (!digits.matches("[0-9]{1,100}")) {
      throw unusable("a whole number");
    }
    return new BigInteger(digits);
  }

  private UnusableAnswerException unusable(String kind) {
    return new UnusableAnswerException(
        "expected " + kind + " at " + part.next().max() + " of each item");
  }
}
