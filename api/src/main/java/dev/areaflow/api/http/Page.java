package dev.areaflow.api.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The part of a list that is asked for.
 *
 * @param limit at most so many items
 * @param after the key of the last item of the page before, as {@link #answer} was given it
 */
public record Page(int limit, Optional<String> after) {
  /** Query parameter of the limit. */
  public static final String LIMIT = "limit";

  /** Query parameter of the cursor. */
  public static final String CURSOR = "cursor";

  private static final int MOST = 200;
  private static final int DEFAULT = 50;

  static Page of(Optional<String> limit, Optional<String> cursor) {
    return new Page(limit.map(Page::limit).orElse(DEFAULT), cursor.map(Page::decode));
  }

  private static int limit(String text) {
    if (text.matches("[0-9]{1,3}")) {
      int value = Integer.parseInt(text);
      if (value >= 1 && value <= MOST) {
        return value;
      }
    }
    throw Problem.parameter(LIMIT, "expected a whole number from 1 to " + MOST);
  }

  private static String decode(String cursor) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Base64.getUrlDecoder().decode(cursor)))
          .toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw unusableCursor();
    }
  }

  /** 400, for cursors that do not hold what the list's keys hold. */
  public static Problem unusableCursor() {
    return Problem.parameter(CURSOR, "expected the value of next from this list's page before");
  }

  /** The key as an id, for lists ordered by id. */
  public Optional<UUID> afterId() {
    return after(UUID::fromString);
  }

  /**
   * The key as the list reads it.
   *
   * @param reader throws {@link IllegalArgumentException} for keys that are not this list's
   */
  public <T> Optional<T> after(Function<String, T> reader) {
    try {
      return after.map(reader);
    } catch (IllegalArgumentException e) {
      throw unusableCursor();
    }
  }

  /** So many rows to ask the database for: one more tells whether there is a next page. */
  public int fetch() {
    return limit + 1;
  }

  /**
   * The page as {@code {"items", "next"}}.
   *
   * @param rows up to {@link #fetch} rows, newest first
   * @param key what {@link #after} gets back on the next page
   */
  public <T> Answer answer(List<T> rows, Function<T, String> key) {
    List<T> items = rows.size() > limit ? rows.subList(0, limit) : rows;
    return answer(items, rows.size() > limit ? key.apply(items.getLast()) : null);
  }

  /**
   * The page as {@code {"items", "next"}}, each row shown as {@code json} makes it.
   *
   * @param rows up to {@link #fetch} rows, newest first
   * @param key what {@link #after} gets back on the next page
   */
  public <T> Answer answer(List<T> rows, Function<T, String> key, Function<T, ?> json) {
    List<T> items = rows.size() > limit ? rows.subList(0, limit) : rows;
    return answer(
        items.stream().map(json).toList(), rows.size() > limit ? key.apply(items.getLast()) : null);
  }

  /** The page where the caller knows the next key; null where this is the last page. */
  public Answer answer(List<?> items, @Nullable String nextKey) {
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("items", items);
    body.put("next", nextKey == null ? null : encode(nextKey));
    return Answer.ok(body);
  }

  private static String encode(String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }
}
