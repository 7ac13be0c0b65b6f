package dev.areaflow.catalog.http;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a call's answer, or the lack of one, means for its command. */
public sealed interface CallResult {
  /** The longest wait that a provider's {@code Retry-After} is taken for. */
  Duration LONGEST_RETRY_AFTER = Duration.ofHours(24);

  /** Done: a 2xx. */
  record Succeeded() implements CallResult {}

  /**
   * Trying again may help: 408, 425, 429, 5xx, connection errors, timeouts.
   *
   * @param message what happened, in words, without anything of the answer's body
   * @param retryAfter how long the provider asks to wait, at most {@link #LONGEST_RETRY_AFTER}
   */
  record Retryable(String message, Optional<Duration> retryAfter) implements CallResult {}

  /**
   * Trying again cannot help: 3xx, other 4xx than 401, blocked targets.
   *
   * @param message what happened, in words, without anything of the answer's body
   */
  record Permanent(String message) implements CallResult {}

  /**
   * The credentials were not good enough: 401.
   *
   * @param message what happened, in words, without anything of the answer's body
   */
  record Unauthorized(String message) implements CallResult {}

  /**
   * What an answer means.
   *
   * @param now the time that a date in {@code Retry-After} is compared with
   */
  static CallResult of(OutboundResponse response, Instant now) {
    int status = response.status();
    String message = "answered with status " + status;
    if (status >= 200 && status < 300) {
      return new Succeeded();
    }
    if (status >= 300 && status < 400) {
      return new Permanent(message + "; redirects are not followed");
    }
    if (status == 408 || status == 425 || status == 429 || status >= 500) {
      return new Retryable(message, retryAfter(response, now));
    }
    return status == 401 ? new Unauthorized(message) : new Permanent(message);
  }

  /** What it means that there was no answer. */
  static CallResult of(IOException failure) {
    return switch (failure) {
      case BlockedTargetException blocked -> new Permanent(String.valueOf(blocked.getMessage()));
      case HttpTimeoutException timeout ->
          new Retryable(String.valueOf(timeout.getMessage()), Optional.empty());
      default ->
          new Retryable(
              failure.getClass().getSimpleName() + ": " + failure.getMessage(), Optional.empty());
    };
  }

  /** How long an answer's {@code Retry-After} asks to wait; empty if it does not. */
  static Optional<Duration> retryAfter(OutboundResponse response, Instant now) {
    @Nullable String value = response.headers().get("retry-after");
    if (value == null) {
      return Optional.empty();
    }
    String text = value.strip();
    Duration wait;
    try {
      wait =
          text.matches("\\d{1,9}")
              ? Duration.ofSeconds(Long.parseLong(text))
              : Duration.between(now, HttpDate.parse(text, now));
    } catch (DateTimeException e) {
      return Optional.empty(); // a provider's slip must not stop the retry
    }
    return Optional.of(bounded(wait));
  }

  /** A wait from now on that a provider may ask for. */
  static Duration bounded(Duration wait) {
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait;
  }
}
